import { isInstance } from "../base/error.ts";
import { decodeValue, encodeValue } from "../job/codec.ts";
import type { JobFilter, JobParameters, StateElectionContext, StateView } from "../job/job-filter.ts";
import { InvalidParameterError } from "../job/parameter-bag.ts";

const PARAMETER = "Completion";
/** Parameters are read with every claim: a larger result stands in the history alone, and is not given again. */
const RESULT_CHARS = 10_000;
const TOO_LARGE =
  "It was too large to keep beside the job; it stands in the history, where the job first succeeded.";

interface Completion {
  readonly state: "Succeeded" | "Deleted";
  /** As a stored result is written; left out when it was too large to keep. */
  readonly result?: unknown;
  /** Why it could not be stored at all. */
  readonly resultOmitted?: string;
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
    else if (to.state === "Succeeded") keepSuccess(job.parameters, to.data);
  },
};

function returnTo({ state, result, resultOmitted }: Completion, context: StateElectionContext): void {
  // A job in a final state that is deleted by hand is deleted: nothing runs.
  if (context.candidate.state === state || context.from !== "Processing") return;
  const reason = "It has been completed before";
  if (state === "Deleted") context.elect({ state, reason });
  // Whoever asks for its result must not be told that there was none.
  else if (result === undefined) context.elect({ state, reason, resultOmitted: resultOmitted ?? TOO_LARGE });
  else context.elect({ state, reason, result: decodeValue(JSON.stringify(result)) });
}

function keepSuccess(parameters: JobParameters, data: StateView["data"]): void {
  try {
    const kept = keepable(data);
    if (kept !== undefined) {
      parameters.set(PARAMETER, { state: "Succeeded", ...kept });
      return;
    }
  } catch (error) {
    // The other parameters leave no room for it. That the job is completed is the part that counts.
    if (!isInstance(error, InvalidParameterError)) throw error;
  }
  parameters.set(PARAMETER, { state: "Succeeded" });
}

function keepable({ result, resultOmitted }: StateView["data"]): Omit<Completion, "state"> | undefined {
  if (typeof resultOmitted === "string") return { resultOmitted };
  const text = encodeValue(result);
  return text.length <= RESULT_CHARS ? { result: JSON.parse(text) } : undefined;
}

function readCompletion(parameters: JobParameters): Completion | undefined {
  const stored = parameters.get(PARAMETER);
  if (typeof stored !== "object" || stored === null || !("state" in stored)) return undefined;
  if (stored.state !== "Succeeded" && stored.state !== "Deleted") return undefined;
  return {
    state: stored.state,
    ...("result" in stored ? { result: stored.result } : {}),
    ...("resultOmitted" in stored ? { resultOmitted: String(stored.resultOmitted) } : {}),
  };
}
