import type { CommitState, Due } from "../storage/index.ts";
import type { ErrorSummary } from "./error-summary.ts";

/** A state that a job may enter next: decided purely, written by whoever commits it. */
export interface StateCandidate {
  readonly state: CommitState;
  /** The tail of its history entry. */
  readonly entry: string;
  readonly due?: Due;
  /** It is put off, and still for the time that it was for. */
  readonly keepsPlan?: boolean;
  /** The run that led here has failed and counts against the retries. */
  readonly failed?: boolean;
  /** What the run has thrown, for those who are told of it. */
  readonly summary?: ErrorSummary;
  /** What ran it died under it, and it alone is to blame. */
  readonly crashed?: boolean;
  /** The queue that the job is in from now on; left out, it keeps its own. */
  readonly queue?: string;
  /** The job goes back where it stood in its queue. */
  readonly keepSeq?: boolean;
}
