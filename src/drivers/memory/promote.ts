import { entryLine, FLAG, type JobRecord, type PromoteResult, TAIL } from "../../storage/index.ts";
import { Budget, resolveWaitersOf } from "./gates.ts";
import { admit } from "./permits.ts";
import type { Tables } from "./schema.ts";

export function promoteJobs(tables: Tables, limit: number): PromoteResult {
  const now = tables.clock();
  const budget = new Budget();
  let promoted = 0;
  for (let job = tables.due.first; job !== undefined && promoted < limit; job = tables.due.first) {
    if ((job.dueAt ?? 0) > now) break;
    const row = tables.put(admit(tables, promotedRow(tables, job, now)));
    if (row.state === "Deleted" && (row.flags & FLAG.parent) !== 0) {
      resolveWaitersOf(tables, row, "Deleted", now, budget);
    }
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
