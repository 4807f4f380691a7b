import type { RetryPolicy } from "../../src/job/resolve-options.ts";

/** The policy of a job without options, with what a test says otherwise. */
export function retryPolicy(over: Partial<RetryPolicy> = {}): RetryPolicy {
  return {
    retries: 10,
    delaysMs: undefined,
    onlyOn: undefined,
    exceptOn: undefined,
    onExhausted: "fail",
    ...over,
  };
}
