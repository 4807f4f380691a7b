import type { ReleaseResult } from "../../storage/index.ts";
import { toCondition } from "../shared/gate-conditions.ts";
import { STATE } from "../shared/state-codes.ts";
import { blob, newBudget, settle, type Work } from "./gates.ts";
import type { Row } from "./row.ts";
import type { Transaction } from "./transaction.ts";

/** Works off what writes have left over, oldest first. */
export function release(tx: Transaction, limit: number): ReleaseResult {
  const records = tx.sql.all(
    "SELECT key, kind, id, state, fence, condition FROM firelater_release ORDER BY key LIMIT ? + 0",
    limit,
  );
  for (const [key = null] of records) tx.sql.run("DELETE FROM firelater_release WHERE key = ?", key);
  const budget = newBudget(limit);
  settle(tx, records.map(toWork), budget);
  const more = tx.sql.first("SELECT 1 FROM firelater_release LIMIT 1") !== undefined;
  return { released: limit - budget.waiters, more };
}

function toWork([, kind, id, state, fence, condition]: Row): Work {
  return {
    kind: kind === "parent" || kind === "limit" ? kind : "gate",
    id: blob(id),
    outcome: state === STATE.Deleted ? "Deleted" : "Succeeded",
    fence: Number(fence),
    condition: toCondition(Number(condition)),
  };
}
