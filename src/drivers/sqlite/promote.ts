import { entryLine, type PromoteResult, TAIL } from "../../storage/index.ts";
import { text } from "./row.ts";
import type { Statements } from "./statements.ts";
import { readClock, type Transaction } from "./transaction.ts";

const NEXT = "SELECT due_at FROM firelater_job WHERE hold = 1 ORDER BY due_at, key LIMIT 1";

/** What is due next, without the write lock: nearly every look finds nothing to do. */
export function lookAhead(sql: Statements): PromoteResult {
  return { promoted: 0, nextDueAt: nextDueAt(sql), now: readClock(sql) };
}

export function promote(tx: Transaction, limit: number): PromoteResult {
  const due = tx.sql.all(
    "SELECT key, queue, state_at, entry FROM firelater_job WHERE hold = 1 AND due_at <= ? ORDER BY due_at, key LIMIT ? + 0",
    tx.now,
    limit,
  );
  const firstSeq = due.length > 0 ? tx.nextSeqs(due.length) : 0;
  due.forEach(([key = null, queue, stateAt, entry], index) => {
    tx.sql.run(
      `UPDATE firelater_job SET state = 1, state_at = ?, entry = '', hold = 0, seq = ?, fence = fence + 1,
       history = history || ? WHERE key = ?`,
      tx.now,
      firstSeq + index,
      entryLine(Number(stateAt), text(entry)) + entryLine(tx.now, TAIL.promoted),
      key,
    );
    tx.readied(text(queue));
  });
  tx.moved("Scheduled", "Enqueued", due.length);
  return { promoted: due.length, nextDueAt: nextDueAt(tx.sql), now: tx.now };
}

function nextDueAt(sql: Statements): number | null {
  const row = sql.first(NEXT);
  return row === undefined ? null : Number(row[0]);
}
