import { randomInt } from "node:crypto";
import {
  type Durability,
  type Signal,
  type SignalListener,
  StorageClosedError,
} from "../../storage/index.ts";
import {
  CallersConnections,
  type CallersTransaction,
  ORIGIN_OF_CALLERS,
  type RunWithin,
} from "./callers-connection.ts";
import { ChangeWatch } from "./change-watch.ts";
import { Connection } from "./connection.ts";
import { toStorageError } from "./errors.ts";
import { refuseTooMany } from "./limits.ts";
import { Marks } from "./mark.ts";
import { migrate } from "./migrate.ts";
import type { Source } from "./options.ts";
import type { Session } from "./session.ts";
import type { Statements } from "./statements.ts";
import { fold } from "./statistics.ts";
import type { Transaction } from "./transaction.ts";

/** One write in so many folds what lies about: so many more rows are read when jobs are counted. */
const FOLD_EVERY = 64;

/** The ways in which a storage reaches its server: reads, transactions and wake-ups, from opening to closing. */
export class Database {
  readonly ready: Promise<void>;
  readonly marks: Marks;
  readonly #name: string;
  readonly #migrates: boolean;
  readonly #connection: Connection;
  readonly #callers: CallersConnections;
  readonly #watch: ChangeWatch;
  readonly #listeners = new Set<SignalListener>();
  readonly #underWay = new Set<Promise<unknown>>();
  #opened: Session | undefined;
  #opening: Promise<Session> | undefined;
  #closing: Promise<void> | undefined;
  #folding = false;
  #hasReadied = false;

  constructor({ name, pool, url, migrates }: Source) {
    const origin = randomInt(ORIGIN_OF_CALLERS + 1, 2 ** 32);
    this.#name = name;
    this.#migrates = migrates;
    this.marks = new Marks(name);
    this.#connection = new Connection(name, pool, url !== undefined, origin);
    this.#callers = new CallersConnections(name);
    this.#watch = new ChangeWatch(this.#connection, origin, () => {
      this.marks.suspectAll();
      this.#tell([{ kind: "changed" }]);
    });
    this.ready = Promise.resolve().then(async () => {
      await this.#open();
    });
    // Whoever awaits `ready` or calls a verb gets the error; a storage nobody asks must not end the process.
    this.ready.catch(() => {});
  }

  /** What the server waits for at a commit; what it does by default until it could be asked. */
  get durability(): Durability {
    const flush = this.#opened?.flush ?? "1";
    return { level: flush === "1" ? "fsync" : "os", setting: `innodb_flush_log_at_trx_commit=${flush}` };
  }

  /** One transaction. `begin` is what it does first: it reads the clock, unless it is told otherwise. */
  async write<T>(
    doing: string,
    rows: number,
    run: (tx: Transaction) => Promise<T>,
    begin: (tx: Transaction) => Promise<unknown> = (tx) => tx.readClock(),
  ): Promise<T> {
    refuseTooMany(doing, rows);
    return this.#use(async (connection) => {
      const { value, signals, tick, readied } = await connection.write(doing, async (tx) => {
        await begin(tx);
        return await run(tx);
      });
      this.marks.readied(readied);
      this.#tell(signals);
      if (tick !== undefined) {
        this.#watch.hurry();
        if (tick % FOLD_EVERY === 0) this.#fold();
      }
      return value;
    });
  }

  /**
   * Within a transaction that a caller has begun. Nobody tells us when it is committed, so for a moment we ask often:
   * most follow at once.
   */
  async within<T>(given: CallersTransaction, doing: string, rows: number, run: RunWithin<T>): Promise<T> {
    refuseTooMany(doing, rows);
    return this.#use(async () => {
      const value = await this.#callers.call(given, await this.#open(), doing, run);
      this.#watch.hurry();
      return value;
    });
  }

  read<T>(doing: string, run: (sql: Statements) => Promise<T>): Promise<T> {
    return this.#use((connection) => connection.read(doing, run));
  }

  /** Asks first, without a lock, whether there is anything to do: idle servers do not disturb each other. */
  async writeIf<T>(
    needed: (sql: Statements) => Promise<boolean>,
    otherwise: T,
    ...write: Parameters<typeof this.write<T>>
  ): Promise<T> {
    return (await this.read(write[0], needed)) ? this.write(...write) : otherwise;
  }

  /** Jobs are known to be ready: the next claim need not look first. */
  noteReadied(): void {
    this.#hasReadied = true;
  }

  /** Whether jobs were known to be ready since this was asked last. */
  takeReadied(): boolean {
    const hasReadied = this.#hasReadied;
    this.#hasReadied = false;
    return hasReadied;
  }

  subscribe(listener: SignalListener): () => void {
    this.#listeners.add(listener);
    if (this.#opened !== undefined && this.#closing === undefined) this.#watch.start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) void this.#watch.stop();
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** A server that is down when we start may come up later: after a failure the next verb tries anew. */
  #open(): Promise<Session> {
    this.#opening ??= migrate(this.#connection, this.#migrates).then(
      (session) => {
        this.#opened = session;
        if (this.#listeners.size > 0 && this.#closing === undefined) this.#watch.start();
        return session;
      },
      (error: unknown) => {
        this.#opening = undefined;
        throw toStorageError(this.#name, "open", error);
      },
    );
    return this.#opening;
  }

  async #close(): Promise<void> {
    await this.ready.catch(() => {});
    // The last write may have begun to fold.
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    await this.#watch.stop();
    this.#listeners.clear();
    this.marks.close();
    await this.#connection.end();
  }

  #use<T>(run: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(new StorageClosedError(this.#name));
    return this.#track(
      this.#opened === undefined ? this.#open().then(() => run(this.#connection)) : run(this.#connection),
    );
  }

  async #track<T>(working: Promise<T>): Promise<T> {
    this.#underWay.add(working);
    try {
      return await working;
    } finally {
      this.#underWay.delete(working);
    }
  }

  /** Nobody waits for it, and whoever writes next tries it too: an error is nobody's. */
  #fold(): void {
    if (this.#folding) return;
    this.#folding = true;
    const working = this.#connection
      .write("fold counters", async (tx) => {
        await tx.readClock();
        return await fold(tx.sql, tx.now);
      })
      .then(
        ({ value: more }) => more,
        () => false,
      )
      .then((more) => {
        this.#folding = false;
        if (more && this.#closing === undefined) this.#fold();
      });
    void this.#track(working);
  }

  #tell(signals: readonly Signal[]): void {
    for (const signal of signals) {
      if (signal.kind === "ready") this.noteReadied();
      for (const listener of this.#listeners) listener(signal);
    }
  }
}
