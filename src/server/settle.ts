import { FirelaterError, isInstance } from "../base/error.ts";
import { electRetry } from "../filters/automatic-retry.ts";
import { encodeValue } from "../job/codec.ts";
import type { RetryPolicy } from "../job/resolve-options.ts";
import {
  apply,
  failed,
  interrupted,
  type StateCandidate,
  succeeded,
  summarizeError,
} from "../states/index.ts";
import type { Change } from "../storage/index.ts";
import { ServerStoppingError } from "./interruption.ts";
import type { JobRun } from "./job-context.ts";
import type { RunOutcome } from "./performer.ts";

export interface Timings {
  readonly duration: number;
  readonly latency: number;
}

export interface Settlement {
  readonly change: Change;
  /** The state that the run led to and, when a retry replaced it, what did. */
  readonly candidate: StateCandidate;
  readonly elected: StateCandidate;
}

/** What an outcome means: candidate, elected state, write command. Pure: the committer writes it. */
export function settle(
  run: JobRun,
  outcome: RunOutcome,
  timings: Timings,
  options: {
    readonly retry: RetryPolicy;
    readonly server: string;
    readonly maxResultBytes: number | undefined;
  },
): Settlement {
  if (outcome.ok)
    return unreplaced(run, succeeded({ ...timings, ...toResult(outcome.value, options.maxResultBytes) }));
  // Whatever is thrown after the server asked the job to end is the end it asked for: no attempt is spent.
  if (run.abortReason instanceof ServerStoppingError) return unreplaced(run, interrupted(options.server));
  return settleFailure(run, outcome.thrown, timings, options.retry);
}

function settleFailure(run: JobRun, thrown: unknown, { duration }: Timings, retry: RetryPolicy): Settlement {
  const summary = summarizeError(thrown);
  // Text that cannot be read now cannot be read later either.
  const hopeless = isInstance(thrown, FirelaterError) && thrown.code === "FL_PAYLOAD_CORRUPT";
  const candidate = failed(summary, hopeless ? "Its stored arguments cannot be read" : undefined, duration);
  const elected = hopeless
    ? candidate
    : electRetry({ candidate, thrown, summary, attempt: run.attempt }, retry);
  const replaced = elected === candidate ? [] : [candidate];
  return { change: apply(run.claim, elected, replaced), candidate, elected };
}

function unreplaced(run: JobRun, candidate: StateCandidate): Settlement {
  return { change: apply(run.claim, candidate), candidate, elected: candidate };
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
