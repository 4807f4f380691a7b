import type { StateCandidate } from "../../states/index.ts";
import type { Change } from "../../storage/index.ts";

/** What a run came to: the state that its outcome means, and the one that the job is to enter. */
export interface Verdict {
  readonly candidate: StateCandidate;
  readonly elected: StateCandidate;
  /** What the elected state has replaced, oldest first. */
  readonly replaced: readonly StateCandidate[];
  /** The job's parameters, where the run or a filter has changed them. */
  readonly parameters?: string;
  /** Milliseconds that the run took. */
  readonly duration: number;
}

/** The run never began and cannot here, now: its claim goes back as it came. */
export type NotBegun = "not begun";

/** What becomes of a job whose run has ended, ready to be written. */
export interface Settlement extends Verdict {
  readonly change: Change;
}
