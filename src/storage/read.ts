import type { JobRecord, JobState, RestState } from "./job-record.ts";

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

/** What `watch` tells of a job: it is at rest, or it is gone. */
export interface EndedJob {
  readonly id: string;
  /** Null when there is no such job. */
  readonly state: RestState | null;
  /** Tail of that state: it holds the result, or the error. Empty when the job is gone. */
  readonly entry: string;
}

/** A parent of a gated job, in the order in which the job was given them. */
export interface ParentRecord {
  readonly id: string;
  /** Null when the parent is gone. */
  readonly state: JobState | null;
  /** Tail of the parent's current state: it holds the result. */
  readonly entry: string;
}
