import { FirelaterError } from "../base/error.ts";
import type { JobState } from "../storage/index.ts";

/** A state that the job cannot enter from where it is (`FL_ILLEGAL_TRANSITION`). */
export class IllegalTransitionError extends FirelaterError {
  constructor(from: JobState | null, to: JobState) {
    super({
      code: "FL_ILLEGAL_TRANSITION",
      what: `A job that ${from === null ? "is about to be stored" : `is ${from}`} cannot become ${to}.`,
      why: WHY[to],
      mend: `What it can become: ${reachableFrom(from).join(", ")}.`,
    });
  }
}

/**
 * Where a job may go because a client, a run or a filter wants it to. Only a run ends in Succeeded or Failed; Processing
 * is entered by claims, Awaiting by insert. Everything else is open from everywhere, final states included, as in
 * Hangfire: a finished job may be requeued, and a deleted one deleted again.
 */
const FROM: Readonly<Record<JobState, readonly JobState[]>> = {
  Enqueued: ["Enqueued", "Scheduled", "Deleted"],
  Scheduled: ["Enqueued", "Scheduled", "Deleted"],
  Awaiting: ["Enqueued", "Scheduled", "Deleted"],
  Processing: ["Enqueued", "Scheduled", "Succeeded", "Failed", "Deleted"],
  Succeeded: ["Enqueued", "Scheduled", "Deleted"],
  Failed: ["Enqueued", "Scheduled", "Deleted"],
  Deleted: ["Enqueued", "Scheduled", "Deleted"],
};

const FIRST: readonly JobState[] = ["Enqueued", "Scheduled", "Awaiting"];

const WHY: Readonly<Record<JobState, string>> = {
  Enqueued: "It may be enqueued from every state.",
  Scheduled: "It may be scheduled from every state.",
  Awaiting: "A job waits for its parents only from the moment in which it is stored.",
  Processing: "A job is Processing when a server has claimed it, and not before.",
  Succeeded: "Only a run ends in Succeeded.",
  Failed: "Only a run ends in Failed.",
  Deleted: "A job that is not stored yet has nothing to delete: cancel it instead.",
};

/** The states that a job may enter; `null`: a job that is about to be stored. */
export function reachableFrom(from: JobState | null): readonly JobState[] {
  return from === null ? FIRST : FROM[from];
}

/** @throws IllegalTransitionError `FL_ILLEGAL_TRANSITION` */
export function refuseIllegal(from: JobState | null, to: JobState): void {
  if (!reachableFrom(from).includes(to)) throw new IllegalTransitionError(from, to);
}
