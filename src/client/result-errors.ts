import { FirelaterError, preview } from "../base/error.ts";

/** The awaited job has failed (`FL_JOB_FAILED`): its last error is in the message. It may still be requeued. */
export class JobFailedError extends FirelaterError {
  readonly id: string;
  constructor(id: string, entry: string) {
    const { reason, error }: { reason?: string; error?: { type: string; message: string } } = JSON.parse(
      `{${entry}}`,
    );
    const what = error === undefined ? reason : `${error.type}: ${error.message}`;
    super({
      code: "FL_JOB_FAILED",
      what: `The job ${id} has failed: ${what}`,
      mend: "See its history (client.get) and requeue it once the cause is mended.",
    });
    this.id = id;
  }
}

/** The awaited job was deleted (`FL_JOB_DELETED`): it gives no result. */
export class JobDeletedError extends FirelaterError {
  readonly id: string;
  constructor(id: string) {
    super({
      code: "FL_JOB_DELETED",
      what: `The job ${id} was deleted.`,
      mend: "Requeue it if it is wanted after all.",
    });
    this.id = id;
  }
}

/** There is no job of this id (`FL_JOB_NOT_FOUND`): it never was, or it has expired. */
export class JobNotFoundError extends FirelaterError {
  constructor(id: string) {
    super({
      code: "FL_JOB_NOT_FOUND",
      what: `There is no job ${preview(id)}.`,
      why: "It was never stored here, or it finished and has expired.",
      mend: "Ask for results soon, or raise the server's retention.",
    });
  }
}

/** The result did not come in time (`FL_RESULT_TIMEOUT`). The job goes on. */
export class ResultTimeoutError extends FirelaterError {
  /** `trouble` is what kept the storage from answering last, when it did not answer. */
  constructor(id: string, timeoutMs: number, trouble?: unknown) {
    super({
      code: "FL_RESULT_TIMEOUT",
      what: `The job ${id} did not finish within ${timeoutMs} ms${trouble === undefined ? "" : ", as far as could be seen"}.`,
      why:
        trouble === undefined
          ? "It goes on: only the wait for it has ended."
          : "The storage did not answer: see the cause.",
      mend: "Wait longer, or see where it stands with client.get.",
      cause: trouble,
    });
  }
}
