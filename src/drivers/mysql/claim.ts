import { type ClaimedJob, type ClaimRequest, FLAG, LeaseLostError } from "../../storage/index.ts";
import { HOLD, STATE, toState } from "../shared/state-codes.ts";
import { bytes } from "./id.ts";
import { COLUMNS, toClaimed } from "./row.ts";
import { chunks, NOW, type Row, type Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** Walks the ready jobs of one queue in order and takes the locks of rows as it comes to them. */
export const READY = `SELECT ${COLUMNS} FROM firelater_job FORCE INDEX (enqueued)
  WHERE state = ${STATE.Enqueued} AND hold = ${HOLD.none} AND queue = ? ORDER BY job_rank, seq LIMIT ?
  FOR UPDATE SKIP LOCKED`;
export const ANY_READY = `SELECT 1 FROM firelater_job FORCE INDEX (enqueued)
  WHERE state = ${STATE.Enqueued} AND hold = ${HOLD.none} AND queue = ? LIMIT 1`;
// Places among COLUMNS.
const CRASHES = 14;
const FLAGS = 17;
const STATE_OF = 4;

/** Recovered jobs and those that hold a permit must not lie in a buffer. */
const FOR_SLOTS_ONLY = FLAG.recovered | FLAG.limited;
/** The look for the buffer ends behind so many of them: its price must not grow with what is ready. */
const MOST_PASSED_OVER = 100;

/** A job that is about to be claimed. */
export interface Found {
  readonly row: Row;
  readonly blamed: boolean;
}

/** A look without locks: an idle server polls for the price of an index seek. */
export async function hasReady(sql: Statements, queues: readonly string[]): Promise<boolean> {
  for (const queue of queues) if ((await sql.first(ANY_READY, queue)) !== undefined) return true;
  return false;
}

export async function claim(tx: Transaction, request: ClaimRequest): Promise<ClaimedJob[]> {
  const found: Found[] = [];
  for (const queue of request.queues) {
    if (found.length >= request.slots + request.buffer) break;
    await findReady(tx, queue, request, found);
  }
  return await takeFound(tx, found, request);
}

async function findReady(
  tx: Transaction,
  queue: string,
  request: ClaimRequest,
  found: Found[],
): Promise<void> {
  const slots = request.slots - found.length;
  const wanted = request.slots + request.buffer - found.length;
  const rows = await tx.sql.all(READY, queue, wanted);
  const picked = pick(rows, slots, wanted);
  if (picked.length === wanted || rows.length < wanted) found.push(...picked);
  // Jobs that are left for a slot must not use up what was asked for: then one longer look is taken.
  else found.push(...pick(await tx.sql.all(READY, queue, wanted + MOST_PASSED_OVER), slots, wanted));
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

export async function takeFound(
  tx: Transaction,
  found: readonly Found[],
  request: { incarnation: string; entry: string },
): Promise<ClaimedJob[]> {
  for (const blamed of [true, false]) {
    const ids = found.filter((one) => one.blamed === blamed).map(({ row }) => bytes(row[0]));
    for (const some of chunks(ids.sort(Buffer.compare))) {
      await tx.sql.run(
        `UPDATE firelater_job FORCE INDEX (PRIMARY) SET state = ${STATE.Processing}, state_at = ?, entry = ?,
         hold = ${HOLD.none}, owner = ?, blamed = ?, fence = fence + 1 WHERE id IN (?)`,
        tx.now,
        request.entry,
        request.incarnation,
        blamed ? 1 : 0,
        some,
      );
    }
  }
  for (const { row } of found) tx.moved(toState(Number(row[STATE_OF])), "Processing");
  const claim = { now: tx.now, entry: request.entry, owner: request.incarnation };
  return found.map(({ row, blamed }) => toClaimed(row, claim, blamed));
}

const LEASE_UNTIL = "(SELECT renewed_at + timeout_ms FROM firelater_server WHERE incarnation = ?)";

/**
 * Read with the clock, not locked: a judge that runs at the same time may end the lease before this commits. These jobs then have an
 * owner without a row, and the next `recover` finds them.
 */
export async function beginWithLease(tx: Transaction, incarnation: string): Promise<void> {
  requireLease(incarnation, await tx.readClock(LEASE_UNTIL, incarnation), tx.now);
}

/** With nothing to be had, who asks must still learn that its lease is over. */
export async function refuseWithoutLease(sql: Statements, incarnation: string): Promise<false> {
  const row = await sql.first(`SELECT ${LEASE_UNTIL}, ${NOW}`, incarnation);
  requireLease(incarnation, row?.[0], Number(row?.[1]));
  return false;
}

function requireLease(incarnation: string, until: unknown, now: number): void {
  if (until === null || Number(until) <= now) throw new LeaseLostError(incarnation);
}
