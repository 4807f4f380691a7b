import type { GateCondition } from "../../storage/index.ts";
import { CONDITION, type Ending, toCondition } from "../shared/gate-conditions.ts";
import { STATE } from "../shared/state-codes.ts";
import { bytes } from "./id.ts";
import { chunks, type Row } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** What is still to be settled: the edges of a parent that ended, the waiter behind a gate, or the waiters of a key. */
export interface Work {
  readonly kind: "parent" | "gate" | "limit";
  /** Of the parent or the gate; the key's bytes. */
  readonly id: Buffer;
  /** How the parent ended. A gate that has opened has Succeeded, a broken one is Deleted. */
  readonly outcome: Ending;
  /** The parent's fence when it ended: later edges belong to another ending. 0 for gates and keys. */
  readonly fence: number;
  /** What a gate has waited for. */
  readonly condition: GateCondition;
}

export function limitWork(key: string): Work {
  return { kind: "limit", id: Buffer.from(key), outcome: "Succeeded", fence: 0, condition: "succeeded" };
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
    kind: kind === "parent" || kind === "limit" ? kind : "gate",
    id: bytes(id),
    outcome: Number(state) === STATE.Deleted ? "Deleted" : "Succeeded",
    fence: Number(fence),
    condition: toCondition(Number(wanted)),
  };
}
