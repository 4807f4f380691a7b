import type { ReactElement } from "react";
import type { NextRun } from "../../../../src/dashboard/api/index.ts";
import { Icon } from "../../parts/icon.tsx";
import { useNow } from "../../time/clock.ts";
import { formatRelative } from "../../time/format-duration.ts";
import { offsetOf, shortTime } from "../../time/format-time.ts";
import { useZone } from "../../time/zone.ts";

/** The next runs by the clock of their own zone, and by that of the viewer where it differs. Where the clock jumps, it is said. */
export function NextRuns({
  runs,
  timeZone,
}: {
  readonly runs: readonly NextRun[];
  readonly timeZone: string;
}): ReactElement {
  const zone = useZone();
  const now = useNow();
  if (runs.length === 0)
    return <p className="text-muted">It never runs again by itself: look at its expression.</p>;
  return (
    <ol>
      {runs.map(({ at, local, offset, jump }) => (
        <li key={at}>
          {jump !== 0 && (
            <p className="my-1 flex items-center gap-2 rounded-md bg-warning-wash px-2 py-1 text-xs text-warning">
              <Icon name="clock" size={13} />
              The clock in {timeZone} is set {Math.abs(jump)} minutes {jump > 0 ? "forward" : "back"} before
              this run
            </p>
          )}
          <div className="flex flex-wrap items-baseline gap-x-3 py-1">
            <span>{local.replace("T", " ")}</span>
            <span className="text-xs text-muted">{offsetOf(offset)}</span>
            <span className="ml-auto text-xs text-muted">
              {zone !== timeZone && `${shortTime(at, zone, now)} here · `}
              {formatRelative(at, now)}
            </span>
          </div>
        </li>
      ))}
    </ol>
  );
}
