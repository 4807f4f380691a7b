import type { Due } from "./insert.ts";
import type { JobState } from "./job-record.ts";

/** The states that a commit may enter: Processing is entered by claims alone, Awaiting by insert alone. */
export type CommitState = Exclude<JobState, "Processing" | "Awaiting">;

/**
 * A change of state, decided by the caller from what it has read, accepted by the store only while `fence` is still
 * the job's fence. A claim's fence belongs to one owner, so neither owner nor state is part of the guard.
 */
export interface Change {
  readonly id: string;
  readonly fence: number;
  readonly state: CommitState;
  /** Tail of `state`. For Enqueued the store appends it to the history, else it goes to the columns. */
  readonly entry: string;
  /** The history up to and including the state that is left (`pastOf`). */
  readonly past: string;
  /** Tails of candidates that were replaced before they took effect, such as Failed before a retry: stamped now. */
  readonly replaced?: readonly string[];
  /** The run that this change settles has failed: `failures` rises by one. */
  readonly failed?: boolean;
  /** What ran it died under it, and it alone is to blame: `crashes` rises by one. */
  readonly crashed?: boolean;
  /** For Scheduled, and only there. Default: now. */
  readonly due?: Due;
  /** For Scheduled: the job is still for the time that it was for. Left out, it is from now on for its due time. */
  readonly keepsPlan?: boolean;
  /** The job goes back where it stood (a run that was interrupted) instead of to the end of its queue. */
  readonly keepSeq?: boolean;
  /** A new queue; left out, the job keeps its own. */
  readonly queue?: string;
  /** The job's parameters from now on, all of them; left out, it keeps its own. */
  readonly parameters?: string;
}

/**
 * - `applied`: written; the fence is now the given one + 1.
 * - `already`: a replay: the fence is the given one + 1, with the state and entry of this very change.
 * - `stale`: the job has another fence: somebody else has changed it, this caller's claim is over.
 * - `gone`: there is no such job.
 * - `busy`: a neighbour holds what this change needs; nothing was written, try again.
 */
export type CommitOutcome = "applied" | "already" | "stale" | "gone" | "busy";

/** What `giveBack`, `park`, `blame` and `append` answer for each claim. */
export type ClaimOutcome = "applied" | "stale";
