import { setTimeout as delay } from "node:timers/promises";
import { backoffDelay } from "../base/backoff.ts";
import { GroupWriter } from "../base/group-writer.ts";
import type { Logger } from "../base/logger.ts";
import { type Change, type CommitOutcome, type Storage, StorageRefusedError } from "../storage/index.ts";

const BACKOFF = { firstMs: 20, longestMs: 5_000 };
const BUSY_MS = 5;

/**
 * Writes settled runs in groups. A store that fails is asked again until it answers: the work is done, its claim is
 * still held, and a replay is told by the fence (`already`). Only `giveUp` ends that, at the end of a shutdown; then
 * the jobs are recovered and run again.
 */
export class Committer {
  readonly #storage: Storage;
  readonly #logger: Logger;
  readonly #gaveUp = new AbortController();
  readonly #writer: GroupWriter<Change, CommitOutcome>;

  constructor(storage: Storage, logger: Logger) {
    this.#storage = storage;
    this.#logger = logger;
    this.#writer = new GroupWriter({
      write: (changes) => this.#write(changes),
      maxItems: storage.manifest.maxRows,
      isRefusal: (error) => error instanceof StorageRefusedError,
    });
  }

  /** Changes that are not stored yet: the worker starts nothing more when these are too many. */
  get backlog(): number {
    return this.#writer.size;
  }

  /** The outcome once it is stored. Rejects with `StorageRefusedError` for data that the engine cannot hold. */
  async commit(change: Change): Promise<CommitOutcome> {
    for (;;) {
      const [outcome] = await this.#writer.add([change]);
      if (outcome !== "busy") return outcome ?? "gone";
      await delay(BUSY_MS, undefined, { signal: this.#gaveUp.signal });
    }
  }

  idle(): Promise<void> {
    return this.#writer.idle();
  }

  giveUp(): void {
    this.#gaveUp.abort();
  }

  async #write(changes: readonly Change[]): Promise<CommitOutcome[]> {
    for (let failures = 1; ; failures++) {
      try {
        return await this.#storage.commit(changes);
      } catch (error) {
        if (error instanceof StorageRefusedError || this.#gaveUp.signal.aborted) throw error;
        const wait = backoffDelay(BACKOFF, failures);
        this.#logger.warn(
          `storing ${changes.length} finished runs failed, trying again in ${Math.round(wait)} ms`,
          error,
        );
        // Aborted: one more try, then the error goes out.
        await delay(wait, undefined, { signal: this.#gaveUp.signal }).catch(() => {});
      }
    }
  }
}
