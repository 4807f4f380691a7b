import { type ClaimedJob, type ClaimRequest, LeaseLostError } from "../../storage/index.ts";
import { HOLD, STATE, toState } from "../shared/state-codes.ts";
import { Finding, type Found, hasReady } from "./find-ready.ts";
import { bytes } from "./id.ts";
import type { Marks } from "./mark.ts";
import { PAUSED, pausedIn } from "./queues.ts";
import { toClaimed } from "./row.ts";
import { chunks, NOW, type Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** Its place among COLUMNS. */
const STATE_OF = 4;

/** A look without locks, before anything is begun. */
export async function mayClaim(sql: Statements, { queues, incarnation }: ClaimRequest): Promise<boolean> {
  return (await hasReady(sql, queues)) || (await refuseWithoutLease(sql, incarnation));
}

/** The marks are raised by whoever has committed it. */
export async function claim(tx: Transaction, marks: Marks, request: ClaimRequest): Promise<ClaimedJob[]> {
  const queues = await beginWithLease(tx, request);
  const finding = new Finding(tx.sql, request);
  for (const queue of queues) {
    if (!finding.isFull) await finding.findIn(queue, marks.of(queue));
  }
  return await takeFound(tx, finding.jobs, request);
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

/** What stands before a verb that reads the clock itself, together with the lease. */
export const clockFollows = (): Promise<void> => Promise.resolve();

const LEASE_UNTIL = "(SELECT renewed_at + timeout_ms FROM firelater_server WHERE incarnation = ?)";
const LEASE_AND_PAUSES = `SELECT ${NOW}, renewed_at + timeout_ms, ${PAUSED} FROM firelater_server WHERE incarnation = ?`;

/**
 * The queues of the request that are not paused, and are not until this commits. The lease is read with the clock, not
 * locked: a judge that runs at the same time may end it before. These jobs then have an owner without a row, and the
 * next `recover` finds them.
 */
export async function beginWithLease(
  tx: Transaction,
  { incarnation, queues }: { incarnation: string; queues: readonly string[] },
): Promise<readonly string[]> {
  // No queue has no name: a list must have members.
  const [now = 0, until = null, found] =
    (await tx.sql.first(LEASE_AND_PAUSES, ["", ...queues], incarnation)) ?? [];
  tx.setClock(Number(now));
  requireLease(incarnation, until, tx.now);
  const paused = pausedIn(found);
  return queues.filter((queue) => !paused.has(queue));
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
