import { type Due, entryLine, type InsertOutcome, type NewJob } from "../../storage/index.ts";
import { HOLD } from "../shared/state-codes.ts";
import { insertGated } from "./insert-gated.ts";
import { dueTime, EXISTS, INSERTED, insertEntering, insertReadyRow, insertRow } from "./insert-row.ts";
import type { Transaction } from "./transaction.ts";

export function insert(tx: Transaction, jobs: readonly NewJob[]): InsertOutcome[] {
  const firstSeq = tx.nextSeqs(jobs.length);
  return jobs.map((job, index) => {
    const seq = firstSeq + index;
    if (job.gate !== undefined) return insertGated(tx, job, job.gate, seq);
    return job.due === undefined ? insertReady(tx, job, seq) : insertDue(tx, job, job.due, seq);
  });
}

function insertReady(tx: Transaction, job: NewJob, seq: number): InsertOutcome {
  const history = entryLine(tx.now, job.entry);
  if (!isPlain(job)) return insertEntering(tx, job, { seq, history });
  if (!insertReadyRow(tx, job, seq, history)) return EXISTS;
  tx.moved(null, "Enqueued");
  tx.readied(job.queue);
  return INSERTED;
}

function isPlain({ plannedAt, limit, parameters, tags }: NewJob): boolean {
  return plannedAt === undefined && limit === undefined && parameters === undefined && tags === undefined;
}

function insertDue(tx: Transaction, job: NewJob, due: Due, seq: number): InsertOutcome {
  const dueAt = dueTime(tx, due);
  const row = { seq, state: "Scheduled" as const, hold: HOLD.due, entry: job.entry, history: "", dueAt };
  if (!insertRow(tx, job, row)) return EXISTS;
  tx.moved(null, "Scheduled");
  tx.signal({ kind: "due", at: dueAt });
  return INSERTED;
}
