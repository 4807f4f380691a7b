import { FLAG } from "../../storage/index.ts";
import { type Gate, lockGates, resolveEdge } from "./gates.ts";
import { idText } from "./id.ts";
import { idsOf } from "./insert.ts";
import { keyOf, type LockedRow, lockRows } from "./locked-row.ts";
import { endsOf, type Work, writeDown } from "./release-records.ts";
import { chunks } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/**
 * Edges from callers' transactions, now that they can be seen: a parent that goes on learns that it has children, one
 * that has ended resolves them. Of a parent that is gone nobody knows how it ended: a gate that wants to know breaks.
 * What a neighbour holds is written down once more. The gates that open or break by it are to be settled next.
 */
export async function tieEdges(tx: Transaction, loose: readonly Work[]): Promise<Work[]> {
  if (loose.length === 0) return [];
  const ends = loose.map(endsOf);
  const parents = distinct(ends.map(({ parent }) => parent));
  const locked = await lockRows(tx.sql, parents, "pass");
  const left = parents.filter((parent) => !locked.has(keyOf(parent))).map(idText);
  const held = await idsOf(tx.sql, left);
  const gates = await lockGates(tx, distinct(ends.map(({ gate }) => gate)));
  await markParents(tx, [...locked.values()]);
  const later: Work[] = [];
  const settled: Work[] = [];
  for (const work of loose) {
    const { parent, gate } = endsOf(work);
    const open = gates.get(keyOf(gate));
    if (open === "taken" || held.has(idText(parent))) later.push(work);
    else {
      const work = await tie(tx, parent, gate, locked.get(keyOf(parent)), open);
      if (work === undefined) continue;
      settled.push(work);
      gates.delete(keyOf(gate));
    }
  }
  await writeDown(tx, later);
  return settled;
}

async function tie(
  tx: Transaction,
  parent: Buffer,
  gate: Buffer,
  row: LockedRow | undefined,
  open: Gate | undefined,
): Promise<Work | undefined> {
  const state = row?.state ?? "unknown";
  if (state === "Succeeded" || state === "Deleted" || state === "unknown") {
    return await resolveEdge(tx, parent, gate, open, state);
  }
  // Whatever it has come to before, its next ending is the one that counts.
  await tx.sql.run(
    "UPDATE firelater_edge FORCE INDEX (PRIMARY) SET tied = ? WHERE gate = ? AND parent = ? AND resolved = 0",
    row?.fence ?? 0,
    gate,
    parent,
  );
  return undefined;
}

/** Also those that have ended: they are kept for as long as a child may ask for their results. */
async function markParents(tx: Transaction, rows: readonly LockedRow[]): Promise<void> {
  for (const some of chunks(rows.map(({ id }) => id))) {
    await tx.sql.run(
      "UPDATE firelater_job FORCE INDEX (PRIMARY) SET flags = flags | ? WHERE id IN (?)",
      FLAG.parent,
      some,
    );
  }
}

function distinct(ids: readonly Buffer[]): Buffer[] {
  return [...new Map(ids.map((id) => [keyOf(id), id])).values()];
}
