/**
 * The text of a job's past.
 *
 * History is JSON Lines: one object a line, each line ended by `\n`, oldest first. An entry is
 * `{"at":<store ms>,<tail>}`; the *tail* is the rest of the object without braces, such as
 * `"state":"Enqueued","reason":"Requeued"`. The caller composes tails and the store puts its own time before them, so
 * every engine appends with plain text concatenation: no JSON functions, no parsing, no clock but the store's.
 *
 * Who writes what:
 * - The entry of **Enqueued** is appended by the write that enters Enqueued. `claim` therefore writes columns only.
 * - Every other state lives in the columns (`state`, `stateAt`, `entry`) and is appended when it is left: by the caller
 *   of `commit`, who composes `past`, and by the store in `promote`, `release` and `recover`.
 * - Readers show the lines and then the current state, which for Enqueued is the last line already.
 */
import type { GateCondition } from "./insert.ts";
import type { JobState } from "./job-record.ts";

/** Entries kept. Older ones are dropped from the front, and counted in one `{"dropped":n}` line. */
export const HISTORY_ENTRIES = 50;

/** The tail of an entry: state, reason and data as JSON members without the braces. */
export function entryTail(
  state: JobState,
  reason?: string | null,
  data?: Readonly<Record<string, unknown>>,
): string {
  const head = `"state":"${state}"`;
  if (reason === undefined || reason === null) return data === undefined ? head : `${head}${members(data)}`;
  return `${head},"reason":${JSON.stringify(reason)}${data === undefined ? "" : members(data)}`;
}

function members(data: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(data);
  return text.length > 2 ? `,${text.slice(1, -1)}` : "";
}

/** One stamped line of history. */
export function entryLine(at: number, tail: string): string {
  return `{"at":${at},${tail}}\n`;
}

/** The past of a job that leaves its current state, bounded: what a caller of `commit` gives as `past`. */
export function pastOf(job: {
  readonly history: string;
  readonly state: JobState;
  readonly stateAt: number;
  readonly entry: string;
}): string {
  return boundHistory(
    job.state === "Enqueued" ? job.history : job.history + entryLine(job.stateAt, job.entry),
  );
}

/** The newest 50 entries, and how many were dropped. Short histories, nearly all, are returned untouched. */
export function boundHistory(history: string): string {
  // No entry is shorter than 20 characters: a short text cannot hold too many.
  if (history.length < HISTORY_ENTRIES * 20) return history;
  const lines = history.split("\n");
  lines.pop();
  const droppedBefore = countDropped(lines[0]);
  if (droppedBefore > 0) lines.shift();
  if (lines.length <= HISTORY_ENTRIES) return history;
  const kept = lines.slice(-HISTORY_ENTRIES);
  return `{"dropped":${droppedBefore + lines.length - kept.length}}\n${kept.join("\n")}\n`;
}

function countDropped(line: string | undefined): number {
  return Number(/^\{"dropped":(\d{1,15})\}$/.exec(line ?? "")?.[1] ?? 0);
}

/** What the drivers write where no caller composes: the same words in every engine. */
export const TAIL = {
  promoted: entryTail("Enqueued", "Its time has come"),
  released: entryTail("Enqueued", "All parents have succeeded"),
  releasedByDeletion: entryTail("Enqueued", "All parents were deleted"),
  releasedByEnd: entryTail("Enqueued", "All parents have ended"),
  admitted: entryTail("Enqueued", "A permit of its key is free"),
  skipped: entryTail("Deleted", "Skipped: no permit of its key was free"),
  conditionNotMet: entryTail("Deleted", "Continuation condition was not met"),
  parked: entryTail("Enqueued", "Waiting for code: the server that fetched it does not know this name"),
  recovered: entryTail("Enqueued", "Recovered: its server was lost before it finished"),
  quarantined: entryTail(
    "Failed",
    "Quarantined: three servers died while this job was running; requeue it once the cause is mended",
  ),
  awaiting: entryTail("Awaiting"),
} as const;

/** What stands in the history of a job whose gate has opened. */
export function releasedTail(condition: GateCondition): string {
  if (condition === "succeeded") return TAIL.released;
  return condition === "deleted" ? TAIL.releasedByDeletion : TAIL.releasedByEnd;
}
