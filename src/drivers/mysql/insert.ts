import { entryLine, type InsertOutcome, type NewJob } from "../../storage/index.ts";
import { HOLD } from "../shared/state-codes.ts";
import { admitting } from "./admission.ts";
import { idBytes, idText } from "./id.ts";
import { firstGated, lockParents, type Parents, writeGates } from "./insert-gated.ts";
import { dueTime, EXISTS, type FirstRow, type FirstState, INSERTED, insertRows } from "./insert-row.ts";
import { chunks, type Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** As `Insertion` does it where more has to be looked at: jobs are decided on in order, so that what stands earlier in the call counts. */
export async function insert(tx: Transaction, jobs: readonly NewJob[]): Promise<InsertOutcome[]> {
  if (jobs.length === 0) return [];
  const known = await idsOf(
    tx.sql,
    jobs.map(({ id }) => id),
  );
  const fresh = jobs.filter(({ id }) => !known.has(id));
  const parents = await lockParents(tx, fresh);
  const admission = await admitting(tx, fresh);
  const firstSeq = await tx.nextSeqs(jobs.length);
  const rows: FirstRow[] = [];
  const outcomes = jobs.map((job, index): InsertOutcome => {
    const missing = job.gate?.parents.find((parent) => !parents.has(parent));
    if (known.has(job.id)) return EXISTS;
    if (missing !== undefined) return { outcome: "parent-not-found", parent: missing };
    const first = admission.enter(job, firstState(tx, job, firstSeq + index, parents));
    rows.push({ job, first });
    known.add(job.id);
    parents.set(job.id, { state: first.state, fence: 1 });
    return INSERTED;
  });
  await insertRows(tx, rows);
  await writeGates(tx, rows, parents);
  return outcomes;
}

/** Without its limit, which may let it wait. */
function firstState(tx: Transaction, job: NewJob, seq: number, parents: Parents): FirstState {
  return job.gate === undefined ? plainState(tx, job, seq) : firstGated(tx, job, job.gate, seq, parents);
}

/** Of a job that no other one decides about. */
export function plainState(tx: Transaction, job: NewJob, seq: number): FirstState {
  if (job.due !== undefined) {
    const dueAt = dueTime(tx, job.due);
    return { seq, state: "Scheduled", hold: HOLD.due, entry: job.entry, history: "", dueAt };
  }
  return { seq, state: "Enqueued", hold: HOLD.none, entry: "", history: entryLine(tx.now, job.entry) };
}

export async function idsOf(sql: Statements, ids: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const some of chunks(ids.map(idBytes))) {
    const rows = await sql.all("SELECT id FROM firelater_job FORCE INDEX (PRIMARY) WHERE id IN (?)", some);
    for (const [id] of rows) found.add(idText(id));
  }
  return found;
}
