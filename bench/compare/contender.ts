import type { Figures } from "../harness/benchmark.ts";

/** Where the jobs of one sample are: made for it, gone after it. */
export interface Place extends AsyncDisposable {
  /** Of the database or the Redis; the file's folder for SQLite. */
  readonly url: string;
  /** Running totals of what the server did for this place, read while no contender is open. */
  read(): Promise<Figures>;
  /** Totals that end with the contender's connections, so read before it closes. */
  readOpen(): Promise<Figures>;
}

/** A framework opened on a place: the few things that all of them can do, each done as well as it can. */
export interface Contender extends AsyncDisposable {
  /** Stores one job that does nothing, or one that carries the time of the call. */
  add(sentAt?: number): Promise<unknown>;
  /** Stores so many by the fastest call there is. */
  addMany(count: number): Promise<void>;
  /** Starts to work off what is stored and what comes; `run` is the whole job. */
  work(slots: number, run: (sentAt: number | undefined) => void): Promise<void>;
  /** Jobs that wait or run. */
  left(): Promise<number>;
  /** Throws unless this very number has been completed, as far as the framework keeps that. */
  requireDone(count: number): Promise<void>;
}

/** What a contender's module exports. `variant` picks one of its settings. */
export type Open = (place: Place, variant: string) => Promise<Contender>;

/** Which module, which of its variants, and where its jobs are. */
export interface Entry {
  readonly module: string;
  readonly variant: string;
  readonly engine: "postgres" | "redis" | "sqlite";
  /** Of Redis: `no AOF`, or its appendfsync. */
  readonly durability?: string | undefined;
}

export function requireCount(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: ${found} of ${expected} jobs are done`);
}
