import { setTimeout as delay } from "node:timers/promises";
import { backoffDelay } from "../../base/backoff.ts";
import { LONGEST_TIMER_MS } from "../../base/duration.ts";
import { delist, enlist, type NamedServer } from "./active-servers.ts";

const BACKOFF = { firstMs: 100, longestMs: 2_000 };

/** A server's place in the line of its name: the first fetches, the others stand by until it is their turn. */
export class Standby {
  readonly #named: NamedServer;
  readonly #fetch: () => Promise<void>;
  #alive: NodeJS.Timeout | undefined;
  #turn: Promise<void> | undefined;
  #closed = false;
  #left = false;

  constructor(server: Omit<NamedServer, "takeOver">, fetch: () => Promise<void>) {
    this.#fetch = fetch;
    this.#named = { ...server, takeOver: () => this.#takeOver() };
  }

  /** Fetches when the server is the first of its name, or has left already. Rejects when that could not begin. */
  async enter(): Promise<void> {
    if (this.#left || enlist(this.#named)) await this.#fetch();
    // A server that only stands by must keep its process, too.
    else this.#alive = setInterval(() => {}, LONGEST_TIMER_MS);
  }

  /** After `leave`: at the end of the line. */
  async enterAgain(): Promise<void> {
    this.#left = false;
    if (!this.#closed && enlist(this.#named)) await this.#fetch();
  }

  /** Takes no turn from now on; resolves when one that has come is over. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn;
    clearInterval(this.#alive);
  }

  /** Gives up the place: whoever is next fetches now. Twice is harmless. */
  leave(): void {
    this.#left = true;
    delist(this.#named);
  }

  #takeOver(): void {
    if (!this.#closed) this.#turn = this.#beginToFetch();
  }

  /** Nobody else of this name fetches, so a storage that fails now is asked again. */
  async #beginToFetch(): Promise<void> {
    const { name, logger } = this.#named;
    logger.info(`the server "${name}" takes over`);
    for (let failures = 1; !this.#closed; failures++) {
      try {
        await this.#fetch();
        return clearInterval(this.#alive);
      } catch (error) {
        logger.warn(`the server "${name}" could not take over, trying again`, error);
        await delay(backoffDelay(BACKOFF, failures));
      }
    }
  }
}
