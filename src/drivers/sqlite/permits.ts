/**
 * Permits of limited jobs. None is stored: a key's jobs that are on their way are counted, in the transaction that
 * decides, and SQLite has one writer at a time. Only jobs with `FLAG.limited` come here.
 */
import { entryLine, type JobLimit, type JobState, TAIL } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { toLimit } from "./limit-columns.ts";
import { text } from "./row.ts";
import type { SqlValue, Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

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

// The terms are those of the index, word for word: only then is it used. Ready and claimed jobs have no hold.
const OF_KEY = "FROM firelater_job WHERE limit_key = ? AND state IN (1, 4)";
// One that is there says that all permits are in use: no more jobs are counted than there may be.
const LAST_IN_USE = `SELECT 1 ${OF_KEY} AND hold < ${HOLD.limit} LIMIT 1 OFFSET ? - 1`;
const FIRST_WAITERS = `SELECT key, queue, rank, seq, limit_max ${OF_KEY} AND hold = ${HOLD.limit}
  ORDER BY rank, seq LIMIT 2`;

/** Whether the job is ready, waits for a permit or is skipped. Nothing is written. */
export function enter(tx: Transaction, limit: JobLimit | null, place: Place): Entrance {
  if (limit === null || hasPermitFor(tx, limit, place)) return READY;
  return limit.whenFull === "wait" ? WAITING : SKIPPED;
}

/** Who waits already goes first: else jobs with a larger `max` would keep one with a smaller waiting for ever. */
function hasPermitFor(tx: Transaction, limit: JobLimit, place: Place): boolean {
  if (!isFree(tx, limit.key, limit.max)) return false;
  // One of the two may be the job itself, where it stood before this write.
  const first = tx.sql.all(FIRST_WAITERS, limit.key).find(([key]) => key !== place.key);
  if (first === undefined) return true;
  return (place.rank - Number(first[2]) || place.seq - Number(first[3])) < 0;
}

function isFree(tx: Transaction, key: string, max: number): boolean {
  return tx.sql.first(LAST_IN_USE, key, max) === undefined;
}

/** Which limit a row with `FLAG.limited` has. */
export function limitOf(sql: Statements, key: SqlValue): JobLimit | null {
  const row = sql.first("SELECT limit_key, limit_max, limit_skip FROM firelater_job WHERE key = ?", key);
  return row === undefined ? null : toLimit(row[0], row[1], row[2]);
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
  const { state, hold, entry } = enter(tx, limitOf(tx.sql, key), { key, rank, seq });
  tx.sql.run(
    `UPDATE firelater_job SET state = ?, state_at = ?, entry = ?, hold = ?, seq = ?, fence = fence + 1,
     history = history || ? WHERE key = ?`,
    STATE[state],
    tx.now,
    entry,
    hold,
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
    const [first] = tx.sql.all(FIRST_WAITERS, key);
    if (first === undefined || !isFree(tx, key, Number(first[4]))) return { count, more: false };
    if (count === limit) return { count, more: true };
    tx.sql.run(
      `UPDATE firelater_job SET state_at = ?, hold = ${HOLD.none}, fence = fence + 1, history = history || ? WHERE key = ?`,
      tx.now,
      entryLine(tx.now, TAIL.admitted),
      first[0] ?? null,
    );
    tx.readied(text(first[1]));
  }
}
