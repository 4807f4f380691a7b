import type { MysqlStatement, MysqlTransaction } from "./options.ts";

/** Does nothing, but its answer tells how the session is once all that stood before it is done. */
const NOTHING: MysqlStatement = { sql: "DO 0" };

/**
 * The connection of a caller's transaction, for as long as one call takes. What stands before a statement of ours in the
 * client's queue may be the end of the transaction, and ours would be written outside of it: so each is sent when nothing
 * does, and what the session was before it is known.
 */
export class BegunConnection implements MysqlTransaction {
  readonly #connection: MysqlTransaction;
  readonly #client: object;
  readonly #requireBegun: (status: number | undefined) => void;
  readonly #canTell: boolean;
  #isKnown = true;

  /** `client`: what queues commands, where it can be looked at; else what comes is believed. */
  constructor(
    connection: MysqlTransaction,
    client: object,
    requireBegun: (status: number | undefined) => void,
  ) {
    this.#connection = connection;
    this.#client = client;
    this.#canTell = "_command" in client;
    this.#requireBegun = requireBegun;
  }

  async query(statement: MysqlStatement): Promise<[unknown, unknown]> {
    while (this.#canTell && (!this.#isKnown || this.#isBusy())) {
      this.#isKnown = true;
      const [header] = await this.#connection.query(NOTHING);
      const status: unknown = Reflect.get(Object(header), "serverStatus");
      this.#requireBegun(typeof status === "number" ? status : undefined);
    }
    // Sent at once, so that nothing comes in between.
    return await this.#connection.query(statement);
  }

  /** Waits for something else, during which the caller may have ended the transaction. */
  async beside<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading;
    } finally {
      this.#isKnown = false;
    }
  }

  #isBusy(): boolean {
    return (Reflect.get(this.#client, "_command") ?? undefined) !== undefined;
  }
}
