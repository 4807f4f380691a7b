import { entryLine, type JobRecord, type PromoteResult, TAIL } from "../../storage/index.ts";
import type { Tables } from "./schema.ts";

export function promoteJobs(tables: Tables, limit: number): PromoteResult {
  const now = tables.clock();
  let promoted = 0;
  for (let job = tables.due.first; job !== undefined && promoted < limit; job = tables.due.first) {
    if ((job.dueAt ?? 0) > now) break;
    tables.put(promotedRow(tables, job, now));
    promoted++;
  }
  return { promoted, nextDueAt: tables.due.first?.dueAt ?? null, now };
}

function promotedRow(tables: Tables, job: JobRecord, now: number): JobRecord {
  return {
    ...job,
    seq: tables.nextSeq(),
    state: "Enqueued",
    stateAt: now,
    entry: "",
    hold: null,
    fence: job.fence + 1,
    history: job.history + entryLine(job.stateAt, job.entry) + entryLine(now, TAIL.promoted),
  };
}
