import { entryTail } from "../storage/index.ts";
import type { ErrorSummary } from "./error-summary.ts";
import type { StateCandidate } from "./state-candidate.ts";

/** Final: the job does not run (again), and expires. */
export function deleted(reason?: string, error?: ErrorSummary): StateCandidate {
  return {
    state: "Deleted",
    entry: entryTail("Deleted", reason, error === undefined ? undefined : { error }),
  };
}
