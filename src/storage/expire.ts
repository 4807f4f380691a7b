import type { JobState } from "./job-record.ts";

/** The states that retention applies to: a job that still waits or runs never expires. */
export type FinishedState = Extract<JobState, "Succeeded" | "Failed" | "Deleted">;

/** How long jobs of one state are kept: whichever bound is reached first. */
export interface Retention {
  readonly state: FinishedState;
  /** Milliseconds since the state was entered; null keeps them for ever. */
  readonly ageMs: number | null;
  /** The newest this many stay; null keeps all. */
  readonly count: number | null;
}

export interface ExpireRequest {
  readonly retention: Retention;
  /** Rows looked at in this bite. */
  readonly limit: number;
  /** `next` of the bite before: jobs that may not go yet (a child still waits for them) are passed over. */
  readonly after?: string;
}

export interface ExpireResult {
  readonly expired: number;
  /** Where the next bite of this pass starts; null at the end of what is out of date. */
  readonly next: string | null;
}
