import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolConnection } from "mysql2/promise";
import { backoffDelay } from "../../base/backoff.ts";
import type { Signal } from "../../storage/index.ts";
import { connectionInTime } from "../shared/connection-in-time.ts";
import { isDisconnected, isInTheWay, toBusyError, toStorageError } from "./errors.ts";
import type { Place } from "./mark.ts";
import { readSession, type Session } from "./session.ts";
import { Statements } from "./statements.ts";
import { Transaction } from "./transaction.ts";

const ATTEMPTS = 8;
/** A pool of somebody else's may wait without end. */
const CONNECTION_MS = 15_000;
/** A neighbour is done within moments, a connection is had again within seconds. */
const PAUSE = { firstMs: 2, longestMs: 400 };
const LONG_PAUSE = { firstMs: 40, longestMs: 1_000 };

/** The server may have stored it or not, and cannot be asked: what was written is not written again by itself. */
class UnknownOutcome {
  readonly cause: unknown;
  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/** What a transaction has come to. */
export interface Written<T> {
  readonly value: T;
  readonly signals: readonly Signal[];
  readonly tick: number | undefined;
  /** For each queue in which jobs have become ready, the first place of one. */
  readonly readied: ReadonlyMap<string, Place>;
}

/** A pool, and the ways in which statements are run on it: reads, and short transactions. */
export class Connection {
  readonly name: string;
  readonly #pool: Pool;
  readonly #own: boolean;
  readonly #origin: number;
  readonly #sessions = new WeakMap<object, Session>();

  /** `own`: the pool is ours to set up and to end. `origin` tells this storage's writes from those of others. */
  constructor(name: string, pool: Pool, own: boolean, origin: number) {
    this.name = name;
    this.#pool = pool;
    this.#own = own;
    this.#origin = origin;
  }

  /** Statements that each see the latest committed state. */
  read<T>(doing: string, body: (sql: Statements) => Promise<T>): Promise<T> {
    return this.#attempt(doing, () => this.use((sql) => body(sql)));
  }

  /**
   * One short READ COMMITTED transaction; the body reads the clock if it needs it. If the process dies inside, the server
   * rolls it back.
   */
  write<T>(doing: string, body: (tx: Transaction) => Promise<T>): Promise<Written<T>> {
    return this.#attempt(doing, () => this.use((sql) => this.#transact(sql, body)));
  }

  /** One connection for as long as the body runs, without a second attempt. */
  async use<T>(body: (sql: Statements, session: Session) => Promise<T>): Promise<T> {
    const connecting = this.#pool.getConnection();
    const connection = this.#own
      ? await connecting
      : await connectionInTime(connecting, CONNECTION_MS, (late) => late.release());
    let reusable = false;
    try {
      const session = await this.#sessionOf(connection);
      const value = await body(new Statements(connection, session.maxPacket), session);
      reusable = true;
      return value;
    } catch (error) {
      reusable = await canRollBack(connection);
      throw error;
    } finally {
      // What cannot even roll back is closed, which rolls back what is left of a transaction.
      if (reusable) connection.release();
      else connection.destroy();
    }
  }

  async end(): Promise<void> {
    if (this.#own) await this.#pool.end();
  }

  async #transact<T>(sql: Statements, body: (tx: Transaction) => Promise<T>): Promise<Written<T>> {
    // The sessions of somebody else's pool keep their own level for what follows.
    if (!this.#own) await sql.run("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    await sql.run("START TRANSACTION");
    const tx = new Transaction(sql, this.#origin);
    const value = await body(tx);
    await tx.writeCounters();
    try {
      await sql.run("COMMIT");
    } catch (error) {
      throw new UnknownOutcome(error);
    }
    return { value, signals: tx.signals(), tick: tx.tick, readied: tx.readyPlaces };
  }

  async #sessionOf(connection: PoolConnection): Promise<Session> {
    // The object that the pool hands out is new each time, what it stands for is not.
    const key = connection.connection;
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const session = await readSession(connection, this.#own);
    this.#sessions.set(key, session);
    return session;
  }

  /** Does it again while neighbours are in the way or connections break; every other error becomes the contract's. */
  async #attempt<T>(doing: string, action: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    for (let failures = 1; ; failures++) {
      try {
        return await action();
      } catch (error) {
        if (error instanceof UnknownOutcome) throw toStorageError(this.name, doing, error.cause);
        const inTheWay = isInTheWay(error);
        if (!inTheWay && !isDisconnected(error)) throw toStorageError(this.name, doing, error);
        if (failures === ATTEMPTS) {
          const waited = Math.round(performance.now() - startedAt);
          throw inTheWay ? toBusyError(this.name, waited, error) : toStorageError(this.name, doing, error);
        }
        await sleep(backoffDelay(inTheWay ? PAUSE : LONG_PAUSE, failures));
      }
    }
  }
}

/** Most errors leave a connection as good as it was: a neighbour in the way, a lease that is lost. */
async function canRollBack(connection: PoolConnection): Promise<boolean> {
  return connection.query("ROLLBACK").then(
    () => true,
    () => false,
  );
}
