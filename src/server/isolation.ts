import type { ClaimedJob, Storage } from "../storage/index.ts";

/** Two servers have died while the job was running: the third death must tell whether the job is to blame. */
const SUSPECT_CRASHES = 2;
const WAIT_MS = 30_000;

/**
 * Lets a job that crashed twice run alone: nothing else is started, the jobs that run are waited for, and only when
 * it is alone is it marked as the one to blame. If they do not end in time it starts beside them without blame: then a
 * crash proves nothing, and it is tried alone again.
 */
export class Isolation {
  readonly #storage: Storage;
  readonly #left: () => void;
  #suspect: ClaimedJob | undefined;
  #runEnded: (() => void) | undefined;

  constructor(storage: Storage, left: () => void) {
    this.#storage = storage;
    this.#left = left;
  }

  /** While a suspect waits or runs alone nothing else may start. */
  get isActive(): boolean {
    return this.#suspect !== undefined;
  }

  concerns(job: ClaimedJob): boolean {
    return job.crashes >= SUSPECT_CRASHES;
  }

  /** Resolves when the suspect may start. */
  async enter(suspect: ClaimedJob, isAlone: () => boolean): Promise<void> {
    this.#suspect = suspect;
    if (await this.#waitUntil(isAlone)) await this.#storage.blame([{ id: suspect.id, fence: suspect.fence }]);
    else this.leave(suspect);
  }

  leave(suspect: ClaimedJob): void {
    if (this.#suspect !== suspect) return;
    this.#suspect = undefined;
    this.#left();
  }

  /** A run has ended: perhaps it was the last one beside the suspect. */
  runEnded(): void {
    this.#runEnded?.();
  }

  #waitUntil(isAlone: () => boolean): Promise<boolean> {
    if (isAlone()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (alone: boolean) => {
        clearTimeout(timer);
        this.#runEnded = undefined;
        resolve(alone);
      };
      const timer = setTimeout(() => finish(false), WAIT_MS);
      this.#runEnded = () => isAlone() && finish(true);
    });
  }
}
