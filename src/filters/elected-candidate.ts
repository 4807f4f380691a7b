import { toMilliseconds } from "../base/duration.ts";
import { encodeValue } from "../job/codec.ts";
import type { ElectedState } from "../job/job-filter.ts";
import { checkQueue, type InvalidOptionsError, unknownOption } from "../job/options.ts";
import {
  deleted,
  enqueued,
  failed,
  putOff,
  type StateCandidate,
  succeeded,
  summarizeError,
} from "../states/index.ts";

/** What an elected state needs to know of the run that it ends. */
export interface ElectionRun {
  /** Milliseconds that the run took and that the job waited before; 0 where none was run. */
  readonly duration: number;
  readonly latency: number;
  /** Whether a run has ended here: then Failed counts against the retries. */
  readonly hasRun: boolean;
  readonly maxResultBytes: number | undefined;
}

const KNOWN = ["Enqueued", "Scheduled", "Succeeded", "Failed", "Deleted"];

/** What a filter has elected, as it is stored. Throws a coded error for what cannot be: nothing is written then. */
export function electedCandidate(elected: ElectedState, run: ElectionRun): StateCandidate {
  switch (elected.state) {
    case "Enqueued":
      return inQueue(enqueued(elected.reason), elected.queue);
    case "Scheduled":
      return inQueue(
        putOff({ in: toMilliseconds(elected.delay, "the delay") }, elected.reason),
        elected.queue,
      );
    case "Succeeded":
      return succeededAs(elected, run);
    case "Failed":
      return { ...failed(summarizeError(elected.error), elected.reason, run.duration), failed: run.hasRun };
    case "Deleted":
      return deleted(elected.reason, elected.error === undefined ? undefined : summarizeError(elected.error));
    default:
      throw unknownState(elected);
  }
}

function inQueue(candidate: StateCandidate, queue: string | undefined): StateCandidate {
  return queue === undefined ? candidate : { ...candidate, queue: checkQueue(queue, "the queue of a state") };
}

function succeededAs(
  { result, resultOmitted, reason }: Extract<ElectedState, { state: "Succeeded" }>,
  { duration, latency, maxResultBytes }: ElectionRun,
): StateCandidate {
  const encoded = result === undefined ? undefined : encodeValue(result, { maxBytes: maxResultBytes });
  return succeeded({ duration, latency, result: encoded, resultOmitted, reason });
}

/** From JavaScript anything may come. */
function unknownState(elected: unknown): InvalidOptionsError {
  const state = typeof elected === "object" && elected !== null ? Reflect.get(elected, "state") : elected;
  return unknownOption(String(state), KNOWN, "the states that a filter may elect");
}
