import { isInstance } from "../base/error.ts";
import { decodeValue, encodeValue } from "../job/codec.ts";
import type { JobFilter, JobParameters, StateElectionContext } from "../job/job-filter.ts";
import { InvalidParameterError } from "../job/parameter-bag.ts";

const PARAMETER = "Completion";
/** Parameters are read with every claim: a larger result stands in the history alone. */
const RESULT_CHARS = 10_000;

interface Completion {
  readonly state: "Succeeded" | "Deleted";
  /** As a stored result is written; left out when it was too large to keep. */
  readonly result?: unknown;
}

/**
 * Keeps the first final state of a job for ever: when the job is requeued and would run again, or comes to another end,
 * it returns to that state. Written with the state itself, so that no crash comes between.
 */
export const idempotentCompletion: JobFilter = {
  name: "idempotentCompletion",
  // After retry: what it replaces is no end.
  order: 30,
  onStateElection(context) {
    const { candidate, job } = context;
    const isEnd = candidate.state === "Succeeded" || candidate.state === "Deleted";
    if (!isEnd && candidate.state !== "Processing") return;
    const completion = readCompletion(job.parameters);
    if (completion !== undefined) returnTo(completion, context);
  },
  // When it is decided: a filter after this one may have made something else of what looked like an end.
  onStateApplied({ job, to }) {
    if (readCompletion(job.parameters) !== undefined) return;
    if (to.state === "Deleted") job.parameters.set(PARAMETER, { state: "Deleted" });
    else if (to.state === "Succeeded") keepSuccess(job.parameters, to.data.result);
  },
};

function returnTo({ state, result }: Completion, context: StateElectionContext): void {
  // A job in a final state that is deleted by hand is deleted: nothing runs.
  if (context.candidate.state === state || context.from !== "Processing") return;
  if (state === "Deleted") context.elect({ state, reason: "It has been completed before" });
  else if (result === undefined) {
    context.elect({ state, reason: "It has been completed before; its result stands in its history" });
  } else {
    const value = decodeValue(JSON.stringify(result));
    context.elect({ state, reason: "It has been completed before", result: value });
  }
}

function keepSuccess(parameters: JobParameters, result: unknown): void {
  const text = encodeValue(result);
  try {
    if (text.length <= RESULT_CHARS) {
      parameters.set(PARAMETER, { state: "Succeeded", result: JSON.parse(text) });
      return;
    }
  } catch (error) {
    // The other parameters leave no room for it. That the job is completed is the part that counts.
    if (!isInstance(error, InvalidParameterError)) throw error;
  }
  parameters.set(PARAMETER, { state: "Succeeded" });
}

function readCompletion(parameters: JobParameters): Completion | undefined {
  const stored = parameters.get(PARAMETER);
  if (typeof stored !== "object" || stored === null || !("state" in stored)) return undefined;
  if (stored.state !== "Succeeded" && stored.state !== "Deleted") return undefined;
  return { state: stored.state, ...("result" in stored ? { result: stored.result } : {}) };
}
