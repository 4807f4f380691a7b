import { ClaimLostError } from "../perform/interruption.ts";
import type { JobRun } from "../perform/job-context.ts";
import { FILTERS_MS } from "../perform/time-limit.ts";
import type { Verdict } from "../perform/verdict.ts";
import type { Running } from "./job-thread.ts";
import type { ThreadJob } from "./thread-protocol.ts";
import { lost, timedOut } from "./thread-verdicts.ts";

/** Code that passes its signal on stops by itself in this time; other code is stopped with its thread. */
const TIMEOUT_GRACE_MS = 1_000;
export const LOST_GRACE_MS = 5_000;

/** Tells which runs have to be stopped by force, and what they come to by that. */
export class OverdueRuns {
  /** Since when a run is seen to go on although its claim is lost. */
  readonly #told = new Map<JobRun, number>();

  /** What becomes of a run that goes on all the same; undefined while it may. */
  judge({ run, since }: Running, job: ThreadJob | undefined, now: number): Verdict | undefined {
    if (job?.timeoutMs !== undefined && now - since > job.timeoutMs + graceOf(job)) {
      return timedOut(run, job, Math.round(now - since));
    }
    // A server that stops gives its runs until its own deadline.
    if (!(run.abortReason instanceof ClaimLostError)) return undefined;
    const told = this.#told.get(run) ?? now;
    this.#told.set(run, told);
    return now - told > LOST_GRACE_MS ? lost(run) : undefined;
  }

  ended(run: JobRun): void {
    this.#told.delete(run);
  }
}

/** From outside it cannot be seen whether the code of the job goes on, or its filters, which may take longer. */
function graceOf({ hasFilters }: ThreadJob): number {
  return TIMEOUT_GRACE_MS + (hasFilters ? FILTERS_MS : 0);
}
