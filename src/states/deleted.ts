import { entryTail, type JobRecord } from "../storage/index.ts";
import type { ErrorSummary } from "./error-summary.ts";
import type { StateCandidate } from "./state-candidate.ts";

/** Final: the job does not run (again), and expires. */
export function deleted(reason?: string, error?: ErrorSummary): StateCandidate {
  return {
    state: "Deleted",
    entry: entryTail("Deleted", reason, error === undefined ? undefined : { error }),
  };
}

/** A person deletes the job. What it had failed with goes along: its continuations are told. */
export function deletedByHand(
  { state, entry }: Pick<JobRecord, "state" | "entry">,
  reason = "Deleted by a client",
): StateCandidate {
  const { error }: { readonly error?: ErrorSummary } = state === "Failed" ? JSON.parse(`{${entry}}`) : {};
  return deleted(reason, error);
}
