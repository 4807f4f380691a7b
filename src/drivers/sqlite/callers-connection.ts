import { DatabaseSync } from "node:sqlite";
import { InvalidTransactionError } from "../../storage/index.ts";
import { isOutdatedSnapshot, toStorageError } from "./errors.ts";
import { Statements } from "./statements.ts";
import { Transaction } from "./transaction.ts";
import { whenUnlocked } from "./when-unlocked.ts";

/** Whether it is a connection to this very file, in this process. */
export function isConnectionTo(file: string, value: unknown): value is DatabaseSync {
  return value instanceof DatabaseSync && value.isOpen && value.location() === file;
}

/**
 * Writes of the storage within a transaction that a caller has begun on a connection of its own. Each stands in a
 * savepoint: one that fails is undone alone, and the caller decides what becomes of the rest.
 */
export class CallersConnections {
  readonly #name: string;
  readonly #busyTimeoutMs: number;
  readonly #statements = new WeakMap<DatabaseSync, Statements>();

  constructor(name: string, busyTimeoutMs: number) {
    this.#name = name;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  /** The lock of the file may be somebody else's until now, where the caller has only read. */
  async write<T>(db: DatabaseSync, doing: string, run: (tx: Transaction) => T): Promise<T> {
    try {
      return await whenUnlocked(this.#name, this.#busyTimeoutMs, () => this.#attempt(db, run));
    } catch (error) {
      throw toStorageError(this.#name, doing, error);
    }
  }

  #attempt<T>(db: DatabaseSync, run: (tx: Transaction) => T): T {
    if (!db.isTransaction) {
      throw new InvalidTransactionError(
        this.#name,
        "The connection is not in a transaction: it has not begun, or is over.",
        'Begin one, with db.exec("BEGIN IMMEDIATE"), and await the call before you commit.',
      );
    }
    db.exec("SAVEPOINT firelater_unit");
    try {
      const tx = new Transaction(this.#statementsOf(db));
      const result = run(tx);
      tx.writeCounters();
      db.exec("RELEASE firelater_unit");
      return result;
    } catch (error) {
      // After some errors (disk full, I/O) SQLite has rolled the whole transaction back itself.
      if (db.isTransaction) db.exec("ROLLBACK TO firelater_unit; RELEASE firelater_unit");
      throw isOutdatedSnapshot(error) ? this.#outdated() : error;
    }
  }

  #statementsOf(db: DatabaseSync): Statements {
    let statements = this.#statements.get(db);
    if (statements === undefined) {
      statements = new Statements(db);
      this.#statements.set(db, statements);
    }
    return statements;
  }

  #outdated(): InvalidTransactionError {
    return new InvalidTransactionError(
      this.#name,
      "It has read before others wrote, and can write no more (SQLITE_BUSY_SNAPSHOT).",
      'Roll back and begin anew, with db.exec("BEGIN IMMEDIATE") where a transaction is going to write.',
    );
  }
}
