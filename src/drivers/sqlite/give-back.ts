import { type Claim, type ClaimOutcome, entryLine, TAIL } from "../../storage/index.ts";
import { idBytes } from "./id.ts";
import { type Row, text } from "./row.ts";
import type { Transaction } from "./transaction.ts";

export function park(tx: Transaction, claims: readonly Claim[]): ClaimOutcome[] {
  const line = entryLine(tx.now, TAIL.parked);
  return claims.map(({ id, fence }) =>
    backToEnqueued(
      tx,
      tx.sql.first(
        `UPDATE firelater_job SET state = 1, state_at = ?, entry = '', hold = 3, owner = NULL, blamed = 0,
         fence = fence + 1, history = history || ? WHERE id = ? AND fence = ? AND +state = 4 RETURNING queue`,
        tx.now,
        line,
        idBytes(id),
        fence,
      ),
      () => tx.signal({ kind: "parked" }),
    ),
  );
}

export function giveBack(tx: Transaction, claims: readonly Claim[]): ClaimOutcome[] {
  return claims.map(({ id, fence }) =>
    backToEnqueued(
      tx,
      tx.sql.first(
        `UPDATE firelater_job SET state = 1, state_at = ?, entry = '', hold = 0, owner = NULL, blamed = 0,
         fence = fence + 1 WHERE id = ? AND fence = ? AND +state = 4 RETURNING queue`,
        tx.now,
        idBytes(id),
        fence,
      ),
      (queue) => tx.readied(queue),
    ),
  );
}

function backToEnqueued(tx: Transaction, row: Row | undefined, tell: (queue: string) => void): ClaimOutcome {
  if (row === undefined) return "stale";
  tx.moved("Processing", "Enqueued");
  tell(text(row[0]));
  return "applied";
}

export function blame(tx: Transaction, claims: readonly Claim[]): ClaimOutcome[] {
  return claims.map(({ id, fence }) =>
    tx.sql.run("UPDATE firelater_job SET blamed = 1 WHERE id = ? AND fence = ?", idBytes(id), fence) === 1
      ? "applied"
      : "stale",
  );
}
