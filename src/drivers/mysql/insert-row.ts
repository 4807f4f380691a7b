import { type Due, FLAG, type InsertOutcome, type NewJob } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { idBytes } from "./id.ts";
import type { SqlValue } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** Of a job as it begins. */
export const FIRST_COLUMNS = `id, queue, job_rank, seq, state, state_at, entry, hold, created_at, due_at, name, args, display_name, flags,
  history, planned_at, parameters, tags, limit_key, limit_max, limit_skip`;

export interface FirstState {
  readonly seq: number;
  readonly state: "Enqueued" | "Scheduled" | "Awaiting" | "Deleted";
  readonly hold: number;
  readonly entry: string;
  readonly history: string;
  readonly dueAt?: number;
}

/** A job as it begins. */
export interface FirstRow {
  readonly job: NewJob;
  readonly first: FirstState;
  /** Others of the same call are tied to it. */
  readonly isParent?: boolean;
}

/** A delay counts from the store's own now; a client's clock never decides when a delayed job runs. */
export function dueTime(tx: Transaction, due: Due): number {
  return "in" in due ? tx.now + due.in : due.at;
}

/**
 * In the order of ids: two calls with the same ids in another order then wait for each other instead of ending in a
 * deadlock. An id that somebody has stored since we looked fails the transaction, which looks again.
 */
export async function insertRows(tx: Transaction, rows: readonly FirstRow[]): Promise<void> {
  await tx.sql.rows(
    `INSERT INTO firelater_job (${FIRST_COLUMNS})`,
    inOrderOfIds(rows).map((row) => valuesOf(tx, row)),
  );
  for (const { job, first } of rows) {
    tx.moved(null, first.state);
    if (first.state === "Enqueued" && first.hold === HOLD.none)
      tx.readied(job.queue, { rank: job.rank, seq: first.seq });
    if (first.dueAt !== undefined) tx.signal({ kind: "due", at: first.dueAt });
  }
}

export function inOrderOfIds(rows: readonly FirstRow[]): FirstRow[] {
  return [...rows].sort(({ job: a }, { job: b }) => (a.id < b.id ? -1 : 1));
}

/** In the order of `FIRST_COLUMNS`. */
export function valuesOf(tx: Transaction, { job, first, isParent = false }: FirstRow): SqlValue[] {
  const { limit, tags = [] } = job;
  return [
    idBytes(job.id),
    job.queue,
    job.rank,
    first.seq,
    STATE[first.state],
    tx.now,
    first.entry,
    first.hold,
    tx.now,
    first.dueAt ?? null,
    job.name,
    job.args,
    job.displayName,
    (job.gate === undefined ? 0 : FLAG.gated) |
      (limit === undefined ? 0 : FLAG.limited) |
      (isParent ? FLAG.parent : 0),
    first.history,
    job.plannedAt ?? first.dueAt ?? null,
    job.parameters ?? null,
    tags.length === 0 ? null : JSON.stringify(tags),
    limit?.key ?? null,
    limit?.max ?? null,
    limit === undefined ? null : Number(limit.whenFull === "skip"),
  ];
}

export const INSERTED: InsertOutcome = { outcome: "inserted" };
export const EXISTS: InsertOutcome = { outcome: "exists" };
