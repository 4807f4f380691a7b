import { MAX_QUEUES, type QueuePause, type QueueRecord, READY_COUNTED } from "../../storage/index.ts";
import { text } from "./row.ts";
import type { Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** Priorities whose first job is looked at for the oldest one. */
const MOST_RANKS = 20;
const READY = "FROM firelater_job WHERE state = 1 AND hold = 0 AND";

export function pauseQueue(tx: Transaction, queue: string, note: string): void {
  tx.sql.run(
    `INSERT INTO firelater_pause (queue, at, note) VALUES (?, ?, ?)
     ON CONFLICT (queue) DO UPDATE SET at = excluded.at, note = excluded.note`,
    queue,
    tx.now,
    note,
  );
}

export function resumeQueue(tx: Transaction, queue: string): boolean {
  const wasPaused = tx.sql.run("DELETE FROM firelater_pause WHERE queue = ?", queue) === 1;
  if (wasPaused) tx.readied(queue);
  return wasPaused;
}

export function queues(sql: Statements): QueueRecord[] {
  const pauses = pausesOf(sql);
  const names = new Set([...pauses.keys(), ...readyQueues(sql)]);
  return [...names]
    .sort()
    .slice(0, MAX_QUEUES)
    .map((queue) => {
      const ready = countReady(sql, queue);
      const isBound = ready >= READY_COUNTED;
      return { queue, ready, isBound, oldestAt: oldestOf(sql, queue), paused: pauses.get(queue) ?? null };
    });
}

function pausesOf(sql: Statements): Map<string, QueuePause> {
  const rows = sql.all("SELECT queue, at, note FROM firelater_pause ORDER BY queue LIMIT ? + 0", MAX_QUEUES);
  return new Map(rows.map(([queue, at, note]) => [text(queue), { at: Number(at), note: text(note) }]));
}

/** From queue to queue, each by one look into the index. */
function readyQueues(sql: Statements): string[] {
  const names: string[] = [];
  for (let queue = ""; names.length < MAX_QUEUES; names.push(queue)) {
    const row = sql.first(`SELECT queue ${READY} queue > ? ORDER BY queue LIMIT 1`, queue);
    if (row === undefined) break;
    queue = text(row[0]);
  }
  return names;
}

function countReady(sql: Statements, queue: string): number {
  const row = sql.first(
    `SELECT count(*) FROM (SELECT 1 ${READY} queue = ? LIMIT ? + 0)`,
    queue,
    READY_COUNTED,
  );
  return Number(row?.[0]);
}

function oldestOf(sql: Statements, queue: string): number | null {
  let oldest: number | null = null;
  let rank = Number.MIN_SAFE_INTEGER;
  for (let nth = 0; nth < MOST_RANKS; nth++) {
    const row = sql.first(
      `SELECT rank, state_at ${READY} queue = ? AND rank > ? ORDER BY rank, seq LIMIT 1`,
      queue,
      rank,
    );
    if (row === undefined) break;
    rank = Number(row[0]);
    oldest = Math.min(oldest ?? Number.POSITIVE_INFINITY, Number(row[1]));
  }
  return oldest;
}
