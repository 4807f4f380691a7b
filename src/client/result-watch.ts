import { FirelaterError, preview } from "../base/error.ts";
import { Loop } from "../base/loop.ts";
import { readStoredResult } from "../job/stored-result.ts";
import type { JobRecord, Storage } from "../storage/index.ts";

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
  constructor(id: string, timeoutMs: number) {
    super({
      code: "FL_RESULT_TIMEOUT",
      what: `The job ${id} did not finish within ${timeoutMs} ms.`,
      why: "It goes on: only the wait for it has ended.",
      mend: "Wait longer, or see where it stands with client.get.",
    });
  }
}

interface Waiter {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

const SOONEST_MS = 25;
const LATEST_MS = 1_000;

/** Waits for the ends of jobs: one look at the storage for all waiters, by signal and by a shared poll. */
export class ResultWatch {
  readonly #storage: Storage;
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #loop: Loop;
  #unsubscribe: (() => void) | undefined;
  #poll = SOONEST_MS;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#loop = new Loop({ round: () => this.#look(), failed: (error) => this.#rejectAll(error) });
  }

  wait(id: string, signal: AbortSignal | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const aborted = () => settle(() => reject(signal?.reason));
      const settle = (how: () => void) => {
        signal?.removeEventListener("abort", aborted);
        this.#remove(id, waiter);
        how();
      };
      const waiter: Waiter = {
        resolve: (value) => settle(() => resolve(value)),
        reject: (error) => settle(() => reject(error)),
      };
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener("abort", aborted);
      this.#add(id, waiter);
    });
  }

  /** Ends all waits with this error. */
  async close(error: Error): Promise<void> {
    this.#rejectAll(error);
    await this.#loop.stop();
  }

  #add(id: string, waiter: Waiter): void {
    this.#waiters.set(id, (this.#waiters.get(id) ?? new Set()).add(waiter));
    this.#poll = SOONEST_MS;
    this.#unsubscribe ??= this.#storage.subscribe(({ kind }) => {
      if (kind === "finished" || kind === "changed") this.#loop.wake();
    });
    this.#loop.start();
    this.#loop.wake();
  }

  /** Nobody waits any more: nothing polls, and nothing keeps the process alive. */
  #remove(id: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(id);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiters.delete(id);
    if (this.#waiters.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    void this.#loop.stop();
  }

  async #look(): Promise<number> {
    const ids = [...this.#waiters.keys()];
    const chunk = this.#storage.manifest.maxRows;
    for (let at = 0; at < ids.length; at += chunk) await this.#lookAt(ids.slice(at, at + chunk));
    this.#poll = Math.min(this.#poll * 2, LATEST_MS);
    return this.#poll;
  }

  async #lookAt(ids: readonly string[]): Promise<void> {
    const jobs = new Map((await this.#storage.get(ids)).map((job) => [job.id, job]));
    for (const id of ids) {
      const job = jobs.get(id);
      if (job === undefined) this.#each(id, (waiter) => waiter.reject(new JobNotFoundError(id)));
      else this.#settle(job);
    }
  }

  #settle(job: JobRecord): void {
    if (job.state === "Succeeded") this.#each(job.id, (waiter) => succeed(waiter, job));
    if (job.state === "Failed")
      this.#each(job.id, (waiter) => waiter.reject(new JobFailedError(job.id, job.entry)));
    if (job.state === "Deleted") this.#each(job.id, (waiter) => waiter.reject(new JobDeletedError(job.id)));
  }

  #each(id: string, settle: (waiter: Waiter) => void): void {
    for (const waiter of [...(this.#waiters.get(id) ?? [])]) settle(waiter);
  }

  #rejectAll(error: unknown): void {
    for (const id of [...this.#waiters.keys()]) this.#each(id, (waiter) => waiter.reject(error));
  }
}

/** Every waiter gets a value of its own: one of them may change it. */
function succeed(waiter: Waiter, job: JobRecord): void {
  try {
    waiter.resolve(readStoredResult(job.id, job.entry));
  } catch (error) {
    waiter.reject(error);
  }
}
