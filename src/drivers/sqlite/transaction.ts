import { isAtRest, type JobState, type Signal } from "../../storage/index.ts";
import { Counters } from "./counters.ts";
import type { Statements } from "./statements.ts";

/** What one write sees: the statements, one reading of the store's clock, and what is to be told and counted after it. */
export class Transaction {
  readonly sql: Statements;
  readonly now: number;
  readonly #readyQueues = new Set<string>();
  readonly #signals = new Map<string, Signal>();
  readonly #counters: Counters;

  constructor(sql: Statements) {
    this.sql = sql;
    this.now = readClock(sql);
    this.#counters = new Counters(this.now);
  }

  /** The next `count` numbers of the store's sequence; the first of them. */
  nextSeqs(count: number): number {
    const row = this.sql.first(
      "UPDATE firelater_counter SET value = value + ? WHERE name = 'seq' RETURNING value",
      count,
    );
    return Number(row?.[0]) - count + 1;
  }

  /** Counts jobs that went from one state to another; null is not being there. */
  moved(from: JobState | null, to: JobState | null, count = 1): void {
    this.#counters.moved(from, to, count);
    if (to !== null && isAtRest(to)) this.signal({ kind: "finished" });
  }

  /** Counts a failed run that another state replaced. */
  retried(): void {
    this.#counters.retried();
  }

  readied(queue: string): void {
    this.#readyQueues.add(queue);
  }

  signal(signal: Signal): void {
    const known = this.#signals.get(signal.kind);
    if ("at" in signal && known !== undefined && "at" in known && known.at <= signal.at) return;
    this.#signals.set(signal.kind, signal);
  }

  /** Takes over what a unit within this transaction has done, once that unit can no longer be undone alone. */
  absorb(unit: Transaction): void {
    for (const queue of unit.#readyQueues) this.#readyQueues.add(queue);
    for (const signal of unit.#signals.values()) this.signal(signal);
    this.#counters.absorb(unit.#counters);
  }

  writeCounters(): void {
    this.#counters.write(this.sql);
  }

  signals(): Signal[] {
    const ready: Signal[] =
      this.#readyQueues.size > 0 ? [{ kind: "ready", queues: [...this.#readyQueues] }] : [];
    return [...ready, ...this.#signals.values()];
  }
}

/** SQLite reads the host's clock itself, so a process that fakes or skews its Date changes nothing. */
export function readClock(sql: Statements): number {
  return Number(sql.first("SELECT CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)")?.[0]);
}
