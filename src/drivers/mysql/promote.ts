import { entryLine, FLAG, type PromoteResult, TAIL } from "../../storage/index.ts";
import { HOLD } from "../shared/state-codes.ts";
import { newBudget, resolveParent, type SettleBudget } from "./gates.ts";
import { LOCKED_COLUMNS, type LockedRow, type Move, toLocked, writeMoves } from "./locked-row.ts";
import { letIn, READY } from "./permits.ts";
import { numberOrNull } from "./row.ts";
import { readClock, type Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

export const NEXT = `SELECT due_at FROM firelater_job FORCE INDEX (due) WHERE hold = ${HOLD.due} ORDER BY due_at LIMIT 1`;
export const DUE = `SELECT ${LOCKED_COLUMNS} FROM firelater_job FORCE INDEX (due)
  WHERE hold = ${HOLD.due} AND due_at <= ? ORDER BY due_at, seq LIMIT ? FOR UPDATE SKIP LOCKED`;

/** What is due next, without a lock: nearly every look finds nothing to do. */
export async function lookAhead(sql: Statements): Promise<PromoteResult> {
  return { promoted: 0, nextDueAt: await nextDueAt(sql), now: await readClock(sql) };
}

export async function promote(tx: Transaction, limit: number): Promise<PromoteResult> {
  const due = (await tx.sql.all(DUE, tx.now, limit)).map(toLocked);
  const firstSeq = due.length > 0 ? await tx.nextSeqs(due.length) : 0;
  const budget = newBudget();
  const moves: Move[] = [];
  let left = 0;
  for (const [nth, row] of due.entries()) {
    if (row.limit === null) {
      moves.push({ row, ...READY, seq: firstSeq + nth, history: linesOf(tx, row) });
    } else if (!(await promoteLimited(tx, row, firstSeq + nth, budget))) left++;
  }
  await writeMoves(tx, moves, "append");
  return { promoted: due.length - left, nextDueAt: await nextDueAt(tx.sql), now: tx.now };
}

/** False when it stays for the next call: a neighbour has its key. A job that is skipped has ended, as a parent too. */
async function promoteLimited(
  tx: Transaction,
  row: LockedRow,
  seq: number,
  budget: SettleBudget,
): Promise<boolean> {
  if (row.limit === null) return true;
  const state = await letIn(tx, row, row.limit, seq, linesOf(tx, row));
  if (state === undefined) return false;
  if (row.flags & FLAG.parent) {
    await resolveParent(tx, row.id, { state, fence: row.fence }, budget);
  }
  return true;
}

function linesOf(tx: Transaction, { stateAt, entry }: LockedRow): string {
  return entryLine(stateAt, entry) + entryLine(tx.now, TAIL.promoted);
}

async function nextDueAt(sql: Statements): Promise<number | null> {
  return numberOrNull((await sql.first(NEXT))?.[0]);
}
