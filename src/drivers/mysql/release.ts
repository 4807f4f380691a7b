import type { ReleaseResult } from "../../storage/index.ts";
import { newBudget, settle } from "./gates.ts";
import { lockKeys } from "./keys.ts";
import { takeRecords, type Work } from "./release-records.ts";
import type { Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** Works off what writes have left over, oldest first. */
export async function release(tx: Transaction, limit: number): Promise<ReleaseResult> {
  const records = await takeRecords(tx, limit);
  const keys = new Set(records.filter(({ kind }) => kind === "limit").map(({ id }) => id.toString()));
  // Waited for, before any job is held: whoever has a key is about to give it back.
  await lockKeys(tx, keys);
  const budget = newBudget(limit);
  await settle(tx, withoutRepeats(records), budget);
  return { released: limit - budget.waiters, more: await hasRecords(tx.sql) };
}

/** A key that many have left to us is looked at once. */
function withoutRepeats(records: readonly Work[]): Work[] {
  const seen = new Set<string>();
  return records.filter(({ kind, id }) => {
    if (kind !== "limit") return true;
    const key = id.toString();
    return !seen.has(key) && seen.add(key);
  });
}

/** A look without a lock: an idle server asks for the price of an index seek. */
export async function hasRecords(sql: Statements): Promise<boolean> {
  return (await sql.first("SELECT num FROM firelater_release ORDER BY num LIMIT 1")) !== undefined;
}
