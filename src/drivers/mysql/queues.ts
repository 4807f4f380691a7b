import { MAX_QUEUES, type QueuePause, type QueueRecord, READY_COUNTED } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import type { Place } from "./mark.ts";
import { text, textOrNull } from "./row.ts";
import type { Row, Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** Priorities whose first job is looked at for the oldest one. */
const MOST_RANKS = 20;
const READY = `FROM firelater_job FORCE INDEX (enqueued) WHERE state = ${STATE.Enqueued} AND hold = ${HOLD.none} AND`;
const NEXT = `SELECT queue ${READY} queue > ? ORDER BY queue LIMIT 1`;
/** How much is ready in a queue, and the queue behind it, in one trip. */
const COUNT_AND_NEXT = `SELECT (SELECT COUNT(*) FROM (SELECT 1 ${READY} queue = ? LIMIT ${READY_COUNTED}) AS counted), (${NEXT})`;
const FIRST_ABOVE = `SELECT job_rank, state_at ${READY} queue = ? AND job_rank > ? ORDER BY job_rank, seq LIMIT 1`;
const PAUSES =
  "SELECT queue, at, note FROM firelater_pause FORCE INDEX (PRIMARY) WHERE queue > '' ORDER BY queue";

/** A condition with the queue as its value. It depends on no row: the server looks once for each statement. */
export const NOT_PAUSED = "(SELECT COUNT(*) FROM firelater_pause WHERE queue = ?) = 0";

/**
 * Those of a list of queues that are paused, read so that nothing is paused before the transaction has ended: the row of
 * the schema, which is there and does not change, stands for all queues. Whoever pauses one waits for its holders, which
 * do not wait for each other.
 */
export const PAUSED = `(SELECT JSON_ARRAYAGG(one.queue) FROM firelater_schema STRAIGHT_JOIN firelater_pause AS one
  FORCE INDEX (PRIMARY) ON one.queue IN (?) WHERE firelater_schema.id = 1 LOCK IN SHARE MODE)`;
const HOLD_CLAIMS = "SELECT id FROM firelater_schema WHERE id = 1 FOR UPDATE";

/** What `PAUSED` has found; MariaDB gives JSON as a text. */
export function pausedIn(value: unknown): ReadonlySet<string> {
  const found: unknown = typeof value === "string" ? JSON.parse(value) : value;
  return new Set(Array.isArray(found) ? found.map(String) : []);
}

/** Before every job: what stood ready all the while may be anywhere. */
const ANYWHERE: Place = { rank: Number.MIN_SAFE_INTEGER, seq: 0 };

/** Waits for the claims that are under way, and lets those that come wait for the end of this transaction. */
export async function pauseQueue(tx: Transaction, queue: string, note: string): Promise<void> {
  await tx.sql.all(HOLD_CLAIMS);
  await tx.sql.run(
    `INSERT INTO firelater_pause (queue, at, note) VALUES (?, ?, ?)
     ON DUPLICATE KEY UPDATE at = VALUES(at), note = VALUES(note)`,
    queue,
    tx.now,
    note,
  );
}

export async function resumeQueue(tx: Transaction, queue: string): Promise<boolean> {
  const wasPaused = (await tx.sql.run("DELETE FROM firelater_pause WHERE queue = ?", queue)) === 1;
  if (wasPaused) tx.readied(queue, ANYWHERE);
  return wasPaused;
}

export async function queues(sql: Statements): Promise<QueueRecord[]> {
  const records = new Map<string, QueueRecord>();
  for (const row of await sql.all(`${PAUSES} LIMIT ?`, MAX_QUEUES)) {
    const queue = text(row[0]);
    records.set(queue, { queue, ready: 0, isBound: false, oldestAt: null, paused: toPause(row) });
  }
  let queue = textOrNull((await sql.first(NEXT, ""))?.[0]);
  for (let nth = 0; queue !== null && nth < MAX_QUEUES; nth++) {
    const row = await sql.first(COUNT_AND_NEXT, queue, queue);
    const paused = records.get(queue)?.paused ?? null;
    const ready = Number(row?.[0]);
    const oldestAt = await oldestOf(sql, queue);
    records.set(queue, { queue, ready, isBound: ready >= READY_COUNTED, oldestAt, paused });
    queue = textOrNull(row?.[1]);
  }
  return [...records.values()].sort((a, b) => (a.queue < b.queue ? -1 : 1)).slice(0, MAX_QUEUES);
}

function toPause(row: Row): QueuePause {
  return { at: Number(row[1]), note: text(row[2]) };
}

async function oldestOf(sql: Statements, queue: string): Promise<number | null> {
  let oldest: number | null = null;
  let rank = Number.MIN_SAFE_INTEGER;
  for (let nth = 0; nth < MOST_RANKS; nth++) {
    const row = await sql.first(FIRST_ABOVE, queue, rank);
    if (row === undefined) break;
    rank = Number(row[0]);
    oldest = Math.min(oldest ?? Number.POSITIVE_INFINITY, Number(row[1]));
  }
  return oldest;
}
