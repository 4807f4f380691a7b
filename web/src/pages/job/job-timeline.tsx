import type { ReactElement } from "react";
import type { Job } from "../../../../src/dashboard/api/index.ts";
import { StateShape } from "../../parts/state-mark.tsx";
import { type JobState, STATE_COLOUR } from "../../parts/states.ts";
import { useNow } from "../../time/clock.ts";
import { formatDuration } from "../../time/format-duration.ts";
import { shortTime } from "../../time/format-time.ts";
import { useZone } from "../../time/zone.ts";
import { courseOf, type Segment } from "./timeline-segments.ts";

/** Waiting is pale, running is solid: how the time was spent is seen before it is read. */
const FILL: Readonly<Record<JobState, string>> = {
  Enqueued: "bg-enqueued/25",
  Scheduled: "bg-scheduled/25",
  Awaiting: "bg-awaiting/25",
  Processing: "bg-processing",
  Succeeded: "bg-succeeded",
  Failed: "bg-failed",
  Deleted: "bg-deleted",
};

/** The life of the job to scale. */
export function JobTimeline({ job }: { readonly job: Job }): ReactElement {
  const now = useNow();
  const zone = useZone();
  const { segments, waitedMs, ranMs, from, to } = courseOf(job, now);
  return (
    <section aria-label="Timeline" className="card px-4 py-3">
      <div className="mb-2 flex flex-wrap gap-x-5 text-xs text-muted">
        <span>
          Waited <b className="font-semibold text-ink">{formatDuration(waitedMs)}</b>
        </span>
        <span>
          Ran <b className="font-semibold text-ink">{formatDuration(ranMs)}</b>
        </span>
        <span className="ml-auto">to scale</span>
      </div>
      <ol className="flex h-9 items-stretch gap-px">
        {segments.map((segment, at) => (
          <Span
            // biome-ignore lint/suspicious/noArrayIndexKey: the end of the last one moves, and it stays the same
            key={at}
            segment={segment}
            whole={Math.max(1, to - from)}
          />
        ))}
      </ol>
      <div className="mt-1 flex justify-between gap-4 text-xs text-muted">
        <span>{shortTime(from, zone, now)}</span>
        <span>{segments.at(-1)?.open ? "now" : shortTime(to, zone, now)}</span>
      </div>
    </section>
  );
}

function Span({ segment, whole }: { readonly segment: Segment; readonly whole: number }): ReactElement {
  const { state, from, to, attempt, server, open } = segment;
  const length = to - from;
  const run = state === "Processing" && attempt !== null ? `, run ${attempt}` : "";
  const told = `${state}${run}${server === null ? "" : ` on ${server}`}${length > 0 ? `, ${formatDuration(length)}` : ""}${open ? ", until now" : ""}`;
  if (length <= 0) {
    return (
      <li title={told} className="grid w-5 shrink-0 place-items-center">
        <span className="sr-only">{told}</span>
        <StateShape state={state} size={16} />
      </li>
    );
  }
  const wide = length / whole > 0.14;
  return (
    <li
      title={told}
      className={`flex min-w-1.5 items-center overflow-hidden rounded-sm px-1 ${FILL[state]} ${open ? "pulse-dot" : ""}`}
      style={{ flexGrow: length, flexBasis: 0 }}
    >
      <span
        className={
          wide
            ? `truncate text-xs font-medium ${state === "Processing" ? "text-background" : STATE_COLOUR[state]}`
            : "sr-only"
        }
      >
        {wide
          ? `${state === "Processing" && attempt !== null ? `Run ${attempt}` : state} · ${formatDuration(length)}`
          : told}
      </span>
    </li>
  );
}
