/**
 * What the end of a job means for others: for those behind its gates, and for those that wait for its permit. All of it
 * is part of the write that ends the job; what one write may not settle is written down in it, as a release record.
 */
import {
  entryLine,
  FLAG,
  type GateCondition,
  type JobState,
  releasedTail,
  TAIL,
} from "../../storage/index.ts";
import { CONDITION, type Ending, meets, toCondition } from "../shared/gate-conditions.ts";
import { STATE } from "../shared/state-codes.ts";
import { admitWaiters, letIn } from "./permits.ts";
import { type Row, text } from "./row.ts";
import type { SqlValue } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** What one write may still settle; the rest is left to `release`, so that no commit grows without bound. */
export interface SettleBudget {
  edges: number;
  waiters: number;
  /** Waiters for permits: each change frees one, so there are more of them the more changes there are. */
  admissions: number;
}

export function newBudget(limit = 100, changes = 0): SettleBudget {
  return { edges: limit, waiters: limit, admissions: limit + changes };
}

/** What is still to be settled: the edges of a parent that ended, or the waiters behind a gate, or those of a key. */
export interface Work {
  readonly kind: "parent" | "gate" | "limit";
  /** Of the parent or the gate; the key's bytes. */
  readonly id: Uint8Array;
  /** How the parent ended. A gate that has opened has Succeeded, a broken one is Deleted. */
  readonly outcome: Ending;
  /** The parent's fence when it ended: later edges belong to another ending. 0 for gates and keys. */
  readonly fence: number;
  /** What a gate has waited for. */
  readonly condition: GateCondition;
}

/** Settles what a parent's final state means for others. */
export function resolveParent(
  tx: Transaction,
  id: Uint8Array,
  ended: { readonly state: JobState; readonly fence: number },
  budget: SettleBudget,
): void {
  if (ended.state !== "Succeeded" && ended.state !== "Deleted") return;
  settle(tx, [parentWork(id, ended.state, ended.fence)], budget);
}

function parentWork(id: Uint8Array, outcome: Ending, fence: number): Work {
  return { kind: "parent", id, outcome, fence, condition: "succeeded" };
}

/** A job of this key has left its way, or its place among those who wait: there may be a permit for others. */
export function freePermits(tx: Transaction, key: string, budget: SettleBudget): void {
  const { count, more } = admitWaiters(tx, key, budget.admissions);
  budget.admissions -= count;
  if (!more) return;
  const id = new TextEncoder().encode(key);
  writeDown(tx, { kind: "limit", id, outcome: "Succeeded", fence: 0, condition: "succeeded" });
}

/** Works through the list until it or the budget is used up. */
export function settle(tx: Transaction, work: Work[], budget: SettleBudget): void {
  for (let item = work.shift(); item !== undefined; item = work.shift()) {
    if (!settleOne(tx, item, budget, work)) writeDown(tx, item);
  }
}

/** False when something is left. */
function settleOne(tx: Transaction, item: Work, budget: SettleBudget, work: Work[]): boolean {
  if (item.kind === "parent") return resolveEdges(tx, item, budget, work);
  if (item.kind === "gate") return settleWaiters(tx, item, budget, work);
  const { count, more } = admitWaiters(tx, new TextDecoder().decode(item.id), budget.waiters);
  budget.waiters -= count;
  return !more;
}

function writeDown(tx: Transaction, item: Work): void {
  tx.sql.run(
    "INSERT INTO firelater_release (kind, id, fence, state, condition) VALUES (?, ?, ?, ?, ?)",
    item.kind,
    item.id,
    item.fence,
    STATE[item.outcome],
    CONDITION[item.condition],
  );
  tx.signal({ kind: "released" });
}

/** False when edges of this ending are left. */
function resolveEdges(tx: Transaction, ending: Work, budget: SettleBudget, work: Work[]): boolean {
  const rows = tx.sql.all(
    "SELECT gate FROM firelater_edge WHERE parent = ? AND resolved = 0 AND tied > ? AND tied <= ? LIMIT ? + 0",
    ending.id,
    lastEndingBefore(tx, ending),
    ending.fence,
    budget.edges + 1,
  );
  for (const row of rows.slice(0, budget.edges)) {
    const gate = blob(row[0]);
    // A parent that stands twice behind one gate has two edges there: the first one settles both.
    const edges = tx.sql.run(
      "UPDATE firelater_edge SET resolved = 1 WHERE gate = ? AND parent = ? AND resolved = 0",
      gate,
      ending.id,
    );
    const settled = edges === 0 ? undefined : countDown(tx, gate, ending.outcome);
    if (settled !== undefined) work.push(settled);
  }
  const done = rows.length <= budget.edges;
  budget.edges -= Math.min(rows.length, budget.edges);
  return done;
}

