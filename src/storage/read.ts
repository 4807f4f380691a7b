import type { JobRecord, JobState } from "./job-record.ts";

export interface ListQuery {
  readonly state: JobState;
  /** Rows at most, up to 1,000. */
  readonly limit: number;
  /** `next` of the page before; left out for the first. */
  readonly after?: string;
}

/** One page, in the order that `README.md` gives for the state, by keyset: never an offset, never a count. */
export interface Page {
  readonly rows: readonly JobRecord[];
  /** Where the next page starts; null when this was the last. */
  readonly next: string | null;
}

/** How many jobs are in each state. */
export type StateCounts = Readonly<Record<JobState, number>>;

/** A parent of a gated job, in the order in which the job was given them. */
export interface ParentRecord {
  readonly id: string;
  /** Null when the parent is gone. */
  readonly state: JobState | null;
  /** Tail of the parent's current state: it holds the result. */
  readonly entry: string;
}
