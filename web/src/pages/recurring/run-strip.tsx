import type { ReactElement } from "react";
import type { JobRow } from "../../../../src/dashboard/api/index.ts";
import type { JobState } from "../../parts/states.ts";
import { formatDuration } from "../../time/format-duration.ts";
import { fullTime } from "../../time/format-time.ts";
import { useZone } from "../../time/zone.ts";

const FILL: Readonly<Record<JobState, string>> = {
  Enqueued: "bg-enqueued/40",
  Scheduled: "bg-scheduled/40",
  Awaiting: "bg-awaiting/40",
  Processing: "bg-processing",
  Succeeded: "bg-succeeded",
  Failed: "bg-failed",
  Deleted: "bg-deleted/50",
};
const TALLEST = 28;

/** A bar for each run, oldest first, as tall as it was long: the odd one out is seen at once. A failed one is full height. */
export function RunStrip({ rows }: { readonly rows: readonly JobRow[] }): ReactElement {
  const zone = useZone();
  const longest = Math.max(1, ...rows.map(({ durationMs }) => durationMs ?? 0));
  return (
    <ol className="flex h-8 items-end gap-0.5">
      {rows.toReversed().map(({ id, state, stateAt, durationMs }) => {
        const told = `${state}, ${durationMs === null ? "" : `${formatDuration(durationMs)}, `}${fullTime(stateAt, zone)}`;
        const height = state === "Failed" ? TALLEST : 6 + ((TALLEST - 6) * (durationMs ?? 0)) / longest;
        return (
          <li key={id} title={told} className="flex h-full max-w-4 flex-1 items-end">
            <span className="sr-only">{told}</span>
            <span className={`block w-full rounded-xs ${FILL[state]}`} style={{ height }} />
          </li>
        );
      })}
    </ol>
  );
}
