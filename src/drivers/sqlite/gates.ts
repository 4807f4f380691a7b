/**
 * Gates join a job to its parents. A gate row holds how many parents are still to succeed, edges tie parents to it.
 * SQLite has one writer at a time, so the locks that the contract asks of other engines are the transaction itself.
 */
import {
  entryLine,
  FLAG,
  type InsertOutcome,
  isFinal,
  type JobState,
  type NewGate,
  type NewJob,
  type ReleaseResult,
  TAIL,
} from "../../storage/index.ts";
import { HOLD, STATE, toState } from "../shared/state-codes.ts";
import { idBytes, idText } from "./id.ts";
import { EXISTS, INSERTED, insertRow } from "./insert-row.ts";
import { text } from "./row.ts";
import type { SqlValue } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** What one write may still settle; the rest is left to `release`, so that no commit grows without bound. */
export interface SettleBudget {
  edges: number;
  waiters: number;
}

export function newBudget(limit = 100): SettleBudget {
  return { edges: limit, waiters: limit };
}

type Outcome = "Succeeded" | "Deleted";
/** What is still to be settled: the edges of a finished parent, or the waiters behind a gate that opened or broke. */
interface Work {
  readonly kind: "parent" | "gate";
  readonly id: Uint8Array;
  readonly outcome: Outcome;
  /** The parent's fence when it ended: later edges belong to another ending. 0 for gates. */
  readonly fence: number;
}

interface Parent {
  readonly state: JobState;
  readonly fence: number;
}

export function insertGated(tx: Transaction, job: NewJob, gate: NewGate, seq: number): InsertOutcome {
  const id = idBytes(job.id);
  if (tx.sql.first("SELECT 1 FROM firelater_job WHERE id = ?", id) !== undefined) return EXISTS;
  const parents = new Map<string, Parent>();
  for (const parent of gate.parents) {
    const row = tx.sql.first("SELECT state, fence FROM firelater_job WHERE id = ?", idBytes(parent));
    if (row === undefined) return { outcome: "parent-not-found", parent };
    parents.set(parent, { state: toState(Number(row[0])), fence: Number(row[1]) });
  }
  const states = [...parents.values()].map(({ state }) => state);
  if (states.includes("Deleted")) insertBroken(tx, job, id, seq);
  else if (states.every((state) => state === "Succeeded")) insertOpen(tx, job, id, seq);
  else insertWaiting(tx, job, id, seq, states);
  writeEdges(tx, id, gate.parents, parents);
  return INSERTED;
}

function insertWaiting(
  tx: Transaction,
  job: NewJob,
  gate: Uint8Array,
  seq: number,
  states: JobState[],
): void {
  const open = states.filter((state) => state !== "Succeeded").length;
  insertRow(tx, job, { seq, state: STATE.Awaiting, hold: HOLD.gate, entry: job.entry, history: "", gate });
  tx.sql.run("INSERT INTO firelater_gate (id, open) VALUES (?, ?)", gate, open);
  tx.moved(null, "Awaiting");
}

function insertOpen(tx: Transaction, job: NewJob, gate: Uint8Array, seq: number): void {
  const history = entryLine(tx.now, job.entry) + entryLine(tx.now, TAIL.released);
  insertRow(tx, job, { seq, state: STATE.Enqueued, hold: HOLD.none, entry: "", history, gate });
  tx.moved(null, "Enqueued");
  tx.readied(job.queue);
}

function insertBroken(tx: Transaction, job: NewJob, gate: Uint8Array, seq: number): void {
  const history = entryLine(tx.now, job.entry);
  insertRow(tx, job, {
    seq,
    state: STATE.Deleted,
    hold: HOLD.none,
    entry: TAIL.conditionNotMet,
    history,
    gate,
  });
  tx.moved(null, "Deleted");
}

function writeEdges(
  tx: Transaction,
  gate: Uint8Array,
  ids: readonly string[],
  parents: Map<string, Parent>,
): void {
  ids.forEach((id, position) => {
    const parent = idBytes(id);
    const { state, fence } = parents.get(id) ?? { state: "Awaiting", fence: 0 };
    tx.sql.run(
      "INSERT INTO firelater_edge (gate, position, parent, tied, resolved) VALUES (?, ?, ?, ?, ?)",
      gate,
      position,
      parent,
      fence,
      isFinal(state) ? 1 : 0,
    );
    tx.sql.run("UPDATE firelater_job SET flags = flags | ? WHERE id = ?", FLAG.parent, parent);
  });
}

/** Settles what a parent's final state means for others; what exceeds the budget is written down for `release`. */
export function resolveParent(tx: Transaction, id: Uint8Array, ended: Parent, budget: SettleBudget): void {
  if (ended.state !== "Succeeded" && ended.state !== "Deleted") return;
  settle(tx, [{ kind: "parent", id, outcome: ended.state, fence: ended.fence }], budget);
}

