import { statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import {
  InvalidTransactionError,
  type Signal,
  type SignalListener,
  StorageClosedError,
  StoreMissingError,
} from "../../storage/index.ts";
import { ChangeWatch } from "./change-watch.ts";
import { Connection, type Synchronous } from "./connection.ts";
import { toStorageError } from "./errors.ts";
import { refuseTooMany } from "./limits.ts";
import { migrate } from "./migrate.ts";
import type { Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";
import { whenUnlocked } from "./when-unlocked.ts";
import { type Lasting, Writer } from "./writer.ts";

/** Opening takes milliseconds, unless somebody holds the file. */
const OPENING_MS = 1_000;

interface Place {
  readonly file: string;
  /** What errors call it. */
  readonly name: string;
  /** Whether other processes can open it too. */
  readonly shared: boolean;
  readonly synchronous: Synchronous;
  readonly busyTimeoutMs: number;
  /** Whether the file may be made, and its tables. */
  readonly migrates: boolean;
}

interface Opened {
  readonly connection: Connection;
  readonly writer: Writer;
  readonly watch: ChangeWatch;
}

/** The ways in which a storage reaches its file: reads, gathered writes and wake-ups, from opening to closing. */
export class Database {
  readonly ready: Promise<void>;
  readonly #place: Place;
  readonly #listeners = new Set<SignalListener>();
  #opened: Opened | undefined;
  #closing: Promise<void> | undefined;
  #hasReadied = false;

  constructor(place: Place) {
    this.#place = place;
    this.ready = this.#open();
    // Whoever awaits `ready` or calls a verb gets the error; a storage nobody asks must not end the process.
    this.ready.catch(() => {});
  }

  async write<T>(doing: string, rows: number, lasting: Lasting, run: (tx: Transaction) => T): Promise<T> {
    refuseTooMany(doing, rows);
    return (await this.#use()).writer.write(doing, rows, lasting, run);
  }

  /**
   * For a write within a transaction of the caller's: what is opened only then may have to wait for that very
   * transaction, and so would for ever.
   */
  async openedBeside(doing: string, rows: number): Promise<void> {
    refuseTooMany(doing, rows);
    if (this.#opened === undefined && this.#closing === undefined) {
      await Promise.race([this.ready, delay(OPENING_MS, undefined, { ref: false })]);
      if (this.#opened === undefined) throw notOpen(this.#place.name);
    }
    await this.#use();
  }

  /** Readers do not wait for writers, but for a process that mends the file after another one's crash. */
  async read<T>(doing: string, run: (sql: Statements) => T): Promise<T> {
    const { connection } = await this.#use();
    const { name, busyTimeoutMs } = this.#place;
    try {
      return await whenUnlocked(name, busyTimeoutMs, () => run(connection.sql));
    } catch (error) {
      throw toStorageError(name, doing, error);
    }
  }

  /** Asks first, without the write lock, whether there is anything to do: idle servers do not disturb each other. */
  async writeIf<T>(
    needed: (sql: Statements) => unknown,
    otherwise: T,
    doing: string,
    rows: number,
    run: (tx: Transaction) => T,
  ): Promise<T> {
    return (await this.read(doing, needed)) ? this.write(doing, rows, "process", run) : otherwise;
  }

  /** Rejects when the storage is closed, or cannot be opened. */
  async opened(): Promise<void> {
    await this.#use();
  }

  /** Whether a write of this object has readied jobs since this was asked last: then a claim need not look first. */
  takeReadied(): boolean {
    const hasReadied = this.#hasReadied;
    this.#hasReadied = false;
    return hasReadied;
  }

  subscribe(listener: SignalListener): () => void {
    this.#listeners.add(listener);
    this.#opened?.watch.start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#opened?.watch.stop();
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #open(): Promise<void> {
    // Lets the constructor return first, so that opening errors have one way out.
    await Promise.resolve();
    const { file, name, synchronous, busyTimeoutMs, shared, migrates } = this.#place;
    let connection: Connection | undefined;
    try {
      // Opening a file makes it, and so would a look at its version.
      if (!migrates && statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
        throw new StoreMissingError(name);
      connection = new Connection(file, name);
      await migrate(connection, synchronous, busyTimeoutMs, migrates);
    } catch (error) {
      connection?.close();
      throw toStorageError(name, "open", error);
    }
    const writer = new Writer(connection, busyTimeoutMs, (signals) => this.#tell(signals));
    const watch = new ChangeWatch(connection, () => this.#tell([{ kind: "changed" }]));
    this.#opened = { connection, writer, watch };
    if (this.#listeners.size > 0 && shared) watch.start();
  }

  async #close(): Promise<void> {
    const opened = await this.ready.then(
      () => this.#opened,
      () => undefined,
    );
    if (opened === undefined) return;
    opened.watch.stop();
    await opened.writer.idle();
    this.#opened = undefined;
    this.#listeners.clear();
    opened.connection.close();
  }

  #tell(signals: readonly Signal[]): void {
    for (const signal of signals) {
      if (signal.kind === "ready") this.#hasReadied = true;
      for (const listener of this.#listeners) listener(signal);
    }
  }

  async #use(): Promise<Opened> {
    if (this.#closing !== undefined) throw new StorageClosedError(this.#place.name);
    if (this.#opened === undefined) await this.ready;
    if (this.#opened === undefined) throw new StorageClosedError(this.#place.name);
    return this.#opened;
  }
}

function notOpen(name: string): InvalidTransactionError {
  return new InvalidTransactionError(
    name,
    "The storage is not open yet, and its opening waits for this transaction.",
    "Roll back, and await storage.ready before you begin.",
  );
}
