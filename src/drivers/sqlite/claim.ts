import { type ClaimedJob, type ClaimRequest, FLAG, LeaseLostError } from "../../storage/index.ts";
import { CLAIM_COLUMNS, CRASHES, FLAGS, KEY, type Row, toClaimed } from "./row.ts";
import type { Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const READY = `SELECT ${CLAIM_COLUMNS} FROM firelater_job
  WHERE state = 1 AND hold = 0 AND queue = ? ORDER BY rank, seq LIMIT ? + 0`;
// Nothing is said of hold: what is ready has none, and indices of columns that a statement does not name cost it nothing.
const take = (which: string) =>
  `UPDATE firelater_job SET state = 4, state_at = ?, entry = ?, owner = ?, blamed = ?, fence = fence + 1
  WHERE ${which}`;
// One statement for all keys: two thirds of the price of one for each. A single one does without the list.
const TAKE_ALL = take("key IN (SELECT value FROM json_each(?))");
const TAKE_ONE = take("key = ?");

/** Recovered jobs and those that hold a permit must not lie in a buffer. */
const FOR_SLOTS_ONLY = FLAG.recovered | FLAG.limited;
/** The look for the buffer ends behind so many of them: its price must not grow with what is ready. */
const MOST_PASSED_OVER = 100;

/** A job that is about to be claimed. */
export interface Found {
  readonly row: Row;
  readonly blamed: boolean;
}

/** In the order given, without those that are paused: nearly always all of them. */
export function openQueues(sql: Statements, queues: readonly string[]): readonly string[] {
  const paused = sql.all("SELECT queue FROM firelater_pause");
  if (paused.length === 0) return queues;
  const names = new Set(paused.map(([queue]) => queue));
  return queues.filter((queue) => !names.has(queue));
}

/** A look without the write lock: an idle server polls for the price of an index seek. */
export function hasReady(sql: Statements, queues: readonly string[]): boolean {
  return openQueues(sql, queues).some(
    (queue) =>
      sql.first("SELECT 1 FROM firelater_job WHERE state = 1 AND hold = 0 AND queue = ? LIMIT 1", queue) !==
      undefined,
  );
}

export function claim(tx: Transaction, request: ClaimRequest): ClaimedJob[] {
  requireLease(tx.sql, tx.now, request.incarnation);
  const found: Found[] = [];
  for (const queue of openQueues(tx.sql, request.queues)) {
    if (found.length >= request.slots + request.buffer) break;
    findReady(tx, queue, request, found);
  }
  return takeFound(tx, found, request);
}

function findReady(tx: Transaction, queue: string, request: ClaimRequest, found: Found[]): void {
  const slots = request.slots - found.length;
  const wanted = request.slots + request.buffer - found.length;
  const rows = tx.sql.all(READY, queue, wanted);
  const picked = pick(rows, slots, wanted);
  if (picked.length === wanted || rows.length < wanted) found.push(...picked);
  // Jobs that are left for a slot must not use up what was asked for: then one longer look is taken.
  else found.push(...pick(tx.sql.all(READY, queue, wanted + MOST_PASSED_OVER), slots, wanted));
}

function pick(rows: readonly Row[], slots: number, wanted: number): Found[] {
  const picked: Found[] = [];
  for (const row of rows) {
    if (picked.length === wanted) break;
    const forSlot = picked.length < slots;
    // Such a job stays where it stands: the next claim meets it first, and starts it at once.
    if (!forSlot && Number(row[FLAGS]) & FOR_SLOTS_ONLY) continue;
    picked.push({ row, blamed: forSlot && mayBlame(row) });
  }
  return picked;
}

/** A job that crashed twice is blamed only once it runs alone. */
export function mayBlame(row: Row): boolean {
  return Number(row[CRASHES]) < 2;
}

/** Takes jobs that nothing holds. */
export function takeFound(
  tx: Transaction,
  found: readonly Found[],
  request: { incarnation: string; entry: string },
): ClaimedJob[] {
  for (const blamed of [true, false]) {
    const keys = found.filter((one) => one.blamed === blamed).map(({ row }) => row[KEY]);
    if (keys.length === 0) continue;
    const [only = null] = keys;
    const [sql, which] = keys.length === 1 ? [TAKE_ONE, only] : [TAKE_ALL, JSON.stringify(keys)];
    tx.sql.run(sql, tx.now, request.entry, request.incarnation, blamed ? 1 : 0, which);
  }
  tx.moved("Enqueued", "Processing", found.length);
  const claim = { now: tx.now, entry: request.entry, owner: request.incarnation };
  return found.map(({ row, blamed }) => toClaimed(row, claim, blamed));
}

export function requireLease(sql: Statements, now: number, incarnation: string): void {
  const row = sql.first(
    "SELECT renewed_at + timeout_ms FROM firelater_server WHERE incarnation = ?",
    incarnation,
  );
  if (row === undefined || Number(row[0]) <= now) throw new LeaseLostError(incarnation);
}
