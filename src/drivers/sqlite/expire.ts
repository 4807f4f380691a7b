import {
  type ExpireRequest,
  type ExpireResult,
  type FinishedState,
  FLAG,
  type Retention,
} from "../../storage/index.ts";
import { STATE } from "../shared/state-codes.ts";
import { blob } from "./gates.ts";
import { counts } from "./read.ts";
import { text } from "./row.ts";
import type { SqlValue, Statements } from "./statements.ts";
import { readClock, type Transaction } from "./transaction.ts";

/** The state stands in the text: only then is its partial index used. */
function oldest(state: FinishedState): string {
  return `SELECT key, id, flags, gate, state_at FROM firelater_job
    WHERE state = ${STATE[state]} AND (state_at, key) > (?, ?) ORDER BY state_at, key LIMIT ? + 0`;
}

/** Whether a pass would find anything, without the write lock. */
export function isOutOfDate(sql: Statements, { retention, after }: ExpireRequest): boolean {
  const [first] = sql.all(oldest(retention.state), ...parseCursor(after), 1);
  return (
    first !== undefined && (excess(sql, retention) > 0 || isOld(retention, Number(first[4]), readClock(sql)))
  );
}

export function expire(tx: Transaction, { retention, limit, after }: ExpireRequest): ExpireResult {
  const rows = tx.sql.all(oldest(retention.state), ...parseCursor(after), limit);
  let tooMany = excess(tx.sql, retention);
  let expired = 0;
  for (const row of rows) {
    if (tooMany <= 0 && !isOld(retention, Number(row[4]), tx.now)) {
      return finish(tx, retention, expired, null);
    }
    tooMany--;
    if (Number(row[2]) & FLAG.parent && isAwaited(tx, blob(row[1]))) continue;
    remove(tx, row);
    expired++;
  }
  const last = rows.at(-1);
  const more = rows.length === limit && last !== undefined;
  return finish(tx, retention, expired, more ? `${String(last[4])},${String(last[0])}` : null);
}

function finish(tx: Transaction, retention: Retention, expired: number, next: string | null): ExpireResult {
  tx.moved(retention.state, null, expired);
  return { expired, next };
}

function excess(sql: Statements, retention: Retention): number {
  return retention.count === null ? 0 : counts(sql)[retention.state] - retention.count;
}

function isOld(retention: Retention, stateAt: number, now: number): boolean {
  return retention.ageMs !== null && stateAt + retention.ageMs <= now;
}

/** A child that has not finished may still ask for this parent's result. */
function isAwaited(tx: Transaction, parent: Uint8Array): boolean {
  const child = tx.sql.first(
    `SELECT 1 FROM firelater_edge AS edge JOIN firelater_job AS child ON child.gate = edge.gate
     WHERE edge.parent = ? AND child.state NOT IN (5, 7) LIMIT 1`,
    parent,
  );
  return child !== undefined;
}

function remove(tx: Transaction, [key = null, id, flags, gate = null]: readonly SqlValue[]): void {
  tx.sql.run("DELETE FROM firelater_job WHERE key = ?", key);
  if (Number(flags) & FLAG.gated) {
    tx.sql.run("DELETE FROM firelater_edge WHERE gate = ?", gate);
    // Still there when the job was taken out while it waited.
    tx.sql.run("DELETE FROM firelater_gate WHERE id = ?", gate);
  }
  if (Number(flags) & FLAG.appended) {
    tx.sql.run("DELETE FROM firelater_log WHERE job = ?", blob(id));
    tx.sql.run("DELETE FROM firelater_appendix WHERE job = ?", blob(id));
  }
}

function parseCursor(after: string | undefined): [number, number] {
  const [stateAt, key] = (after ?? "-1,-1").split(",").map((part) => Number(text(part)));
  return [stateAt ?? -1, key ?? -1];
}
