/**
 * Permits of limited jobs. None is stored: a key's jobs that are on their way are counted, under the key's lock, by
 * whoever would make it more of them. What makes it fewer needs no lock, but must not go unnoticed by those who wait:
 * it admits them if it gets the lock at once, else it leaves a record to `release`.
 */
import { type JobLimit, TAIL } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { textArray } from "./arrays.ts";
import { ADMIT, LOAD_KEYS, LOCK_KEYS, TRY_LOCK_KEYS } from "./permit-statements.ts";
import type { Runner } from "./statements.ts";

/** A limit as its columns have it. */
export interface KeyLimit {
  readonly key: string;
  readonly max: number;
  readonly whenFull: JobLimit["whenFull"];
}

/** Where a job goes that nothing but its limit holds any more. */
export interface Entrance {
  readonly state: typeof STATE.Enqueued | typeof STATE.Deleted;
  readonly hold: number;
  readonly entry: string;
}

export const READY: Entrance = { state: STATE.Enqueued, hold: HOLD.none, entry: "" };
export const WAITING: Entrance = { state: STATE.Enqueued, hold: HOLD.limit, entry: "" };
const SKIPPED: Entrance = { state: STATE.Deleted, hold: HOLD.none, entry: TAIL.skipped };

/** A job that is about to be ready. */
export interface Entering {
  readonly id: string;
  readonly rank: number;
  /** Null: it gets a new one, behind all that wait already. */
  readonly seq: number | null;
  readonly limit: KeyLimit;
}

interface Waiter {
  readonly id: string;
  readonly rank: number;
  readonly seq: number;
  readonly max: number;
}

interface Key {
  used: number;
  readonly waiters: Waiter[];
}

type Loaded = [
  key: string,
  used: number,
  id: string | null,
  rank: number | null,
  seq: number | null,
  max: number | null,
];

/** What is known of some keys while their locks are held. */
export class Permits {
  readonly #keys = new Map<string, Key>();

  /** The locks of the keys must be held. Of those who wait the first `waiters` are read. */
  static async load(tx: Runner, keys: readonly string[], waiters: number): Promise<Permits> {
    const permits = new Permits();
    if (keys.length === 0) return permits;
    const rows = await tx.run<Loaded>(LOAD_KEYS, [textArray([...new Set(keys)]), waiters]);
    for (const [key, used, id, rank, seq, max] of rows) {
      const known = permits.#of(key);
      known.used = used;
      if (id !== null) known.waiters.push({ id, rank: rank ?? 0, seq: seq ?? 0, max: max ?? 1 });
    }
    return permits;
  }

  /** Whether the job is ready, waits or is skipped; from here on it counts. */
  enter({ id, rank, seq, limit }: Entering): Entrance {
    const key = this.#of(limit.key);
    const where = key.waiters.findIndex((waiter) => waiter.id === id);
    if (where !== -1) key.waiters.splice(where, 1);
    const place = { id, rank, seq: seq ?? Number.POSITIVE_INFINITY, max: limit.max };
    // Who waits already goes first: else jobs with a larger max would keep one with a smaller waiting for ever.
    const [first] = key.waiters;
    if (key.used < limit.max && (first === undefined || isBefore(place, first))) {
      key.used++;
      return READY;
    }
    if (limit.whenFull === "skip") return SKIPPED;
    const behind = key.waiters.findIndex((waiter) => isBefore(place, waiter));
    key.waiters.splice(behind === -1 ? key.waiters.length : behind, 0, place);
    return WAITING;
  }

  /** Those that now get a permit, at most so many, and whether there is one for one more. */
  admit(name: string, most: number): { readonly ids: readonly string[]; readonly more: boolean } {
    const key = this.#of(name);
    const ids: string[] = [];
    for (let [first] = key.waiters; first !== undefined && key.used < first.max; [first] = key.waiters) {
      if (ids.length === most) return { ids, more: true };
      ids.push(first.id);
      key.waiters.shift();
      key.used++;
    }
    return { ids, more: false };
  }

  #of(name: string): Key {
    let key = this.#keys.get(name);
    if (key === undefined) {
      key = { used: 0, waiters: [] };
      this.#keys.set(name, key);
    }
    return key;
  }
}

function isBefore(a: Waiter, b: Waiter): boolean {
  return (a.rank - b.rank || a.seq - b.seq) < 0;
}

/** Waits for the locks of keys: only before any row is locked. */
export async function lockKeys(tx: Runner, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await tx.run(LOCK_KEYS, [textArray([...new Set(keys)])]);
}

/** The keys whose locks this transaction now has. */
export async function tryLockKeys(tx: Runner, keys: readonly string[]): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const rows = await tx.run<[key: string, locked: boolean]>(TRY_LOCK_KEYS, [textArray([...new Set(keys)])]);
  return new Set(rows.flatMap(([key, locked]) => (locked ? [key] : [])));
}

export interface Admitted {
  readonly count: number;
  /** Keys for which a look has to be taken once more. */
  readonly later: readonly string[];
}

/** Gives what permits the keys have to those who wait for them, first come first, at most so many in all. */
export async function admitWaiters(tx: Runner, keys: readonly string[], most: number): Promise<Admitted> {
  const locked = await tryLockKeys(tx, keys);
  const later = new Set(keys.filter((key) => !locked.has(key)));
  const permits = await Permits.load(tx, [...locked], most + 1);
  const wanted = new Map<string, number>();
  const all: string[] = [];
  for (const key of locked) {
    const { ids, more } = permits.admit(key, most - all.length);
    if (more) later.add(key);
    wanted.set(key, ids.length);
    all.push(...ids);
  }
  if (all.length === 0) return { count: 0, later: [...later] };
  const admitted = await tx.run<[key: string, queue: string]>(ADMIT, [textArray(all), TAIL.admitted]);
  tx.news.hasPutBack ||= admitted.length > 0;
  for (const [key, queue] of admitted) {
    tx.news.readied(queue);
    wanted.set(key, (wanted.get(key) ?? 0) - 1);
  }
  // A neighbour holds one that waits: it may go elsewhere or stay, and then nobody else would look again.
  for (const [key, missing] of wanted) if (missing > 0) later.add(key);
  return { count: admitted.length, later: [...later] };
}
