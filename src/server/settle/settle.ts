import { apply } from "../../states/index.ts";
import type { Change } from "../../storage/index.ts";
import type { Verdict } from "../perform/executor.ts";
import type { JobRun } from "../perform/job-context.ts";

/** What becomes of a job whose run has ended, ready to be written. */
export interface Settlement extends Verdict {
  readonly change: Change;
}

/** The write command of a verdict. Pure: the committer writes it. */
export function settle(run: JobRun, verdict: Verdict): Settlement {
  const { elected, replaced, parameters } = verdict;
  return { ...verdict, change: apply(run.claim, elected, replaced, parameters) };
}
