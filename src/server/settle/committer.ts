import { setTimeout as delay } from "node:timers/promises";
import { GroupWriter } from "../../base/group-writer.ts";
import type { Logger } from "../../base/logger.ts";
import {
  type Change,
  type Claim,
  type ClaimOutcome,
  type CommitOutcome,
  type Storage,
  StorageRefusedError,
} from "../../storage/index.ts";
import { insist } from "../perform/insist.ts";

const BUSY_MS = 5;

/**
 * Writes what becomes of claimed jobs, in groups: settled runs, and jobs that are put aside. A store that fails is
 * asked again until it answers: the work is done, its claim is still held, and a replay is told by the fence
 * (`already`). Only `giveUp` ends that, at the end of a shutdown; then the jobs are recovered and run again.
 */
export class Committer {
  readonly #logger: Logger;
  readonly #gaveUp = new AbortController();
  readonly #writer: GroupWriter<Change, CommitOutcome>;
  readonly #parker: GroupWriter<Claim, ClaimOutcome>;

  constructor(storage: Storage, logger: Logger) {
    this.#logger = logger;
    const maxItems = storage.manifest.maxRows;
    this.#writer = new GroupWriter({
      write: (changes) => this.#persist("storing finished runs", () => storage.commit(changes)),
      maxItems,
      isRefusal: (error) => error instanceof StorageRefusedError,
    });
    this.#parker = new GroupWriter({
      write: (claims) => this.#persist("putting jobs aside", () => storage.park(claims)),
      maxItems,
    });
  }

  /** Changes that are not stored yet: the worker starts nothing more when these are too many. */
  get backlog(): number {
    return this.#writer.size;
  }

  /** The outcome once it is stored. Rejects with `StorageRefusedError` for data that the engine cannot hold. */
  commit(change: Change): Promise<CommitOutcome> {
    return new Promise((resolve, reject) => this.post(change, resolve, reject));
  }

  /** Like `commit`, for the hot path: the three promises that it saves cost a tenth of a job that does nothing. */
  post(change: Change, stored: (outcome: CommitOutcome) => void, failed: (error: unknown) => void): void {
    this.#writer.post({
      items: [change],
      resolve: ([outcome = "gone"]) => {
        if (outcome === "busy") this.#postAgain(change).then(stored, failed);
        else stored(outcome);
      },
      reject: failed,
    });
  }

  /** A neighbour holds what the change needs: it is done in moments. */
  async #postAgain(change: Change): Promise<CommitOutcome> {
    await delay(BUSY_MS, undefined, { signal: this.#gaveUp.signal });
    return this.commit(change);
  }

  /** Puts a job of unknown name aside. */
  async park({ id, fence }: Claim): Promise<ClaimOutcome> {
    const [outcome] = await this.#parker.add([{ id, fence }]);
    return outcome ?? "stale";
  }

  giveUp(): void {
    this.#gaveUp.abort();
  }

  #persist<T>(doing: string, write: () => Promise<T>): Promise<T> {
    return insist(write, {
      signal: this.#gaveUp.signal,
      failed: (error, wait) => this.#logger.warn(`${doing} failed, trying again in ${wait} ms`, error),
    });
  }
}
