import type { ReleaseResult } from "../../storage/index.ts";
import { newBudget, settle } from "./gates.ts";
import { lockKeys } from "./keys.ts";
import { takeRecords, type Work } from "./release-records.ts";
import { textOrNull } from "./row.ts";
import { chunks, type Statements } from "./statements.ts";
import { tieEdges } from "./tie-edges.ts";
import type { Transaction } from "./transaction.ts";

/** Works off what writes have left over, oldest first. */
export async function release(tx: Transaction, limit: number): Promise<ReleaseResult> {
  const records = await takeRecords(tx, limit);
  // Waited for, before any job is held: whoever has a key is about to give it back.
  await lockKeys(tx, await keysOf(tx, records));
  const budget = newBudget(limit);
  const isLoose = ({ kind }: Work) => kind === "edge";
  const opened = await tieEdges(tx, records.filter(isLoose));
  const tied = records.filter((one) => !isLoose(one));
  await settle(tx, inTurn([...opened, ...tied]), budget);
  return { released: limit - budget.waiters, more: await hasRecords(tx.sql) };
}

async function keysOf(tx: Transaction, records: readonly Work[]): Promise<Set<string>> {
  const keys = new Set(records.filter(({ kind }) => kind === "limit").map(({ id }) => id.toString()));
  const skips = records.filter(({ kind }) => kind === "skip").map(({ id }) => id);
  for (const some of chunks(skips)) {
    const rows = await tx.sql.all(
      "SELECT limit_key FROM firelater_job FORCE INDEX (PRIMARY) WHERE id IN (?)",
      some,
    );
    for (const [value] of rows) {
      const key = textOrNull(value);
      if (key !== null) keys.add(key);
    }
  }
  return keys;
}

/** A key that many have left to us is looked at once; who is to be skipped comes behind those who are let in. */
function inTurn(records: readonly Work[]): Work[] {
  const seen = new Set<string>();
  const once = records.filter(({ kind, id }) => {
    if (kind !== "limit") return true;
    const key = id.toString();
    return !seen.has(key) && seen.add(key);
  });
  const isSkip = ({ kind }: Work) => kind === "skip";
  return [...once.filter((one) => !isSkip(one)), ...once.filter(isSkip)];
}

/** A look without a lock: an idle server asks for the price of an index seek. */
export async function hasRecords(sql: Statements): Promise<boolean> {
  return (await sql.first("SELECT num FROM firelater_release ORDER BY num LIMIT 1")) !== undefined;
}
