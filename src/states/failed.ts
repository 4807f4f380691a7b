import { entryTail, FINGERPRINT } from "../storage/index.ts";
import type { ErrorSummary } from "./error-summary.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { StateCandidate } from "./state-candidate.ts";

export const RUN_FAILED = "An exception occurred during performance of the job";

/** The run has thrown. Terminal when no retry replaces it: then it waits for a person. */
export function failed(error: ErrorSummary, reason = RUN_FAILED, duration?: number): StateCandidate {
  const told = { [FINGERPRINT]: fingerprintOf(error), ...(duration === undefined ? {} : { duration }) };
  // The longest member last: lists read the beginning of an entry.
  const data = { ...told, error };
  return { state: "Failed", entry: entryTail("Failed", reason, data), failed: true, summary: error };
}
