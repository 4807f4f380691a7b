import type { HistoryItem, Job } from "../../../../src/dashboard/api/index.ts";
import type { JobState } from "../../parts/states.ts";

export interface Segment {
  readonly state: JobState;
  readonly from: number;
  readonly to: number;
  readonly attempt: number | null;
  readonly server: string | null;
  /** It still goes on. */
  readonly open: boolean;
}

export interface Course {
  readonly segments: readonly Segment[];
  readonly waitedMs: number;
  readonly ranMs: number;
  readonly from: number;
  readonly to: number;
}

const AT_REST: readonly JobState[] = ["Succeeded", "Failed", "Deleted"];

/** How long the job was in which state, from its first entry until it came to rest, or until now. */
export function courseOf({ history }: Pick<Job, "history">, now: number): Course {
  const segments = history.flatMap((item, at) => segmentOf(item, history[at + 1], now));
  const lasted = (wanted: (state: JobState) => boolean) =>
    segments.filter(({ state }) => wanted(state)).reduce((sum, { from, to }) => sum + to - from, 0);
  return {
    segments,
    waitedMs: lasted((state) => state !== "Processing" && !AT_REST.includes(state)),
    ranMs: lasted((state) => state === "Processing"),
    from: segments[0]?.from ?? now,
    to: segments.at(-1)?.to ?? now,
  };
}

function segmentOf(item: HistoryItem, next: HistoryItem | undefined, now: number): Segment[] {
  const { at, state, attempt, server } = item;
  const resting = AT_REST.includes(state);
  // A failure that is tried again is left in the same instant: it is a mark, not a span.
  const to = next?.at ?? (resting ? at : Math.max(at, now));
  return [
    { state, from: at, to, attempt, server: server?.name ?? null, open: next === undefined && !resting },
  ];
}
