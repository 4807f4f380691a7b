/**
 * Gates join a job to its parents. A gate row holds how many parents are still to end, and how they are to; edges tie
 * parents to it. It has the id of the job that waits behind it.
 */
import {
  entryLine,
  FLAG,
  isFinal,
  type JobState,
  type NewGate,
  type NewJob,
  releasedTail,
  TAIL,
} from "../../storage/index.ts";
import { CONDITION, meets } from "../shared/gate-conditions.ts";
import { HOLD } from "../shared/state-codes.ts";
import { idBytes, idText } from "./id.ts";
import type { FirstRow, FirstState } from "./insert-row.ts";
import { lockRows } from "./locked-row.ts";
import { chunks, type SqlValue } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

interface Parent {
  readonly state: JobState;
  readonly fence: number;
}

/** What is known of jobs by id. */
export type Parents = Map<string, Parent>;

/**
 * Locked before their states are read: a child that is added while its parent commits is either seen by that commit,
 * which then finds the edge, or sees its result. Without it both could miss each other, and the child waits for ever.
 */
export async function lockParents(tx: Transaction, jobs: readonly NewJob[]): Promise<Parents> {
  const ids = new Set(jobs.flatMap(({ gate }) => gate?.parents ?? []));
  const parents: Parents = new Map();
  if (ids.size === 0) return parents;
  for (const { id, state, fence } of (await lockRows(tx.sql, [...ids].map(idBytes), "wait")).values()) {
    parents.set(idText(id), { state, fence });
  }
  return parents;
}

export function firstGated(
  tx: Transaction,
  { entry }: NewJob,
  gate: NewGate,
  seq: number,
  parents: Parents,
): FirstState {
  const states = statesOf(gate, parents);
  const history = entryLine(tx.now, entry);
  if (states.some((state) => breaks(gate, state))) {
    return { seq, state: "Deleted", hold: HOLD.none, entry: TAIL.conditionNotMet, history };
  }
  if (states.every(isFinal)) {
    const lines = history + entryLine(tx.now, releasedTail(gate.condition));
    return { seq, state: "Enqueued", hold: HOLD.none, entry: "", history: lines };
  }
  return { seq, state: "Awaiting", hold: HOLD.gate, entry, history: "" };
}

/** Each parent once, wherever it stands. */
function statesOf(gate: NewGate, parents: Parents): JobState[] {
  return [...new Set(gate.parents)].flatMap((id) => parents.get(id)?.state ?? []);
}

/** Whether a parent has already ended as the gate does not want it. */
function breaks({ condition }: NewGate, state: JobState): boolean {
  return (state === "Succeeded" || state === "Deleted") && !meets(condition, state);
}

export async function writeGates(
  tx: Transaction,
  rows: readonly FirstRow[],
  parents: Parents,
): Promise<void> {
  const gates: SqlValue[][] = [];
  const edges: SqlValue[][] = [];
  const tied = new Set<string>();
  for (const { job, first } of rows) {
    const { gate } = job;
    if (gate === undefined) continue;
    const id = idBytes(job.id);
    const open = statesOf(gate, parents).filter((state) => !isFinal(state)).length;
    if (first.state === "Awaiting") gates.push([id, open, CONDITION[gate.condition]]);
    gate.parents.forEach((parent, position) => {
      const { state = "Awaiting", fence = 0 } = parents.get(parent) ?? {};
      edges.push([id, position, idBytes(parent), fence, isFinal(state) ? 1 : 0]);
      tied.add(parent);
    });
  }
  await tx.sql.rows("INSERT INTO firelater_gate (id, open_parents, wanted)", gates);
  await tx.sql.rows("INSERT INTO firelater_edge (gate, position, parent, tied, resolved)", edges);
  for (const some of chunks([...tied].map(idBytes).sort(Buffer.compare))) {
    await tx.sql.run(
      "UPDATE firelater_job FORCE INDEX (PRIMARY) SET flags = flags | ? WHERE id IN (?)",
      FLAG.parent,
      some,
    );
  }
}
