/**
 * Permits of limited jobs. They are counted, in the transaction that decides, and SQLite has one writer at a time. Only
 * jobs with `FLAG.limited` come here.
 *
 * The column `permit` is the index to count by: it says of a job that it is on its way, or waits, and of which key. It
 * is null for all others, and claims leave it as it is, so that the index costs plain jobs nothing.
 */
import { entryLine, type JobLimit, type JobState, TAIL } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { toAttached } from "./attached.ts";
import { text } from "./row.ts";
import type { SqlValue, Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const onItsWay = (key: string) => `+${key}`;
const waiting = (key: string) => `-${key}`;

/** What the column says of a job in this place. */
export function permitOf(limit: JobLimit | null, state: JobState, hold: number): string | null {
  if (limit === null || (state !== "Enqueued" && state !== "Processing")) return null;
  return hold === HOLD.limit ? waiting(limit.key) : onItsWay(limit.key);
}

/** The key that stands in the column. */
export function keyOf(permit: string): string {
  return permit.slice(1);
}

/** Where a job goes that nothing but its limit holds any more. */
export interface Entrance {
  readonly state: "Enqueued" | "Deleted";
  readonly hold: number;
  readonly entry: string;
}

export const READY: Entrance = { state: "Enqueued", hold: HOLD.none, entry: "" };
const WAITING: Entrance = { state: "Enqueued", hold: HOLD.limit, entry: "" };
const SKIPPED: Entrance = { state: "Deleted", hold: HOLD.none, entry: TAIL.skipped };

/** A job's place among those of its key. `key` is its row's, null when it is not there yet. */
export interface Place {
  readonly key: SqlValue;
  readonly rank: number;
  readonly seq: number;
}

// One that is there says that all permits are in use: no more jobs are counted than there may be.
const LAST_IN_USE = "SELECT 1 FROM firelater_job WHERE permit = ? LIMIT 1 OFFSET ? - 1";
const FIRST_WAITERS = `SELECT key, queue, rank, seq, attached FROM firelater_job WHERE permit = ?
  ORDER BY rank, seq LIMIT 2`;

/** Whether the job is ready, waits for a permit or is skipped. Nothing is written. */
export function enter(tx: Transaction, limit: JobLimit | null, place: Place): Entrance {
  if (limit === null || hasPermitFor(tx, limit, place)) return READY;
  return limit.whenFull === "wait" ? WAITING : SKIPPED;
}

/** Who waits already goes first: else jobs with a larger `max` would keep one with a smaller waiting for ever. */
function hasPermitFor(tx: Transaction, limit: JobLimit, place: Place): boolean {
  if (!isFree(tx, limit)) return false;
  // One of the two may be the job itself, where it stood before this write.
  const first = tx.sql.all(FIRST_WAITERS, waiting(limit.key)).find(([key]) => key !== place.key);
  if (first === undefined) return true;
  return (place.rank - Number(first[2]) || place.seq - Number(first[3])) < 0;
}

function isFree(tx: Transaction, { key, max }: JobLimit): boolean {
  return tx.sql.first(LAST_IN_USE, onItsWay(key), max) === undefined;
}

/** Which limit a row with `FLAG.limited` has. */
export function limitOf(sql: Statements, key: SqlValue): JobLimit | null {
  return toAttached(sql.first("SELECT attached FROM firelater_job WHERE key = ?", key)?.[0]).limit;
}

/** A limited job that a due time or a gate has held. */
export interface HeldJob {
  readonly key: SqlValue;
  readonly queue: string;
  readonly rank: number;
  readonly from: JobState;
  /** Lines of the state that it leaves, and of Enqueued. */
  readonly lines: string;
}

/** Takes it to where it goes now that nothing else holds it; the state it enters. */
export function letIn(tx: Transaction, job: HeldJob, seq: number): "Enqueued" | "Deleted" {
  const { key, rank } = job;
  const limit = limitOf(tx.sql, key);
  const { state, hold, entry } = enter(tx, limit, { key, rank, seq });
  tx.sql.run(
    `UPDATE firelater_job SET state = ?, state_at = ?, entry = ?, hold = ?, permit = ?, seq = ?, fence = fence + 1,
     history = history || ? WHERE key = ?`,
    STATE[state],
    tx.now,
    entry,
    hold,
    permitOf(limit, state, hold),
    seq,
    job.lines,
    key,
  );
  tx.moved(job.from, state);
  if (state === "Enqueued" && hold === HOLD.none) tx.readied(job.queue);
  return state;
}

export interface Admitted {
  readonly count: number;
  /** Whether there is a permit for one more. */
  readonly more: boolean;
}

/** Gives what permits a key has to those who wait for them, first come first, at most so many. */
export function admitWaiters(tx: Transaction, key: string, limit: number): Admitted {
  for (let count = 0; ; count++) {
    const [first] = tx.sql.all(FIRST_WAITERS, waiting(key));
    const wanted = first === undefined ? null : toAttached(first[4]).limit;
    if (first === undefined || wanted === null || !isFree(tx, wanted)) return { count, more: false };
    if (count === limit) return { count, more: true };
    admitWaiter(tx, first[0] ?? null, key);
    tx.readied(text(first[1]));
  }
}

function admitWaiter(tx: Transaction, job: SqlValue, key: string): void {
  tx.sql.run(
    `UPDATE firelater_job SET state_at = ?, hold = ${HOLD.none}, permit = ?, fence = fence + 1,
     history = history || ? WHERE key = ?`,
    tx.now,
    onItsWay(key),
    entryLine(tx.now, TAIL.admitted),
    job,
  );
}
