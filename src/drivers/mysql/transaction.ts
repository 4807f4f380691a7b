import type { JobState, Signal } from "../../storage/index.ts";
import { isBefore, type Place } from "./mark.ts";
import { NOW, type Row, type Statements } from "./statements.ts";

/** A neighbour holds what a part of a write needs. */
export class TakenError extends Error {}

/** Numbers of the store's sequence that one tick stands for: at least as many as a call has rows. */
const SEQS_OF_A_TICK = 1_024;

/** The columns of `firelater_change` that count jobs by state. */
export const STATE_COLUMN = {
  Enqueued: "enqueued",
  Scheduled: "scheduled",
  Awaiting: "awaiting",
  Processing: "processing",
  Succeeded: "succeeded",
  Failed: "failed",
  Deleted: "deleted",
} as const satisfies Record<JobState, string>;

/** And those that count what happened. */
const ENTERED = { Succeeded: "to_succeeded", Failed: "to_failed", Deleted: "to_deleted" } as const;

/**
 * What one write sees: the statements, one reading of the store's clock, and what is to be told and counted after it.
 * Whoever begins it reads the clock, by itself or together with what it looks for first.
 *
 * A write that counts or needs numbers of the sequence appends one row to `firelater_change`. The number that
 * AUTO_INCREMENT gives to that row is the write's *tick*; a `seq` is a place within a tick. So nothing that two writes
 * share is updated, and no lock outlives a statement: a counter row would let writers in one after the other.
 */
export class Transaction {
  readonly sql: Statements;
  /** Keys of limits whose lock this transaction has. */
  readonly keys = new Set<string>();
  /** For each queue in which jobs have become ready, the first place of one. */
  readonly readyPlaces = new Map<string, Place>();
  readonly #origin: number;
  readonly #signals = new Map<string, Signal>();
  readonly #counts = new Map<string, number>();
  #now: number | undefined;
  #ownTick: number | undefined;
  /** What the row of the own tick says already. */
  #written = "";
  #tick = 0;
  #used = SEQS_OF_A_TICK;

  constructor(sql: Statements, origin: number) {
    this.sql = sql;
    this.#origin = origin;
  }

  /** Milliseconds of the server's clock: the same for all that this write stores. */
  get now(): number {
    if (this.#now === undefined) throw new Error("a write that has not read the clock");
    return this.#now;
  }

  /** Reads the clock, and one value beside it: a scalar expression, in the same trip. */
  async readClock(beside = "NULL"): Promise<Row[number]> {
    const row = await this.sql.first(`SELECT ${NOW}, ${beside}`);
    this.#now = Number(row?.[0]);
    return row?.[1];
  }

  /** The clock was read together with rows of something else. */
  setClock(now: number): void {
    this.#now = now;
  }

  /**
   * The next `count` numbers of the store's sequence, at most as many as a call may have rows; the first of them. What
   * has been counted so far is written with them.
   */
  async nextSeqs(count: number): Promise<number> {
    if (this.#used + count > SEQS_OF_A_TICK) await this.#nextTick();
    const first = this.#tick * SEQS_OF_A_TICK + this.#used;
    this.#used += count;
    return first;
  }

  /** Counts jobs that went from one state to another; null is not being there. */
  moved(from: JobState | null, to: JobState | null, count = 1): void {
    if (from !== null) this.#count(STATE_COLUMN[from], -count);
    if (to !== null) this.#count(STATE_COLUMN[to], count);
    if (count > 0 && (to === "Succeeded" || to === "Failed" || to === "Deleted")) {
      this.#count(ENTERED[to], count);
      this.signal({ kind: "finished" });
    }
  }

  /** Counts a failed run that another state replaced. */
  retried(): void {
    this.#count("retried", 1);
  }

  /** A job has become ready in this place of the queue. */
  readied(queue: string, place: Place): void {
    const first = this.readyPlaces.get(queue);
    if (first === undefined || isBefore(place, first)) this.readyPlaces.set(queue, place);
  }

  signal(signal: Signal): void {
    const known = this.#signals.get(signal.kind);
    if ("at" in signal && known !== undefined && "at" in known && known.at <= signal.at) return;
    this.#signals.set(signal.kind, signal);
  }

  /** The number of this write's change; undefined when it has none. Known once the counters are written. */
  get tick(): number | undefined {
    return this.#ownTick;
  }

  /**
   * Does a part of the write that may turn out to be in a neighbour's way: then that part is undone alone, in the store
   * and in what is told and counted. Its locks stay until the end.
   */
  async part<T>(body: () => Promise<T>): Promise<T | "taken"> {
    const undo = this.#remember();
    await this.sql.run("SAVEPOINT part");
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof TakenError)) throw error;
      await this.sql.run("ROLLBACK TO SAVEPOINT part");
      undo();
      return "taken";
    }
  }

  /** Part of the write: what is counted in the transaction that it counts cannot drift. */
  async writeCounters(): Promise<void> {
    if (this.#ownTick !== undefined) await this.#updateChange(this.#ownTick);
    // Others learn from the row that something was written, also where nothing is counted (jobs that were given up and
    // taken again, limits, recurring jobs).
    else if (this.#counts.size > 0 || this.signals().length > 0) await this.#addOwnChange();
  }

  signals(): Signal[] {
    const ready: Signal[] =
      this.readyPlaces.size > 0 ? [{ kind: "ready", queues: [...this.readyPlaces.keys()] }] : [];
    return [...ready, ...this.#signals.values()];
  }

  #remember(): () => void {
    const [tick, queues] = [this.#ownTick, [...this.readyPlaces]];
    const [signals, counts] = [[...this.#signals], [...this.#counts]];
    return () => {
      refill(this.#signals, signals);
      refill(this.#counts, counts);
      refill(this.readyPlaces, queues);
      this.#ownTick = tick;
      // A row that was undone: the numbers of its tick are not used again.
      if (tick === undefined) this.#used = SEQS_OF_A_TICK;
    };
  }

  async #nextTick(): Promise<void> {
    this.#tick = this.#ownTick === undefined ? await this.#addOwnChange() : await this.#addChange([]);
    this.#used = 0;
  }

  async #addOwnChange(): Promise<number> {
    const counts = [...this.#counts];
    this.#ownTick = await this.#addChange(counts);
    this.#written = String(counts);
    return this.#ownTick;
  }

  #addChange(counts: readonly [string, number][]): Promise<number> {
    const columns = ["at", "origin", ...counts.map(([column]) => column)];
    const values = [this.#origin, ...counts.map(([, count]) => count)];
    return this.sql.add(`INSERT INTO firelater_change (${columns.join(", ")}) VALUES (${NOW}, ?)`, values);
  }

  async #updateChange(tick: number): Promise<void> {
    const counts = [...this.#counts];
    if (String(counts) === this.#written) return;
    const columns = counts.map(([column]) => `${column} = ?`).join(", ");
    const values = counts.map(([, count]) => count);
    await this.sql.run(`UPDATE firelater_change SET ${columns} WHERE tick = ?`, ...values, tick);
  }

  #count(column: string, by: number): void {
    this.#counts.set(column, (this.#counts.get(column) ?? 0) + by);
  }
}

function refill<K, V>(map: Map<K, V>, entries: readonly (readonly [K, V])[]): void {
  map.clear();
  for (const [key, value] of entries) map.set(key, value);
}