/** Edges that an earlier ending has still to resolve are left to its own record: it may have ended otherwise. */
function lastEndingBefore(tx: Transaction, { id, fence }: Work): number {
  const row = tx.sql.first("SELECT MAX(fence) FROM firelater_release WHERE id = ? AND fence < ?", id, fence);
  return row === undefined || row[0] === null ? -1 : Number(row[0]);
}

/** What follows when the gate opens or breaks by this parent. A gate that has opened or broken is gone. */
function countDown(tx: Transaction, gate: Uint8Array, ending: Ending): Work | undefined {
  const row = tx.sql.first(
    "UPDATE firelater_gate SET open = open - 1 WHERE id = ? RETURNING open, condition",
    gate,
  );
  if (row === undefined) return undefined;
  const condition = toCondition(Number(row[1]));
  const broken = !meets(condition, ending);
  if (!broken && Number(row[0]) > 0) return undefined;
  tx.sql.run("DELETE FROM firelater_gate WHERE id = ?", gate);
  return { kind: "gate", id: gate, outcome: broken ? "Deleted" : "Succeeded", fence: 0, condition };
}

/** False when waiters are left. */
function settleWaiters(tx: Transaction, gate: Work, budget: SettleBudget, work: Work[]): boolean {
  const waiters = tx.sql.all(
    `SELECT key, id, queue, state_at, entry, flags, fence, rank FROM firelater_job
     WHERE gate = ? AND hold = 2 ORDER BY seq LIMIT ? + 0`,
    gate.id,
    budget.waiters + 1,
  );
  for (const waiter of waiters.slice(0, budget.waiters)) {
    const state = gate.outcome === "Succeeded" ? readyWaiter(tx, waiter, gate) : deleteWaiter(tx, waiter);
    const [, id, , , , flags, fence] = waiter;
    if (state === "Deleted" && Number(flags) & FLAG.parent) {
      work.push(parentWork(blob(id), "Deleted", Number(fence)));
    }
  }
  const done = waiters.length <= budget.waiters;
  budget.waiters -= Math.min(waiters.length, budget.waiters);
  return done;
}

/** The state that it enters: its limit may skip it. */
function readyWaiter(tx: Transaction, waiter: Row, { condition }: Work): "Enqueued" | "Deleted" {
  const [key = null, , queue, , , flags, , rank] = waiter;
  const lines = pastOf(waiter) + entryLine(tx.now, releasedTail(condition));
  if (Number(flags) & FLAG.limited) {
    const job = { key, queue: text(queue), rank: Number(rank), lines };
    return letIn(tx, { ...job, from: "Awaiting" }, tx.nextSeqs(1));
  }
  tx.sql.run(
    `UPDATE firelater_job SET state = 1, state_at = ?, entry = '', hold = 0, seq = ?, fence = fence + 1,
     history = history || ? WHERE key = ?`,
    tx.now,
    tx.nextSeqs(1),
    lines,
    key,
  );
  tx.moved("Awaiting", "Enqueued");
  tx.readied(text(queue));
  return "Enqueued";
}

function deleteWaiter(tx: Transaction, waiter: Row): "Deleted" {
  tx.sql.run(
    `UPDATE firelater_job SET state = 7, state_at = ?, entry = ?, hold = 0, fence = fence + 1,
     history = history || ? WHERE key = ?`,
    tx.now,
    TAIL.conditionNotMet,
    pastOf(waiter),
    waiter[0] ?? null,
  );
  tx.moved("Awaiting", "Deleted");
  return "Deleted";
}

function pastOf([, , , stateAt, entry]: Row): string {
  return entryLine(Number(stateAt), text(entry));
}

export function blob(value: SqlValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`expected an id, found ${typeof value}`);
  return value;
}
