import { type Change, type CommitOutcome, FLAG } from "../../storage/index.ts";
import { isOnItsWay, judge, moveOf, rounds } from "./commit.ts";
import { parentWork } from "./gates.ts";
import { idBytes, idText } from "./id.ts";
import type { ReadBeside } from "./insert-within.ts";
import { keyOf, type LockedRow, lockRows, writeMoveAlone } from "./locked-row.ts";
import { type Entrance, READY, WAITING } from "./permits.ts";
import { limitWork, skipWork, type Work, writeDown } from "./release-records.ts";
import { chunks, type Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/**
 * Changes within a caller's transaction. They lock the jobs that they change and nothing else; what an end means for
 * others is written down for `release`.
 */
export async function commitWithin(
  tx: Transaction,
  changes: readonly Change[],
  beside: ReadBeside,
): Promise<CommitOutcome[]> {
  const outcomes = new Map<Change, CommitOutcome>();
  const left: Work[] = [];
  for (const round of rounds(changes)) await commitRound(tx, round, beside, outcomes, left);
  await writeDown(tx, left);
  return changes.map((change) => outcomes.get(change) ?? "busy");
}

async function commitRound(
  tx: Transaction,
  changes: readonly Change[],
  beside: ReadBeside,
  outcomes: Map<Change, CommitOutcome>,
  left: Work[],
): Promise<void> {
  const ids = changes.map(({ id }) => id);
  const seen = await fencesOf(tx.sql, ids);
  const unseen = ids.filter((id) => !seen.has(id));
  const younger = unseen.length === 0 ? new Map() : await beside((sql) => fencesOf(sql, unseen));
  // A lock on a job of somebody else's, or on the gap where there is none, would be held until the caller commits.
  const wanted = changes.filter(({ id, fence }) => (seen.get(id) ?? younger.get(id) ?? Infinity) <= fence);
  const locked = await lockRows(
    tx.sql,
    wanted.map(({ id }) => idBytes(id)),
    "pass",
  );
  for (const change of changes) {
    const row = locked.get(keyOf(idBytes(change.id)));
    if (row?.fence === change.fence) {
      left.push(...(await apply(tx, row, change)));
      outcomes.set(change, "applied");
    } else if (row !== undefined) outcomes.set(change, await judge(tx.sql, change, true, "FOR UPDATE"));
    else if (wanted.includes(change)) outcomes.set(change, "busy");
    else if (seen.has(change.id)) outcomes.set(change, await judge(tx.sql, change, false));
    else outcomes.set(change, await beside((sql) => judge(sql, change, false)));
  }
}

/** What the change means for others. */
async function apply(tx: Transaction, row: LockedRow, change: Change): Promise<Work[]> {
  const { state, fence } = change;
  const { limit } = row;
  const waits = state === "Enqueued" && limit !== null && !isOnItsWay(row);
  const entrance: Entrance = waits ? WAITING : READY;
  await writeMoveAlone(tx, await moveOf(tx, row, change, entrance));
  if (change.failed && state !== "Failed") tx.retried();
  const left: Work[] = [];
  const isEnd = state === "Succeeded" || state === "Deleted";
  if (isEnd && row.flags & FLAG.parent) left.push(parentWork(row.id, state, fence));
  if (limit !== null) left.push(limitWork(limit.key));
  if (waits && limit.whenFull === "skip") left.push(skipWork(row.id));
  return left;
}

/** Of those that are there; without a lock. */
async function fencesOf(sql: Statements, ids: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const some of chunks(ids.map(idBytes))) {
    const rows = await sql.all(
      "SELECT id, fence FROM firelater_job FORCE INDEX (PRIMARY) WHERE id IN (?)",
      some,
    );
    for (const [id, fence] of rows) found.set(idText(id), Number(fence));
  }
  return found;
}
