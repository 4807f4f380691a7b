import type { JobRun } from "../server/perform/job-context.ts";
import type { Verdict } from "../server/perform/verdict.ts";
import type { CommitOutcome } from "../storage/index.ts";

/**
 * What a run came to.
 *
 * - `succeeded`, `failed` (for good), `deleted` (by its retry policy or a filter).
 * - `retried`: it has thrown, and the job runs again.
 * - `postponed`: a filter has put the job off, without an error.
 * - `lost`: the job was deleted or requeued while it ran, so that its end was not accepted.
 * - `parked`: its name is not in the job set; nothing ran.
 */
export type RunEnd = "succeeded" | "failed" | "deleted" | "retried" | "postponed" | "lost" | "parked";

/** One run of one job in a test. */
export interface PerformedRun {
  readonly id: string;
  /** The name under which the job is registered. */
  readonly name: string;
  /** 1 for the first run. */
  readonly attempt: number;
  readonly end: RunEnd;
  /** The very value that was thrown, an error that says so for null and undefined; undefined when nothing was thrown. */
  readonly error: unknown;
}

/** What a verdict that was offered to the storage came to. */
export function performedRun(
  { id, name, attempt }: JobRun,
  verdict: Verdict,
  thrown: { readonly error: unknown } | undefined,
  outcome: CommitOutcome,
): PerformedRun {
  const isStored = outcome === "applied" || outcome === "already";
  return {
    id,
    name,
    attempt,
    end: isStored ? endOf(verdict) : "lost",
    error: hasFailed(verdict) ? errorOf(verdict, thrown) : undefined,
  };
}

function endOf({ candidate, elected }: Verdict): RunEnd {
  if (elected.state === "Succeeded") return "succeeded";
  if (elected.state === "Failed") return "failed";
  if (elected.state === "Deleted") return "deleted";
  return candidate.state === "Failed" ? "retried" : "postponed";
}

function hasFailed({ candidate, elected }: Verdict): boolean {
  return elected.state !== "Succeeded" && (candidate.state === "Failed" || elected.state === "Failed");
}

/** A filter that throws before or after the run has left no more than its summary. */
function errorOf({ candidate, elected }: Verdict, thrown: { readonly error: unknown } | undefined): unknown {
  if (thrown !== undefined) return thrown.error ?? new Error(`${thrown.error} was thrown`);
  const { type, message, stack } = elected.summary ?? candidate.summary ?? { type: "Error", message: "" };
  return Object.assign(new Error(message), { name: type }, stack === undefined ? {} : { stack });
}
