import type { CommitState, JobState } from "../storage/index.ts";

/** Who asks for a change: a server for the job it runs, or a person (or code) from outside. */
export type Actor = "server" | "operator";

/**
 * Whether a job in `from` may be moved to `to`. A server settles only what it is processing. From outside a job may be
 * requeued, rescheduled or deleted in every state, final ones included, as in Hangfire; only a run makes it Succeeded
 * or Failed.
 */
export function mayChange(from: JobState, to: CommitState, actor: Actor): boolean {
  if (actor === "server") return from === "Processing";
  return to === "Enqueued" || to === "Scheduled" || to === "Deleted";
}
