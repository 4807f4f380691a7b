import { isInstance } from "../base/error.ts";
import type { RetryPolicy } from "../job/resolve-options.ts";
import { deleted, type ErrorSummary, enqueued, putOff, type StateCandidate } from "../states/index.ts";

const MESSAGE_CHARS = 50;

export interface FailedRun {
  /** The Failed state that the run leads to, unless a retry replaces it. */
  readonly candidate: StateCandidate;
  readonly thrown: unknown;
  readonly summary: ErrorSummary;
  /** 1 for the first run. */
  readonly attempt: number;
}

/** What the retry policy makes of a failed run: another state that replaces Failed, or Failed itself. */
export function electRetry(run: FailedRun, policy: RetryPolicy, random = Math.random): StateCandidate {
  if (!covers(policy, run.thrown)) return run.candidate;
  if (run.attempt <= policy.retries) return nextAttempt(run, policy, random);
  if (policy.onExhausted === "fail") return run.candidate;
  const disabled = policy.retries === 0;
  const reason = disabled
    ? "Retries were disabled for this job"
    : "Exceeded the maximum number of retry attempts";
  return deleted(reason, run.summary);
}

/** Errors that the policy does not cover are left as they are: Failed, without a retry. */
export function covers({ onlyOn = [], exceptOn = [] }: RetryPolicy, thrown: unknown): boolean {
  if (exceptOn.some((type) => isInstance(thrown, type))) return false;
  return onlyOn.length === 0 || onlyOn.some((type) => isInstance(thrown, type));
}

function nextAttempt(run: FailedRun, policy: RetryPolicy, random: () => number): StateCandidate {
  const reason = `Retry attempt ${run.attempt} of ${policy.retries}: ${shorten(run.summary.message)}`;
  const delay = retryDelay(run.attempt, policy.delaysMs, random);
  return delay === 0 ? enqueued(reason) : putOff({ in: delay }, reason);
}

function shorten(message: string): string {
  return message.length <= MESSAGE_CHARS ? message : `${message.slice(0, MESSAGE_CHARS - 1)}…`;
}

/**
 * Milliseconds before the n-th retry; the last of `delays` repeats. Without them Hangfire's curve
 * (AutomaticRetryAttribute): (n − 1)⁴ + 15 + random(0…29) × n seconds, so 15 s and more at first and, over ten
 * retries, a little more than four hours.
 */
export function retryDelay(n: number, delays: readonly number[] | undefined, random: () => number): number {
  if (delays === undefined || delays.length === 0) {
    return ((n - 1) ** 4 + 15 + Math.floor(random() * 30) * n) * 1_000;
  }
  return delays[Math.min(n, delays.length) - 1] ?? 0;
}
