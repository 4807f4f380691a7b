import type { JobLimit } from "./insert.ts";

/** The seven states of Hangfire. `Succeeded` and `Deleted` are final and expire; `Failed` waits for a person. */
export type JobState =
  | "Enqueued"
  | "Scheduled"
  | "Awaiting"
  | "Processing"
  | "Succeeded"
  | "Failed"
  | "Deleted";

export const JOB_STATES: readonly JobState[] = [
  "Enqueued",
  "Scheduled",
  "Awaiting",
  "Processing",
  "Succeeded",
  "Failed",
  "Deleted",
];

/** Final states open or break gates, and expire. */
export function isFinal(state: JobState): boolean {
  return state === "Succeeded" || state === "Deleted";
}

/** States that a job leaves only when somebody wants it to: whoever waits for its result need not wait on. */
export type RestState = Extract<JobState, "Succeeded" | "Failed" | "Deleted">;

export function isAtRest(state: JobState): state is RestState {
  return isFinal(state) || state === "Failed";
}

/**
 * Why a job may not run now. A job without a hold and in state Enqueued is *ready*, and only ready jobs are in the
 * set that `claim` looks at.
 *
 * - `due`: its time has not come (state Scheduled).
 * - `gate`: it waits for its parents (state Awaiting).
 * - `unknown`: a server that does not know its name has parked it (state Enqueued).
 * - `limit`: it waits for a permit of its key (state Enqueued).
 */
export type Hold = "due" | "gate" | "unknown" | "limit";

/** Bits of `flags`: what a write has to look after besides the row. 0 takes the plain path. */
export const FLAG = {
  /** The job was inserted behind a gate: its parents' results may be asked for (`parents`). */
  gated: 1,
  /** Other jobs wait, or waited, for this one: a final state resolves edges. */
  parent: 2,
  /** Recovered from a lost server and not settled since: it is claimed into a slot, never into a buffer. */
  recovered: 4,
  /** `append` has stored something beside the row; whatever removes the job removes that too. */
  appended: 8,
  /** It has a `limit`: it is ready or Processing only with a permit, and never claimed into a buffer. */
  limited: 16,
} as const;

/** One job as a storage keeps it. Times are the store's clock in Unix milliseconds. */
export interface JobRecord {
  /** UUID in lower case, of any version. Identity only: nothing is ever ordered by it. */
  readonly id: string;
  readonly queue: string;
  /** −priority: every engine then keeps its order ascending. −32767…32767. */
  readonly rank: number;
  /**
   * A rising number that the *store* assigns: new at insert, promotion, gate release, retry and requeue; kept when a
   * job is given back, recovered, adopted or gets the permit that it waited for. The order of the ready set is (queue, rank, seq): FIFO means seq.
   */
  readonly seq: number;
  readonly state: JobState;
  /** When the state was entered. */
  readonly stateAt: number;
  /** The tail (see `history.ts`) of the current state; empty in Enqueued, whose entry closes `history`. */
  readonly entry: string;
  readonly hold: Hold | null;
  readonly createdAt: number;
  /** The time the job was last scheduled for, by a retry too; null when it never was. */
  readonly dueAt: number | null;
  /** The time that the job is for, which no retry moves: what people scheduled it for, or its slot. null: when it was created. */
  readonly plannedAt: number | null;
  /** The name in the registry, `group.member` or `entry`. Never resolved by a storage. */
  readonly name: string;
  /** Encoded arguments: opaque UTF-8 text. */
  readonly args: string;
  readonly displayName: string | null;
  /** Runs that failed: rises only in the commit that settles a failed run. attempt = failures + 1. */
  readonly failures: number;
  /** Servers that died while this job was to blame. */
  readonly crashes: number;
  /** The version of the job: rises with every accepted change, survives final states and requeues, never restarts. */
  readonly fence: number;
  readonly limit: JobLimit | null;
  /** JSON text of an object, written by filters; null when nobody has. */
  readonly parameters: string | null;
  readonly tags: readonly string[];
  /** The incarnation that holds the claim; null outside Processing. */
  readonly owner: string | null;
  readonly flags: number;
  /** The states before the current one, oldest first: see `history.ts`. */
  readonly history: string;
}
