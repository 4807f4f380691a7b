/** The body of every answer that is not 2xx. */
export interface ApiError {
  /** Stable; `FL_…` as in the errors of the package. */
  readonly code: string;
  /** What happened, and why. Text, to be shown as it is. */
  readonly message: string;
  /** What to do about it; null when there is nothing to say. */
  readonly mend: string | null;
}

/** Why an answer is not whole: `time`: the time of a request was over; `scan`: the bound of rows to look at was reached. */
export type Incomplete = "time" | "scan";

/** Members of every answer that lists or counts. */
export interface Bounded {
  /** The storage's clock when it was read. */
  readonly at: number;
  /** Null when the answer is whole. */
  readonly incomplete: Incomplete | null;
}

/** What every action answers. */
export interface ActionResult {
  /** False: it was gone, had changed meanwhile, or a filter decided otherwise. */
  readonly applied: boolean;
  /** Why not, or what else is to be known; null when there is nothing to say. */
  readonly note: string | null;
}
