/**
 * What the end of a job means for others: for those behind its gates, and for those that wait for its permit. All of it
 * is part of the write that ends the job. Nothing here waits for a lock: a commit that meets what a neighbour holds is
 * busy, other writes leave it, as all leave what one write may not settle, to release records.
 */
import { entryLine, FLAG, type JobState, releasedTail, TAIL } from "../../storage/index.ts";
import { type Ending, meets, toCondition } from "../shared/gate-conditions.ts";
import { HOLD } from "../shared/state-codes.ts";
import { bytes } from "./id.ts";
import { tryLockKey } from "./keys.ts";
import { keyOf, type LockedRow, lockRows, writeMoves } from "./locked-row.ts";
import { admitWaiters, letIn, READY, SKIPPED } from "./permits.ts";
import { limitWork, type Work, writeDown } from "./release-records.ts";
import { text } from "./row.ts";
import { chunks } from "./statements.ts";
import { TakenError, type Transaction } from "./transaction.ts";

/** What one write may still settle; the rest is left to `release`, so that no commit grows without bound. */
export interface SettleBudget {
  edges: number;
  waiters: number;
  /** Waiters for permits: each change frees one, so there are more of them the more changes there are. */
  admissions: number;
  /** Whether what a neighbour holds fails the part of the write (a commit is then busy), or is left to `release` too. */
  readonly whenTaken: "fail" | "later";
}

export function newBudget(
  limit = 100,
  changes = 0,
  whenTaken: SettleBudget["whenTaken"] = "later",
): SettleBudget {
  return { edges: limit, waiters: limit, admissions: limit + changes, whenTaken };
}

/** Settles what a parent's final state means for others. */
export async function resolveParent(
  tx: Transaction,
  id: Buffer,
  ended: { readonly state: JobState; readonly fence: number },
  budget: SettleBudget,
): Promise<void> {
  if (ended.state !== "Succeeded" && ended.state !== "Deleted") return;
  await settle(tx, [parentWork(id, ended.state, ended.fence)], budget);
}

export function parentWork(id: Buffer, outcome: Ending, fence: number): Work {
  return { kind: "parent", id, outcome, fence, condition: "succeeded" };
}

/** A job of this key has left its way, or its place among those who wait: there may be a permit for others. */
export async function freePermits(tx: Transaction, key: string, budget: SettleBudget): Promise<void> {
  if (await tryLockKey(tx, key)) {
    const { count, more } = await admitWaiters(tx, key, budget.admissions);
    budget.admissions -= count;
    if (!more) return;
  }
  await writeDown(tx, [limitWork(key)]);
}

/** Works through the list until it or the budget is used up. */
export async function settle(tx: Transaction, work: Work[], budget: SettleBudget): Promise<void> {
  const later: Work[] = [];
  for (let item = work.shift(); item !== undefined; item = work.shift()) {
    if (!(await settleOne(tx, item, budget, work))) later.push(item);
  }
  await writeDown(tx, later);
}

/** False when something is left. */
async function settleOne(tx: Transaction, item: Work, budget: SettleBudget, work: Work[]): Promise<boolean> {
  if (item.kind === "parent") return await resolveEdges(tx, item, budget, work);
  if (item.kind === "gate") return await settleWaiter(tx, item, budget, work);
  if (item.kind === "skip") return await settleSkip(tx, item.id, budget, work);
  return item.kind === "edge" || (await admitAll(tx, item.id.toString(), budget));
}

/** False when there is, or may be, a permit left. */
async function admitAll(tx: Transaction, key: string, budget: SettleBudget): Promise<boolean> {
  if (!(await tryLockKey(tx, key))) return false;
  const { count, more } = await admitWaiters(tx, key, budget.waiters);
  budget.waiters -= count;
  return !more;
}

/** Skips a job that got no permit although all were given out; one that waits no longer is left alone. */
async function settleSkip(tx: Transaction, id: Buffer, budget: SettleBudget, work: Work[]): Promise<boolean> {
  const waiting = await tx.sql.first(
    `SELECT limit_key FROM firelater_job WHERE id = ? AND limit_hold = ${HOLD.limit}`,
    id,
  );
  if (waiting === undefined) return true;
  const key = text(waiting[0]);
  if (budget.waiters <= 0 || !(await admitAll(tx, key, budget)) || budget.waiters <= 0) return false;
  const row = (await lockRows(tx.sql, [id], "pass")).get(keyOf(id));
  if (row === undefined) return false;
  if (row.hold !== HOLD.limit) return true;
  await writeMoves(tx, [{ row, ...SKIPPED, history: "" }], "append");
  budget.waiters--;
  if (row.flags & FLAG.parent) work.push(parentWork(id, "Deleted", row.fence));
  // One with a small `max` may have stood before others that are content with less.
  work.push(limitWork(key));
  return true;
}

/** False when edges of this ending are left. A parent that stands twice behind one gate has two edges there. */
async function resolveEdges(
  tx: Transaction,
  ending: Work,
  budget: SettleBudget,
  work: Work[],
): Promise<boolean> {
  if (budget.edges <= 0) return false;
  const rows = await tx.sql.all(
    `SELECT gate, position FROM firelater_edge FORCE INDEX (parent)
     WHERE parent = ? AND resolved = 0 AND tied > ? AND tied <= ? ORDER BY tied, gate LIMIT ?`,
    ending.id,
    await lastEndingBefore(tx, ending),
    ending.fence,
    budget.edges + 1,
  );
  const edges = rows.slice(0, budget.edges).map(([gate]) => bytes(gate));
  budget.edges -= edges.length;
  const ids = [...new Map(edges.map((gate) => [keyOf(gate), gate])).values()];
  const locked = await lockGates(tx, ids);
  for (const gate of ids) {
    const open = locked.get(keyOf(gate));
    if (open === "taken") {
      taken(budget);
      // The edge stays as it is, and with it the record of this ending.
      continue;
    }
    const settled = await resolveEdge(tx, ending.id, gate, open, ending.outcome);
    if (settled !== undefined) work.push(settled);
  }
  return rows.length <= edges.length && ![...locked.values()].includes("taken");
}

