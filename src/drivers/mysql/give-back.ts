import { type Claim, type ClaimOutcome, entryLine, TAIL } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { idBytes } from "./id.ts";
import { keyOf, type LockedRow, lockRows } from "./locked-row.ts";
import { chunks } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

export async function park(tx: Transaction, claims: readonly Claim[]): Promise<ClaimOutcome[]> {
  const { outcomes, rows } = await guard(tx, claims, isProcessing);
  await backToEnqueued(tx, rows, HOLD.unknown, entryLine(tx.now, TAIL.parked));
  if (rows.length > 0) tx.signal({ kind: "parked" });
  return outcomes;
}

export async function giveBack(tx: Transaction, claims: readonly Claim[]): Promise<ClaimOutcome[]> {
  const { outcomes, rows } = await guard(tx, claims, isProcessing);
  await backToEnqueued(tx, rows, HOLD.none, "");
  for (const row of rows) tx.readied(row.queue, row);
  return outcomes;
}

export async function blame(tx: Transaction, claims: readonly Claim[]): Promise<ClaimOutcome[]> {
  const { outcomes, rows } = await guard(tx, claims, () => true);
  for (const ids of chunks(rows.map(({ id }) => id))) {
    await tx.sql.run("UPDATE firelater_job FORCE INDEX (PRIMARY) SET blamed = 1 WHERE id IN (?)", ids);
  }
  return outcomes;
}

function isProcessing({ state }: LockedRow): boolean {
  return state === "Processing";
}

interface Guarded {
  readonly outcomes: ClaimOutcome[];
  /** Those whose guard holds, locked. */
  readonly rows: LockedRow[];
}

/** These verbs have no `busy`: the locks are waited for, in the order of ids. A claim that stands twice holds once. */
async function guard(
  tx: Transaction,
  claims: readonly Claim[],
  holds: (row: LockedRow) => boolean,
): Promise<Guarded> {
  const ids = claims.map(({ id }) => idBytes(id));
  const locked = await lockRows(tx.sql, ids, "wait");
  const rows: LockedRow[] = [];
  const outcomes = claims.map(({ fence }, nth): ClaimOutcome => {
    const key = keyOf(ids[nth] ?? Buffer.alloc(0));
    const row = locked.get(key);
    if (row === undefined || row.fence !== fence || !holds(row)) return "stale";
    locked.delete(key);
    rows.push(row);
    return "applied";
  });
  return { outcomes, rows };
}

async function backToEnqueued(
  tx: Transaction,
  rows: readonly LockedRow[],
  hold: number,
  line: string,
): Promise<void> {
  for (const ids of chunks(rows.map(({ id }) => id))) {
    await tx.sql.run(
      `UPDATE firelater_job FORCE INDEX (PRIMARY) SET state = ${STATE.Enqueued}, state_at = ?, entry = '', hold = ?,
       owner = NULL, blamed = 0, fence = fence + 1, history = CONCAT(history, ?) WHERE id IN (?)`,
      tx.now,
      hold,
      line,
      ids,
    );
  }
  tx.moved("Processing", "Enqueued", rows.length);
}
