import type { JobRecord, JobState, RestState } from "./job-record.ts";

export interface ListQuery {
  readonly state: JobState;
  /** Rows at most, up to 1,000. */
  readonly limit: number;
  /** `next` of the page before; left out for the first. */
  readonly after?: string;
  /** Only jobs of which all of this is so. */
  readonly where?: JobWhere;
  /** With `where`: rows looked at, at most and by default `MAX_SCAN`. A page that ends there is short, and not the last. */
  readonly scan?: number;
}

/** Conditions of a search. Texts are at most `WHERE_CHARS` long. */
export interface JobWhere {
  readonly name?: string;
  readonly queue?: string;
  readonly tag?: string;
  /** The state was entered at or after `since`, and before `before`. */
  readonly since?: number;
  readonly before?: number;
  /** A part of the text of the arguments. ASCII letters match whatever their case; other characters as they are. */
  readonly args?: string;
  /** A part of the entry of the current state (its reason, error or result), likewise. */
  readonly entry?: string;
}

export const MAX_SCAN = 10_000;
export const WHERE_CHARS = 200;

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
