import { apply } from "../../states/index.ts";
import type { JobRun } from "../perform/job-context.ts";
import type { Settlement, Verdict } from "../perform/verdict.ts";

/** The write command of a verdict. Pure: the committer writes it. */
export function settle(run: JobRun, verdict: Verdict): Settlement {
  const { elected, replaced, parameters } = verdict;
  return { ...verdict, change: apply(run.claim, elected, replaced, parameters) };
}
