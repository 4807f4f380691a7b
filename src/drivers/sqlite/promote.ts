import { entryLine, FLAG, type PromoteResult, TAIL } from "../../storage/index.ts";
import { blob, newBudget, resolveParent, type SettleBudget } from "./gates.ts";
import { letIn } from "./permits.ts";
import { type Row, text } from "./row.ts";
import type { Statements } from "./statements.ts";
import { readClock, type Transaction } from "./transaction.ts";

const NEXT = "SELECT due_at FROM firelater_job WHERE hold = 1 ORDER BY due_at, key LIMIT 1";
const DUE = `SELECT key, queue, state_at, entry, flags, id, rank, fence FROM firelater_job
  WHERE hold = 1 AND due_at <= ? ORDER BY due_at, key LIMIT ? + 0`;

/** What is due next, without the write lock: nearly every look finds nothing to do. */
export function lookAhead(sql: Statements): PromoteResult {
  return { promoted: 0, nextDueAt: nextDueAt(sql), now: readClock(sql) };
}

export function promote(tx: Transaction, limit: number): PromoteResult {
  const due = tx.sql.all(DUE, tx.now, limit);
  const firstSeq = due.length > 0 ? tx.nextSeqs(due.length) : 0;
  const budget = newBudget();
  due.forEach((row, index) => {
    if (Number(row[4]) & FLAG.limited) promoteLimited(tx, row, firstSeq + index, budget);
    else promoteOne(tx, row, firstSeq + index);
  });
  return { promoted: due.length, nextDueAt: nextDueAt(tx.sql), now: tx.now };
}

function promoteOne(tx: Transaction, row: Row, seq: number): void {
  tx.sql.run(
    `UPDATE firelater_job SET state = 1, state_at = ?, entry = '', hold = 0, seq = ?, fence = fence + 1,
     history = history || ? WHERE key = ?`,
    tx.now,
    seq,
    linesOf(tx, row),
    row[0] ?? null,
  );
  tx.moved("Scheduled", "Enqueued");
  tx.readied(text(row[1]));
}

/** A job that was skipped has ended: as a parent, too. */
function promoteLimited(tx: Transaction, row: Row, seq: number, budget: SettleBudget): void {
  const [key = null, queue, , , flags, id, rank, fence] = row;
  const job = { key, queue: text(queue), rank: Number(rank), lines: linesOf(tx, row) };
  const state = letIn(tx, { ...job, from: "Scheduled" }, seq);
  if (Number(flags) & FLAG.parent) resolveParent(tx, blob(id), { state, fence: Number(fence) }, budget);
}

function linesOf(tx: Transaction, [, , stateAt, entry]: Row): string {
  return entryLine(Number(stateAt), text(entry)) + entryLine(tx.now, TAIL.promoted);
}

function nextDueAt(sql: Statements): number | null {
  const row = sql.first(NEXT);
  return row === undefined ? null : Number(row[0]);
}
