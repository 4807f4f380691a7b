import type { ReactElement } from "react";
import type { Meta } from "../../../src/dashboard/api/index.ts";
import { useFeed } from "../api/live-feed.ts";
import { useNow } from "../time/clock.ts";
import { formatDuration } from "../time/format-duration.ts";
import { clockTime } from "../time/format-time.ts";
import { useZone } from "../time/zone.ts";

const SKEW_MS = 2_000;
const WORDS = { fsync: "each write to disk", os: "to the operating system", none: "in memory only" } as const;

/** What is served, by what, and how its clock stands. */
export function Foot({ meta }: { readonly meta: Meta }): ReactElement {
  const { snapshot } = useFeed();
  const zone = useZone();
  const now = useNow();
  const { version, storage, readOnly, knowsJobs, viewer } = meta;
  const skew = meta.appNow - meta.now;
  return (
    <footer className="mt-10 flex flex-wrap gap-x-5 gap-y-1 border-t border-line pt-3 text-xs text-muted">
      <span>Firelater {version}</span>
      <span title={storage.durability.setting}>
        {storage.engine} · {WORDS[storage.durability.level]}
      </span>
      <span>Storage time {clockTime(now, zone)}</span>
      {Math.abs(skew) > SKEW_MS && (
        <span className="font-medium text-warning">Clocks differ by {formatDuration(Math.abs(skew))}</span>
      )}
      {snapshot && <span>Answered in {formatDuration(snapshot.tookMs)}</span>}
      {readOnly && <span>Read only</span>}
      {!knowsJobs && !readOnly && (
        <span>Started without the application's jobs: what is done here asks none of their filters</span>
      )}
      {viewer.name !== null && <span className="ml-auto">Signed in as {viewer.name}</span>}
    </footer>
  );
}
