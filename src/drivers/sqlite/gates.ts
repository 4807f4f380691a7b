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
import { idBytes, idText } from "./id.ts";
import { EXISTS, INSERTED, insertRow } from "./insert-row.ts";
import { HOLD, STATE, text, toState } from "./row.ts";
import type { SqlValue } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** Edges and waiters that one write may settle; the rest is left to `release`, so that no commit grows without bound. */
export const SETTLED_IN_ONE_WRITE = 100;

type Outcome = "Succeeded" | "Deleted";
/** What is still to be settled: the edges of a finished parent, or the waiters behind a gate that opened or broke. */
interface Work {
  readonly kind: "parent" | "gate";
  readonly id: Uint8Array;
  readonly outcome: Outcome;
}

export function insertGated(tx: Transaction, job: NewJob, gate: NewGate, seq: number): InsertOutcome {
  const id = idBytes(job.id);
  if (tx.sql.first("SELECT 1 FROM firelater_job WHERE id = ?", id) !== undefined) return EXISTS;
  const parents = new Map<string, JobState>();
  for (const parent of gate.parents) {
    const row = tx.sql.first("SELECT state FROM firelater_job WHERE id = ?", idBytes(parent));
    if (row === undefined) return { outcome: "parent-not-found", parent };
    parents.set(parent, toState(row[0]));
  }
  const states = [...parents.values()];
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
  parents: Map<string, JobState>,
): void {
  ids.forEach((parent, position) => {
    const bytes = idBytes(parent);
    const resolved = isFinal(parents.get(parent) ?? "Awaiting") ? 1 : 0;
    tx.sql.run(
      "INSERT INTO firelater_edge (gate, position, parent, resolved) VALUES (?, ?, ?, ?)",
      gate,
      position,
      bytes,
      resolved,
    );
    tx.sql.run("UPDATE firelater_job SET flags = flags | ? WHERE id = ?", FLAG.parent, bytes);
  });
}

/** Settles what a parent's final state means for others; what exceeds the budget is written down for `release`. */
export function resolveParent(tx: Transaction, parent: Uint8Array, state: JobState, budget: number): number {
  if (state !== "Succeeded" && state !== "Deleted") return 0;
  return settle(tx, [{ kind: "parent", id: parent, outcome: state }], budget);
}

export function release(tx: Transaction, limit: number): ReleaseResult {
  const records = tx.sql.all(
    "SELECT key, kind, id, state FROM firelater_release ORDER BY key LIMIT ?",
    limit,
  );
  const work = records.map((record): Work => {
    tx.sql.run("DELETE FROM firelater_release WHERE key = ?", record[0] ?? null);
    return {
      kind: record[1] === "parent" ? "parent" : "gate",
      id: blob(record[2]),
      outcome: record[3] === STATE.Deleted ? "Deleted" : "Succeeded",
    };
  });
  const released = settle(tx, work, limit);
  return { released, more: tx.sql.first("SELECT 1 FROM firelater_release LIMIT 1") !== undefined };
}

/** Works through the list until it or the budget is used up; the number of waiters that were settled. */
function settle(tx: Transaction, work: Work[], budget: number): number {
  let left = budget;
  let settled = 0;
  for (let item = work.shift(); item !== undefined; item = work.shift()) {
    if (left > 0) {
      const done =
        item.kind === "parent" ? resolveEdges(tx, item, left, work) : settleWaiters(tx, item, left, work);
      left -= Math.max(done, 1);
      if (item.kind === "gate") settled += done;
    } else {
      tx.sql.run(
        "INSERT INTO firelater_release (kind, id, state) VALUES (?, ?, ?)",
        item.kind,
        item.id,
        STATE[item.outcome],
      );
      tx.signal({ kind: "released" });
    }
  }
  return settled;
}

function resolveEdges(tx: Transaction, parent: Work, limit: number, work: Work[]): number {
  const gates = tx.sql.all(
    "SELECT DISTINCT gate FROM firelater_edge WHERE parent = ? AND resolved = 0 ORDER BY gate LIMIT ?",
    parent.id,
    limit,
  );
  for (const row of gates) {
    const gate = blob(row[0]);
    tx.sql.run("UPDATE firelater_edge SET resolved = 1 WHERE gate = ? AND parent = ?", gate, parent.id);
    const open = countDown(tx, gate, parent.outcome);
    if (open === 0) work.push({ kind: "gate", id: gate, outcome: parent.outcome });
  }
  if (gates.length === limit) work.push(parent);
  return gates.length;
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

function settleWaiters(tx: Transaction, gate: Work, limit: number, work: Work[]): number {
  const waiters = tx.sql.all(
    `SELECT key, id, queue, state_at, entry, flags FROM firelater_job
     WHERE gate = ? AND hold = 2 ORDER BY seq LIMIT ?`,
    gate.id,
    limit,
  );
  for (const waiter of waiters) {
    const [key = null, id, queue, stateAt, entry, flags] = waiter;
    const past = entryLine(Number(stateAt), text(entry));
    if (gate.outcome === "Succeeded") {
      readyWaiter(tx, key, past);
      tx.readied(text(queue));
    } else {
      deleteWaiter(tx, key, past);
      if (Number(flags) & FLAG.parent) work.push({ kind: "parent", id: blob(id), outcome: "Deleted" });
    }
  }
  if (waiters.length === limit) work.push(gate);
  return waiters.length;
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
    state: state === null ? null : toState(state),
    entry: entry === null ? "" : text(entry),
  }));
}
