import type { ReactElement } from "react";
import { useNow } from "./clock.ts";
import { formatDuration, formatRelative } from "./format-duration.ts";
import { fullTime, shortTime } from "./format-time.ts";
import { useZone } from "./zone.ts";

/** One instant, in two ways: how far from now, and when by the clock. Pointing at it tells it in full. */
export function Instant({ at, stacked }: { readonly at: number; readonly stacked?: boolean }): ReactElement {
  const zone = useZone();
  const now = useNow();
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={fullTime(at, zone)}
      className={`whitespace-nowrap ${stacked ? "inline-flex flex-col" : ""}`}
    >
      {formatRelative(at, now)} <span className="text-xs text-muted">{shortTime(at, zone, now)}</span>
    </time>
  );
}

/** How far from now, alone; for places where the clock stands elsewhere. */
export function Ago({ at }: { readonly at: number }): ReactElement {
  const zone = useZone();
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at, zone)} className="whitespace-nowrap">
      {formatRelative(at, now)}
    </time>
  );
}

/** How long something goes on that has not ended. */
export function Since({ at }: { readonly at: number }): ReactElement {
  const now = useNow();
  return <span className="whitespace-nowrap">{formatDuration(Math.max(0, now - at))}</span>;
}
