import type { GateCondition } from "../../storage/index.ts";
import { CONDITION, type Ending, toCondition } from "../shared/gate-conditions.ts";
import { STATE } from "../shared/state-codes.ts";
import { bytes } from "./id.ts";
import { chunks, type Row } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const KINDS = ["parent", "gate", "limit", "edge", "skip"] as const;

/**
 * What is still to be settled: the edges of a parent that ended, the waiter behind a gate, or the waiters of a key. And of
 * callers' transactions: edges that their parents do not know of, and jobs that are skipped if they get no permit.
 */
export interface Work {
  readonly kind: (typeof KINDS)[number];
  /** Of the parent, the gate or the job; the key's bytes; of an edge that of the parent and then that of the gate. */
  readonly id: Buffer;
  /** How the parent ended. A gate that has opened has Succeeded, a broken one is Deleted. */
  readonly outcome: Ending;
  /** The parent's fence when it ended: later edges belong to another ending. 0 for all else. */
  readonly fence: number;
  /** What a gate has waited for. */
  readonly condition: GateCondition;
}

export function limitWork(key: string): Work {
  return { kind: "limit", id: Buffer.from(key), outcome: "Succeeded", fence: 0, condition: "succeeded" };
}

export function edgeWork(parent: Buffer, gate: Buffer): Work {
  const id = Buffer.concat([parent, gate]);
  return { kind: "edge", id, outcome: "Succeeded", fence: 0, condition: "succeeded" };
}

/** The two ends of such an edge. */
export function endsOf({ id }: Work): { readonly parent: Buffer; readonly gate: Buffer } {
  return { parent: id.subarray(0, 16), gate: id.subarray(16) };
}

export function skipWork(id: Buffer): Work {
  return { kind: "skip", id, outcome: "Succeeded", fence: 0, condition: "succeeded" };
}

/** What this write does not settle: part of it, so that nothing is forgotten if we die. */
export async function writeDown(tx: Transaction, work: readonly Work[]): Promise<void> {
  if (work.length === 0) return;
  await tx.sql.rows(
    "INSERT INTO firelater_release (kind, id, fence, state, wanted)",
    work.map(({ kind, id, fence, outcome, condition }) => [
      kind,
      id,
      fence,
      STATE[outcome],
      CONDITION[condition],
    ]),
  );
  tx.signal({ kind: "released" });
}

export async function writeDownKey(tx: Transaction, key: string): Promise<void> {
  await writeDown(tx, [limitWork(key)]);
}

/** Takes the oldest records out, without those that somebody else works off. */
export async function takeRecords(tx: Transaction, limit: number): Promise<Work[]> {
  const rows = await tx.sql.all(
    `SELECT num, kind, id, state, fence, wanted FROM firelater_release FORCE INDEX (PRIMARY)
     ORDER BY num LIMIT ? FOR UPDATE SKIP LOCKED`,
    limit,
  );
  for (const some of chunks(rows.map(([num]) => Number(num)))) {
    await tx.sql.run(
      "DELETE one FROM firelater_release AS one FORCE INDEX (PRIMARY) WHERE one.num IN (?)",
      some,
    );
  }
  return rows.map(toWork);
}

function toWork([, kind, id, state, fence, wanted]: Row): Work {
  return {
    kind: toKind(kind),
    id: bytes(id),
    outcome: Number(state) === STATE.Deleted ? "Deleted" : "Succeeded",
    fence: Number(fence),
    condition: toCondition(Number(wanted)),
  };
}

function toKind(text: unknown): Work["kind"] {
  const kind = KINDS.find((known) => known === text);
  if (kind === undefined) throw new TypeError(`unknown release record ${String(text)} in the database`);
  return kind;
}
