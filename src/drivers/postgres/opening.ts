import { setTimeout as sleep } from "node:timers/promises";
import { backoffDelay } from "../../base/backoff.ts";
import type { Connection } from "./connection.ts";
import { isAbsent, toStorageError } from "./errors.ts";
import { lookAround, migrate, type Surroundings, UNKNOWN } from "./migrate.ts";

/** A server that starts beside this process has so long to come up before the first call fails. */
const PATIENCE_MS = 5_000;
const PAUSE = { firstMs: 50, longestMs: 1_000 };

/** Opens and migrates; what failed is tried again by the next call that needs it. */
export class Opening {
  surroundings: Surroundings = UNKNOWN;
  readonly #connection: Connection;
  readonly #name: string;
  readonly #mayMigrate: boolean;
  readonly #since = performance.now();
  #opening: Promise<void> | undefined;
  #isClosing = false;

  constructor(connection: Connection, name: string, mayMigrate: boolean) {
    this.#connection = connection;
    this.#name = name;
    this.#mayMigrate = mayMigrate;
  }

  opened(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** No longer tried: resolves once nothing is under way. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#opening?.catch(() => {});
  }

  async #open(): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        await migrate(this.#connection, this.#name, this.#mayMigrate);
        this.surroundings = await lookAround(this.#connection);
        return;
      } catch (error) {
        const isPatient = performance.now() - this.#since < PATIENCE_MS && !this.#isClosing;
        if (!isAbsent(error) || !isPatient) {
          this.#opening = undefined;
          throw toStorageError(this.#name, "open", error);
        }
      }
      await sleep(backoffDelay(PAUSE, failures));
    }
  }
}
