import { FirelaterError, isInstance } from "../../base/error.ts";
import { electRetry } from "../../filters/automatic-retry.ts";
import { RunCancelled } from "../../filters/perform-filtered.ts";
import { encodeValue } from "../../job/codec.ts";
import type { RetryPolicy } from "../../job/resolve-options.ts";
import {
  deleted,
  failed,
  interrupted,
  type StateCandidate,
  succeeded,
  summarizeError,
} from "../../states/index.ts";
import { ServerStoppingError } from "./interruption.ts";
import type { JobRun } from "./job-context.ts";
import type { RunOutcome } from "./performer.ts";
import type { Verdict } from "./verdict.ts";

/** What outcomes are judged by. */
export interface JudgeOptions {
  readonly server: string;
  readonly maxResultBytes: number | undefined;
  /** What retries draw their jitter from. Default `Math.random`; tests want none. */
  readonly random?: (() => number) | undefined;
}

/** The state that the outcome of a run means. */
export interface Meaning {
  readonly candidate: StateCandidate;
  /** Whether somebody may put another state in its place: what the server asked for itself stands. */
  readonly isOpen: boolean;
  /** Whether another run could go better. */
  readonly isHopeless: boolean;
}

/** What the outcome of a run means. Decided where the job ran: the classes of its errors are known there. */
export function meaningOf(
  run: JobRun,
  outcome: RunOutcome,
  duration: number,
  options: JudgeOptions,
): Meaning {
  if (outcome.ok) {
    const result = toResult(outcome.value, options.maxResultBytes);
    return open(succeeded({ duration, latency: latencyOf(run), ...result }));
  }
  const { thrown } = outcome;
  // Whatever is thrown after the server asked the job to end is the end it asked for: no attempt is spent.
  if (run.abortReason instanceof ServerStoppingError) {
    return { candidate: interrupted(options.server), isOpen: false, isHopeless: false };
  }
  if (isInstance(thrown, RunCancelled)) return open(deleted(thrown.message));
  // Text that cannot be read now cannot be read later either.
  const isHopeless = isInstance(thrown, FirelaterError) && thrown.code === "FL_PAYLOAD_CORRUPT";
  const reason = isHopeless ? "Its stored arguments cannot be read" : undefined;
  return { candidate: failed(summarizeError(thrown), reason, duration), isOpen: true, isHopeless };
}

/** What becomes of a job that has no filters. */
export function judge(
  run: JobRun,
  outcome: RunOutcome,
  duration: number,
  { retry, ...options }: JudgeOptions & { readonly retry: RetryPolicy },
): Verdict {
  const { candidate, isHopeless } = meaningOf(run, outcome, duration, options);
  if (outcome.ok || isHopeless || candidate.summary === undefined) return unreplaced(candidate, duration);
  const { summary } = candidate;
  const failedRun = { candidate, thrown: outcome.thrown, summary, attempt: run.attempt };
  const elected = electRetry(failedRun, retry, options.random);
  return elected === candidate
    ? unreplaced(candidate, duration)
    : { candidate, elected, replaced: [candidate], duration };
}

const NONE: readonly StateCandidate[] = [];

export function unreplaced(candidate: StateCandidate, duration: number): Verdict {
  return { candidate, elected: candidate, replaced: NONE, duration };
}

function open(candidate: StateCandidate): Meaning {
  return { candidate, isOpen: true, isHopeless: false };
}

/** From the creation of the job, by the store's clock up to its claim and by ours from then on. */
export function latencyOf({ claim, waited }: JobRun): number {
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