export function release(tx: Transaction, limit: number): ReleaseResult {
  const records = tx.sql.all(
    "SELECT key, kind, id, state, fence FROM firelater_release ORDER BY key LIMIT ? + 0",
    limit,
  );
  const work = records.map(([key = null, kind, id, state, fence]): Work => {
    tx.sql.run("DELETE FROM firelater_release WHERE key = ?", key);
    return {
      kind: kind === "parent" ? "parent" : "gate",
      id: blob(id),
      outcome: state === STATE.Deleted ? "Deleted" : "Succeeded",
      fence: Number(fence),
    };
  });
  const budget = newBudget(limit);
  settle(tx, work, budget);
  const more = tx.sql.first("SELECT 1 FROM firelater_release LIMIT 1") !== undefined;
  return { released: limit - budget.waiters, more };
}

/** Works through the list until it or the budget is used up. */
function settle(tx: Transaction, work: Work[], budget: SettleBudget): void {
  for (let item = work.shift(); item !== undefined; item = work.shift()) {
    const done =
      item.kind === "parent" ? resolveEdges(tx, item, budget, work) : settleWaiters(tx, item, budget, work);
    if (done) continue;
    tx.sql.run(
      "INSERT INTO firelater_release (kind, id, fence, state) VALUES (?, ?, ?, ?)",
      item.kind,
      item.id,
      item.fence,
      STATE[item.outcome],
    );
    tx.signal({ kind: "released" });
  }
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
    if (edges === 0) continue;
    const open = countDown(tx, gate, ending.outcome);
    if (open === 0) work.push({ kind: "gate", id: gate, outcome: ending.outcome, fence: 0 });
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

/** The open count after this parent; undefined when the gate has opened or broken before. A broken gate is gone. */
function countDown(tx: Transaction, gate: Uint8Array, outcome: Outcome): number | undefined {
  if (outcome === "Deleted") {
    return tx.sql.run("DELETE FROM firelater_gate WHERE id = ?", gate) === 1 ? 0 : undefined;
  }
  const row = tx.sql.first("UPDATE firelater_gate SET open = open - 1 WHERE id = ? RETURNING open", gate);
  if (row?.[0] === 0) tx.sql.run("DELETE FROM firelater_gate WHERE id = ?", gate);
  return row === undefined ? undefined : Number(row[0]);
}

/** False when waiters are left. */
function settleWaiters(tx: Transaction, gate: Work, budget: SettleBudget, work: Work[]): boolean {
  const waiters = tx.sql.all(
    `SELECT key, id, queue, state_at, entry, flags, fence FROM firelater_job
     WHERE gate = ? AND hold = 2 ORDER BY seq LIMIT ? + 0`,
    gate.id,
    budget.waiters + 1,
  );
  for (const [key = null, id, queue, stateAt, entry, flags, fence] of waiters.slice(0, budget.waiters)) {
    const past = entryLine(Number(stateAt), text(entry));
    if (gate.outcome === "Succeeded") {
      readyWaiter(tx, key, past);
      tx.readied(text(queue));
    } else {
      deleteWaiter(tx, key, past);
      if (Number(flags) & FLAG.parent) {
        work.push({ kind: "parent", id: blob(id), outcome: "Deleted", fence: Number(fence) });
      }
    }
  }
  const done = waiters.length <= budget.waiters;
  budget.waiters -= Math.min(waiters.length, budget.waiters);
  return done;
}

function readyWaiter(tx: Transaction, key: SqlValue, past: string): void {
  tx.sql.run(
    `UPDATE firelater_job SET state = 1, state_at = ?, entry = '', hold = 0, seq = ?, fence = fence + 1,
     history = history || ? WHERE key = ?`,
    tx.now,
    tx.nextSeqs(1),
    past + entryLine(tx.now, TAIL.released),
    key,
  );
  tx.moved("Awaiting", "Enqueued");
}

function deleteWaiter(tx: Transaction, key: SqlValue, past: string): void {
  tx.sql.run(
    `UPDATE firelater_job SET state = 7, state_at = ?, entry = ?, hold = 0, fence = fence + 1,
     history = history || ? WHERE key = ?`,
    tx.now,
    TAIL.conditionNotMet,
    past,
    key,
  );
  tx.moved("Awaiting", "Deleted");
}

export function blob(value: SqlValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`expected an id, found ${typeof value}`);
  return value;
}

/** The parents of one gated job, in the order in which it was given them. */
export function parentRows(
  tx: Pick<Transaction, "sql">,
  child: string,
): { id: string; state: JobState | null; entry: string }[] {
  const rows = tx.sql.all(
    `SELECT edge.parent, parent.state, parent.entry FROM firelater_job AS child
     JOIN firelater_edge AS edge ON edge.gate = child.gate
     LEFT JOIN firelater_job AS parent ON parent.id = edge.parent
     WHERE child.id = ? ORDER BY edge.position`,
    idBytes(child),
  );
  return rows.map(([id, state, entry]) => ({
    id: idText(id),
    state: state === null ? null : toState(Number(state)),
    entry: entry === null ? "" : text(entry),
  }));
}
