import {
  type Change,
  type CommitOutcome,
  entryLine,
  FLAG,
  isFinal,
  type JobRecord,
  TAIL,
} from "../../storage/index.ts";
import { Budget, resolveWaitersOf } from "./gates.ts";
import { dueTime } from "./insert.ts";
import { type Admissions, admit, admitWaiters, newAdmissions } from "./permits.ts";
import { isOnItsWay, type Tables } from "./schema.ts";

export function commitChanges(tables: Tables, changes: readonly Change[]): CommitOutcome[] {
  const now = tables.clock();
  const budget = new Budget();
  const admissions = newAdmissions(changes.length);
  return changes.map((change) => commitChange(tables, change, now, budget, admissions));
}

function commitChange(
  tables: Tables,
  change: Change,
  now: number,
  budget: Budget,
  admissions: Admissions,
): CommitOutcome {
  const job = tables.find(change.id);
  if (job === undefined) return "gone";
  if (job.fence !== change.fence) return isReplay(job, change) ? "already" : "stale";
  tables.blamed.delete(job.id);
  const row = tables.put(entering(tables, job, changed(tables, job, change, now)));
  if (change.failed === true && change.state !== "Failed") tables.statistics.retried(now);
  if (isFinal(row.state) && (row.flags & FLAG.parent) !== 0) {
    resolveWaitersOf(tables, row, row.state === "Deleted" ? "Deleted" : "Succeeded", now, budget);
  }
  if (row.limit !== null) admitWaiters(tables, row.limit.key, now, admissions);
  return "applied";
}

/** A job that is on its way already keeps its permit. */
function entering(tables: Tables, before: JobRecord, after: JobRecord): JobRecord {
  return after.state === "Enqueued" && !isOnItsWay(before) ? admit(tables, after) : after;
}

function isReplay(job: JobRecord, { fence, state, entry }: Change): boolean {
  if (job.fence !== fence + 1) return false;
  if (state !== "Enqueued") return job.state === state && job.entry === entry;
  const wasSkipped = job.state === "Deleted" && job.entry === TAIL.skipped;
  return (job.state === "Enqueued" || wasSkipped) && job.history.endsWith(`,${entry}}\n`);
}

function changed(tables: Tables, job: JobRecord, change: Change, now: number): JobRecord {
  const ready = change.state === "Enqueued";
  const dueAt = change.state === "Scheduled" ? dueTime(change.due ?? { in: 0 }, now) : undefined;
  return {
    ...job,
    queue: change.queue ?? job.queue,
    seq: ready && change.keepSeq !== true ? tables.nextSeq() : job.seq,
    state: change.state,
    stateAt: now,
    entry: ready ? "" : change.entry,
    hold: change.state === "Scheduled" ? "due" : null,
    dueAt: dueAt ?? job.dueAt,
    plannedAt: change.keepsPlan === true ? job.plannedAt : (dueAt ?? job.plannedAt),
    parameters: change.parameters ?? job.parameters,
    failures: job.failures + (change.failed === true ? 1 : 0),
    crashes: job.crashes + (change.crashed === true ? 1 : 0),
    fence: job.fence + 1,
    owner: null,
    flags: job.flags & ~FLAG.recovered,
    history: changedHistory(change, now),
  };
}

function changedHistory({ state, entry, past, replaced = [] }: Change, now: number): string {
  const tails = state === "Enqueued" ? [...replaced, entry] : replaced;
  return past + tails.map((tail) => entryLine(now, tail)).join("");
}
