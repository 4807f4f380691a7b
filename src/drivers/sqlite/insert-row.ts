import { type Due, FLAG, type InsertOutcome, type JobState, type NewJob } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { attachedText } from "./attached.ts";
import { idBytes } from "./id.ts";
import { enter, permitOf } from "./permits.ts";
import type { Transaction } from "./transaction.ts";

const INSERT = `INSERT INTO firelater_job
  (id, queue, rank, seq, state, state_at, entry, hold, created_at, due_at, name, args, display_name, flags, gate, history,
   planned_at, parameters, attached, permit)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`;

// The plain job, nearly every one: each value that stands in the text is one that is not bound (a tenth of its price).
const INSERT_READY = `INSERT INTO firelater_job
  (id, queue, rank, seq, state, state_at, entry, hold, created_at, name, args, display_name, history)
  VALUES (?, ?, ?, ?, ${STATE.Enqueued}, ?5, '', ${HOLD.none}, ?5, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`;

/** A delay counts from the store's own now; a client's clock never decides when a delayed job runs. */
export function dueTime(tx: Transaction, due: Due): number {
  return "in" in due ? tx.now + due.in : due.at;
}

export interface FirstState {
  readonly seq: number;
  readonly state: JobState;
  readonly hold: number;
  readonly entry: string;
  readonly history: string;
  readonly dueAt?: number;
  readonly gate?: Uint8Array;
}

/** False when the id is there already: then nothing was written. */
export function insertRow(tx: Transaction, job: NewJob, first: FirstState): boolean {
  const written = tx.sql.run(
    INSERT,
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
    (first.gate === undefined ? 0 : FLAG.gated) | (job.limit === undefined ? 0 : FLAG.limited),
    first.gate ?? null,
    first.history,
    job.plannedAt ?? first.dueAt ?? null,
    job.parameters ?? null,
    attachedText(job),
    permitOf(job.limit ?? null, first.state, first.hold),
  );
  return written === 1;
}

/** A job that nothing but its limit holds. */
export function insertEntering(
  tx: Transaction,
  job: NewJob,
  first: Pick<FirstState, "seq" | "history" | "gate">,
): InsertOutcome {
  const { state, hold, entry } = enter(tx, job.limit ?? null, { key: null, rank: job.rank, seq: first.seq });
  if (!insertRow(tx, job, { ...first, state, hold, entry })) return EXISTS;
  tx.moved(null, state);
  if (state === "Enqueued" && hold === HOLD.none) tx.readied(job.queue);
  return INSERTED;
}

/** Like `insertRow`, for a job that nothing holds and that has nothing attached. */
export function insertReadyRow(tx: Transaction, job: NewJob, seq: number, history: string): boolean {
  const id = idBytes(job.id);
  return (
    tx.sql.run(
      INSERT_READY,
      id,
      job.queue,
      job.rank,
      seq,
      tx.now,
      job.name,
      job.args,
      job.displayName,
      history,
    ) === 1
  );
}

export const INSERTED: InsertOutcome = { outcome: "inserted" };
export const EXISTS: InsertOutcome = { outcome: "exists" };
