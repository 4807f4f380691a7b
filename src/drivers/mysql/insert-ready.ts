import type { NewJob } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { idBytes } from "./id.ts";
import { literal, NOW } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const COLUMNS = `id, queue, job_rank, seq, state, hold, created_at, state_at, entry, name, args, display_name, history,
  planned_at, parameters, tags`;

/**
 * Stores jobs that are ready at once: four trips to the server, however many there are. The server's clock is read by the
 * statement itself (a row's later values may name its earlier ones), and the counters are written with the numbers. In
 * the order of ids, as all inserts are.
 */
export async function insertReady(tx: Transaction, jobs: readonly NewJob[]): Promise<void> {
  tx.moved(null, "Enqueued", jobs.length);
  const firstSeq = await tx.nextSeqs(jobs.length);
  for (const [nth, { queue, rank }] of jobs.entries()) tx.readied(queue, { rank, seq: firstSeq + nth });
  const rows = jobs.map((job, nth) => rowText(job, firstSeq + nth));
  await tx.sql.rowTexts(`INSERT INTO firelater_job (${COLUMNS})`, rows.sort());
}

/** It begins with the id: texts are in the order of ids. */
function rowText(job: NewJob, seq: number): string {
  const { tags = [], plannedAt = null, parameters = null } = job;
  const id = literal(idBytes(job.id));
  const place = `${literal(job.queue)},${literal(job.rank)},${seq},${STATE.Enqueued},${HOLD.none}`;
  const what = `${literal(job.name)},${literal(job.args)},${literal(job.displayName)}`;
  const history = `CONCAT('{"at":',created_at,${literal(`,${job.entry}}\n`)})`;
  const more = `${literal(plannedAt)},${literal(parameters)},${tags.length === 0 ? "NULL" : literal(JSON.stringify(tags))}`;
  return `(${id},${place},${NOW},created_at,'',${what},${history},${more})`;
}
