import { FirelaterError, isInstance } from "../../base/error.ts";
import { electRetry } from "../../filters/automatic-retry.ts";
import { encodeValue } from "../../job/codec.ts";
import type { RetryPolicy } from "../../job/resolve-options.ts";
import { failed, interrupted, type StateCandidate, succeeded, summarizeError } from "../../states/index.ts";
import type { Verdict } from "./executor.ts";
import { ServerStoppingError } from "./interruption.ts";
import type { JobRun } from "./job-context.ts";
import type { RunOutcome } from "./performer.ts";

/** What outcomes are judged by. */
export interface JudgeOptions {
  readonly retry: RetryPolicy;
  readonly server: string;
  readonly maxResultBytes: number | undefined;
}

/** What the outcome of a run means. Decided where the job ran: the classes of its errors are known there. */
export function judge(run: JobRun, outcome: RunOutcome, duration: number, options: JudgeOptions): Verdict {
  if (outcome.ok) {
    const result = toResult(outcome.value, options.maxResultBytes);
    return unreplaced(succeeded({ duration, latency: latencyOf(run), ...result }), duration);
  }
  // Whatever is thrown after the server asked the job to end is the end it asked for: no attempt is spent.
  if (run.abortReason instanceof ServerStoppingError) {
    return unreplaced(interrupted(options.server), duration);
  }
  return judgeFailure(run, outcome.thrown, duration, options.retry);
}

function judgeFailure(run: JobRun, thrown: unknown, duration: number, retry: RetryPolicy): Verdict {
  const summary = summarizeError(thrown);
  // Text that cannot be read now cannot be read later either.
  const hopeless = isInstance(thrown, FirelaterError) && thrown.code === "FL_PAYLOAD_CORRUPT";
  const candidate = failed(summary, hopeless ? "Its stored arguments cannot be read" : undefined, duration);
  if (hopeless) return unreplaced(candidate, duration);
  const elected = electRetry({ candidate, thrown, summary, attempt: run.attempt }, retry);
  return { candidate, elected, duration };
}

function unreplaced(candidate: StateCandidate, duration: number): Verdict {
  return { candidate, elected: candidate, duration };
}

/** From the creation of the job, by the store's clock up to its claim and by ours from then on. */
function latencyOf({ claim, waited }: JobRun): number {
  return Math.max(claim.stateAt - claim.createdAt, 0) + waited;
}

/** A result that cannot be stored is left out and said so: running the job again would not change it. */
function toResult(value: unknown, maxBytes: number | undefined): { result?: string; resultOmitted?: string } {
  if (value === undefined) return {};
  try {
    return { result: encodeValue(value, { maxBytes }) };
  } catch (error) {
    return { resultOmitted: summarizeError(error, 0).message };
  }
}
