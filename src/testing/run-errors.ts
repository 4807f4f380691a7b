import { FirelaterError } from "../base/error.ts";
import type { JobRecord } from "../storage/index.ts";
import { describeSpan } from "./describe-job.ts";

/** A result was asked for that is not there yet (`FL_JOB_NOT_DONE`). */
export class JobNotDoneError extends FirelaterError {
  constructor(job: JobRecord, now: number) {
    super({
      code: "FL_JOB_NOT_DONE",
      what: `The job ${job.id} (${job.name}) has no result yet: ${whereItStands(job, now)}.`,
      why: "In a test jobs run when the test says so.",
      mend: mend(job, now),
    });
  }
}

/** A job was to be performed that cannot run now (`FL_JOB_NOT_READY`). */
export class JobNotReadyError extends FirelaterError {
  constructor(job: JobRecord, now: number) {
    super({
      code: "FL_JOB_NOT_READY",
      what: `The job ${job.id} (${job.name}) cannot be performed now: ${whereItStands(job, now)}.`,
      mend: mend(job, now),
    });
  }
}

function whereItStands({ state, hold, dueAt }: JobRecord, now: number): string {
  if (hold === "limit") return "it waits for a permit of its key, which other jobs hold";
  if (hold === "unknown") return "its name is not in the job set";
  if (state === "Scheduled" && dueAt !== null) return `it is Scheduled, due in ${describeSpan(dueAt - now)}`;
  return state === "Awaiting" ? "it waits for its parents" : `it is ${state}`;
}

function mend({ state, dueAt }: JobRecord, now: number): string {
  if (state !== "Scheduled" || dueAt === null) return "Call `await app.drain()` first.";
  return `Call \`await app.advance("${Math.max(dueAt - now, 0)}ms")\` first, or drain({ scheduled: true }).`;
}
