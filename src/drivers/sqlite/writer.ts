import { endOfMicrotasks, nextTurn, TurnClock } from "../../base/turn.ts";
import type { Signal } from "../../storage/index.ts";
import type { Connection } from "./connection.ts";
import { toStorageError } from "./errors.ts";
import { MAX_ROWS } from "./limits.ts";
import { Transaction } from "./transaction.ts";
import { whenUnlocked } from "./when-unlocked.ts";

/**
 * What a write must have survived when its promise resolves.
 *
 * - `durable`: what the storage is set to: jobs that were accepted, and states that were settled.
 * - `process`: the death of the process. A power cut ends every process of the machine, and with them the claims,
 *   leases and moves that it may undo: jobs are then as if nobody had taken them, and nobody has. The file is a prefix
 *   of what was written either way, since a later durable write carries all before it.
 */
export type Lasting = "durable" | "process";

/** How much of one turn of the event loop goes into writing before the turn ends: about one fsync of a good disk. */
const SLICE_MS = 1;

interface Unit {
  readonly doing: string;
  readonly rows: number;
  readonly lasting: Lasting;
  readonly run: (tx: Transaction) => void;
  /** Called after the commit, or with the error that undid the unit. */
  settle(error?: Error): void;
}

/**
 * All writes of one storage object, in order. What is asked for at the same time shares one transaction and one fsync;
 * each unit stands in a savepoint, so that one that fails is undone alone.
 *
 * If the process dies before COMMIT returns, nothing of the transaction is there and no promise has resolved.
 */
export class Writer {
  readonly #connection: Connection;
  readonly #busyTimeoutMs: number;
  readonly #committed: (signals: Signal[]) => void;
  #units: Unit[] = [];
  #running: Promise<void> | undefined;
  readonly #turn = new TurnClock();

  constructor(connection: Connection, busyTimeoutMs: number, committed: (signals: Signal[]) => void) {
    this.#connection = connection;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#committed = committed;
  }

  write<T>(doing: string, rows: number, lasting: Lasting, run: (tx: Transaction) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let result: { readonly value: T } | undefined;
      this.#units.push({
        doing,
        rows,
        lasting,
        run: (tx) => {
          result = { value: run(tx) };
        },
        settle: (error) =>
          result === undefined || error !== undefined ? reject(error) : resolve(result.value),
      });
      this.#running ??= this.#work();
    });
  }

  /** Resolves once everything asked for so far is written. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #work(): Promise<void> {
    await endOfMicrotasks();
    while (this.#units.length > 0) {
      // Timers, sockets and jobs have their turn between two transactions, unless these are short.
      while (this.#turn.elapsed() > SLICE_MS) await nextTurn();
      const units = this.#nextUnits();
      // Whatever breaks here concerns these units; the next ones try for themselves and get their own error.
      await this.#begin(units).catch((error: unknown) => this.#refuse(units, error));
    }
    this.#running = undefined;
  }

  #nextUnits(): Unit[] {
    let rows = 0;
    let count = 0;
    for (const unit of this.#units) {
      rows += unit.rows;
      if (count > 0 && rows > MAX_ROWS) break;
      count++;
    }
    return this.#units.splice(0, count);
  }

  async #begin(units: readonly Unit[]): Promise<void> {
    const durable = units.some(({ lasting }) => lasting === "durable");
    await whenUnlocked(this.#connection.name, this.#busyTimeoutMs, () => this.#connection.begin(durable));
    this.#transact(units);
  }

  #transact(units: readonly Unit[]): void {
    const outcomes = new Map<Unit, Error | undefined>();
    let signals: Signal[];
    try {
      const whole = new Transaction(this.#connection.sql);
      for (const unit of units) outcomes.set(unit, this.#runUnit(whole, unit, units.length > 1));
      whole.writeCounters();
      this.#connection.commit();
      signals = whole.signals();
    } catch (error) {
      this.#connection.rollback();
      this.#refuse(units, error);
      return;
    }
    for (const [unit, error] of outcomes) unit.settle(error);
    if (signals.length > 0) this.#committed(signals);
  }

  /** Undoes a failing unit alone and returns its error. A unit that is alone fails as the whole transaction. */
  #runUnit(whole: Transaction, unit: Unit, shared: boolean): Error | undefined {
    if (!shared) {
      unit.run(whole);
      return undefined;
    }
    const own = new Transaction(this.#connection.sql);
    this.#connection.savepoint();
    try {
      unit.run(own);
    } catch (error) {
      this.#connection.rollbackToSavepoint();
      return toStorageError(this.#connection.name, unit.doing, error);
    }
    this.#connection.releaseSavepoint();
    whole.absorb(own);
    return undefined;
  }

  #refuse(units: readonly Unit[], error: unknown): void {
    for (const unit of units) unit.settle(toStorageError(this.#connection.name, unit.doing, error));
  }
}
