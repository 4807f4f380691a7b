import { threadDeaths } from "../../states/index.ts";
import type { ClaimedJob, Storage } from "../../storage/index.ts";

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
  #stopWaiting: (() => void) | undefined;
  #gaveUp = false;

  constructor(storage: Storage, left: () => void) {
    this.#storage = storage;
    this.#left = left;
  }

  /** While a suspect waits or runs alone nothing else may start. */
  get isActive(): boolean {
    return this.#suspect !== undefined;
  }

  /** A death that was the job's alone, its thread's, has told who is to blame where jobs run in threads. */
  concerns(job: ClaimedJob, deathsAreOwn: boolean): boolean {
    if (job.crashes < SUSPECT_CRASHES) return false;
    return !deathsAreOwn || job.crashes - threadDeaths(job) >= SUSPECT_CRASHES;
  }

  /** From this moment nothing else may start: called before anything is waited for, or a second suspect slips in. */
  begin(suspect: ClaimedJob): void {
    this.#suspect = suspect;
  }

  /** Resolves when the suspect may start. */
  async untilAlone(suspect: ClaimedJob, isAlone: () => boolean): Promise<void> {
    if (await this.#waitUntil(isAlone)) await this.#storage.blame([{ id: suspect.id, fence: suspect.fence }]);
    else this.leave(suspect);
  }

  leave(suspect: ClaimedJob): void {
    if (this.#suspect !== suspect) return;
    this.#suspect = undefined;
    this.#left();
  }

  /** The server stops: nobody waits for a turn any more. */
  giveUp(): void {
    this.#gaveUp = true;
    this.#stopWaiting?.();
  }

  /** A run has ended: perhaps it was the last one beside the suspect. */
  runEnded(): void {
    this.#runEnded?.();
  }

  #waitUntil(isAlone: () => boolean): Promise<boolean> {
    if (isAlone()) return Promise.resolve(true);
    if (this.#gaveUp) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (alone: boolean) => {
        clearTimeout(timer);
        this.#runEnded = undefined;
        this.#stopWaiting = undefined;
        resolve(alone);
      };
      const timer = setTimeout(() => finish(false), WAIT_MS);
      this.#runEnded = () => isAlone() && finish(true);
      this.#stopWaiting = () => finish(false);
    });
  }
}