/** What follows when a parent of a locked gate has ended. */
export async function resolveEdge(
  tx: Transaction,
  parent: Buffer,
  gate: Buffer,
  open: Gate | undefined,
  ending: Ending | "unknown",
): Promise<Work | undefined> {
  const count = await tx.sql.run(
    "UPDATE firelater_edge FORCE INDEX (PRIMARY) SET resolved = 1 WHERE gate = ? AND parent = ? AND resolved = 0",
    gate,
    parent,
  );
  // A gate that has opened or broken is gone.
  return open === undefined || count === 0 ? undefined : await countDown(tx, gate, open, ending);
}

/** Edges that an earlier ending has still to resolve are left to its own record: it may have ended otherwise. */
async function lastEndingBefore(tx: Transaction, { id, fence }: Work): Promise<number> {
  const row = await tx.sql.first(
    "SELECT fence FROM firelater_release FORCE INDEX (id) WHERE id = ? AND fence < ? ORDER BY fence DESC LIMIT 1",
    id,
    fence,
  );
  return row === undefined ? -1 : Number(row[0]);
}

export interface Gate {
  open: number;
  readonly wanted: number;
}

/** Those that are there; "taken" are those that a neighbour holds. */
export async function lockGates(
  tx: Transaction,
  ids: readonly Buffer[],
): Promise<Map<string, Gate | "taken">> {
  const gates = new Map<string, Gate | "taken">();
  for (const some of chunks([...ids].sort(Buffer.compare))) {
    const locked = await tx.sql.all(
      `SELECT id, open_parents, wanted FROM firelater_gate FORCE INDEX (PRIMARY) WHERE id IN (?) ORDER BY id
       FOR UPDATE SKIP LOCKED`,
      some,
    );
    // Read after it: what was not locked and is there still belongs to a neighbour that has not committed.
    const there =
      locked.length === some.length
        ? []
        : await tx.sql.all("SELECT id FROM firelater_gate FORCE INDEX (PRIMARY) WHERE id IN (?)", some);
    for (const [id] of there) gates.set(keyOf(bytes(id)), "taken");
    for (const [id, open, wanted] of locked) {
      gates.set(keyOf(bytes(id)), { open: Number(open), wanted: Number(wanted) });
    }
  }
  return gates;
}

/** What follows when the gate opens or breaks by this parent. */
async function countDown(
  tx: Transaction,
  id: Buffer,
  gate: Gate,
  ending: Ending | "unknown",
): Promise<Work | undefined> {
  const condition = toCondition(gate.wanted);
  const broken = ending === "unknown" ? condition !== "ended" : !meets(condition, ending);
  if (!broken && gate.open > 1) {
    gate.open--;
    await tx.sql.run("UPDATE firelater_gate SET open_parents = open_parents - 1 WHERE id = ?", id);
    return undefined;
  }
  await tx.sql.run("DELETE FROM firelater_gate WHERE id = ?", id);
  return { kind: "gate", id, outcome: broken ? "Deleted" : "Succeeded", fence: 0, condition };
}

/** False when it has to be settled later. A waiter that has gone on before its turn is left alone. */
async function settleWaiter(
  tx: Transaction,
  gate: Work,
  budget: SettleBudget,
  work: Work[],
): Promise<boolean> {
  if (budget.waiters <= 0) return false;
  const row = (await lockRows(tx.sql, [gate.id], "pass")).get(keyOf(gate.id));
  if (row === undefined) return !(await isAwaiting(tx, gate.id)) || taken(budget);
  if (row.hold !== HOLD.gate) return true;
  const state = gate.outcome === "Succeeded" ? await readyWaiter(tx, row, gate) : await deleteWaiter(tx, row);
  if (state === undefined) return false;
  budget.waiters--;
  if (state === "Deleted" && row.flags & FLAG.parent) work.push(parentWork(row.id, "Deleted", row.fence));
  return true;
}

function taken({ whenTaken }: SettleBudget): false {
  if (whenTaken === "fail") throw new TakenError();
  return false;
}

async function isAwaiting(tx: Transaction, id: Buffer): Promise<boolean> {
  const row = await tx.sql.first("SELECT hold FROM firelater_job WHERE id = ?", id);
  return Number(row?.[0]) === HOLD.gate;
}

/** The state that it enters, which its limit may decide; undefined when that cannot be told yet. */
async function readyWaiter(
  tx: Transaction,
  row: LockedRow,
  { condition }: Work,
): Promise<"Enqueued" | "Deleted" | undefined> {
  const seq = await tx.nextSeqs(1);
  const lines = entryLine(row.stateAt, row.entry) + entryLine(tx.now, releasedTail(condition));
  if (row.limit !== null) return await letIn(tx, row, row.limit, seq, lines);
  await writeMoves(tx, [{ row, ...READY, seq, history: lines }], "append");
  return "Enqueued";
}

async function deleteWaiter(tx: Transaction, row: LockedRow): Promise<"Deleted"> {
  const history = entryLine(row.stateAt, row.entry);
  await writeMoves(
    tx,
    [{ row, state: "Deleted", hold: HOLD.none, entry: TAIL.conditionNotMet, history }],
    "append",
  );
  return "Deleted";
}
