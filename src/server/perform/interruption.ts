import { type ErrorParts, FirelaterError } from "../../base/error.ts";

/** The reasons with which a job's signal is aborted: `signal.reason` tells them apart by class or code. */

/** The run took longer than its `timeout` (`FL_JOB_TIMEOUT`). Counts as a failed run. */
export class JobTimeoutError extends FirelaterError {
  constructor(job: string, timeoutMs: number) {
    super({
      code: "FL_JOB_TIMEOUT",
      what: `The job ${job} did not finish within its timeout of ${timeoutMs} ms.`,
      mend: "Raise the job's timeout, or pass currentJob().signal on to what takes long so that it stops in time.",
    });
  }
}

/** The server is stopping (`FL_SERVER_STOPPING`): the job is given back and runs again elsewhere, no attempt spent. */
export class ServerStoppingError extends FirelaterError {
  constructor(server: string) {
    super({
      code: "FL_SERVER_STOPPING",
      what: `The server ${server} is stopping.`,
      why: "What has not finished is given back and runs again from the start.",
      mend: "Let the job end, or raise the server's shutdownTimeout.",
    });
  }
}

/**
 * The job is no longer this server's (`FL_CLAIM_LOST`): it was requeued, rescheduled, or given to another server after a
 * lost lease. Whatever this run still does is not accepted.
 */
export class ClaimLostError extends FirelaterError {
  constructor(job: string, parts: ErrorParts = changedMeanwhile(job)) {
    super(parts);
  }
}

/** Somebody has deleted the job while it ran (`FL_JOB_CANCELLED`). Whatever this run still does is not accepted. */
export class JobCancelledError extends ClaimLostError {
  constructor(job: string) {
    super(job, {
      code: "FL_JOB_CANCELLED",
      what: `The job ${job} was deleted while it ran.`,
      why: "Somebody wants it to end; this run's outcome is not accepted.",
      mend: "Stop the work: the signal was aborted for that.",
    });
  }
}

function changedMeanwhile(job: string): ErrorParts {
  return {
    code: "FL_CLAIM_LOST",
    what: `The job ${job} was changed by someone else while it ran.`,
    why: "It was requeued, rescheduled or given to another server; this run's outcome is not accepted.",
    mend: "Stop the work: the signal was aborted for that.",
  };
}
