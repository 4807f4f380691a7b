/**
 * Gates join a job to its parents. A gate row holds how many parents are still to end, and how they are to; edges tie
 * parents to it. SQLite has one writer at a time, so the locks that the contract asks of other engines are the
 * transaction itself.
 */
import {
  entryLine,
  FLAG,
  type InsertOutcome,
  isFinal,
  type JobState,
  type NewGate,
  type NewJob,
  releasedTail,
  TAIL,
} from "../../storage/index.ts";
import { CONDITION, meets } from "../shared/gate-conditions.ts";
import { HOLD, toState } from "../shared/state-codes.ts";
import { idBytes } from "./id.ts";
import { EXISTS, INSERTED, insertEntering, insertRow } from "./insert-row.ts";
import type { Transaction } from "./transaction.ts";

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
  const open = states.filter((state) => !isFinal(state)).length;
  if (states.some((state) => breaks(gate, state))) insertBroken(tx, job, id, seq);
  else if (open === 0) insertOpen(tx, job, gate, id, seq);
  else insertWaiting(tx, job, gate, id, seq, open);
  writeEdges(tx, id, gate.parents, parents);
  return INSERTED;
}

/** Whether a parent has already ended as the gate does not want it. */
function breaks({ condition }: NewGate, state: JobState): boolean {
  return (state === "Succeeded" || state === "Deleted") && !meets(condition, state);
}

function insertWaiting(
  tx: Transaction,
  job: NewJob,
  { condition }: NewGate,
  gate: Uint8Array,
  seq: number,
  open: number,
): void {
  insertRow(tx, job, { seq, state: "Awaiting", hold: HOLD.gate, entry: job.entry, history: "", gate });
  tx.sql.run(
    "INSERT INTO firelater_gate (id, open, condition) VALUES (?, ?, ?)",
    gate,
    open,
    CONDITION[condition],
  );
  tx.moved(null, "Awaiting");
}

function insertOpen(
  tx: Transaction,
  job: NewJob,
  { condition }: NewGate,
  gate: Uint8Array,
  seq: number,
): void {
  const history = entryLine(tx.now, job.entry) + entryLine(tx.now, releasedTail(condition));
  insertEntering(tx, job, { seq, history, gate });
}

function insertBroken(tx: Transaction, job: NewJob, gate: Uint8Array, seq: number): void {
  const history = entryLine(tx.now, job.entry);
  insertRow(tx, job, {
    seq,
    state: "Deleted",
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
