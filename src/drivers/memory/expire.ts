import { type ExpireRequest, type ExpireResult, FLAG, isFinal, type JobRecord } from "../../storage/index.ts";
import { cursorOf, placeOf } from "./list-cursor.ts";
import type { Tables } from "./schema.ts";

export function expireJobs(tables: Tables, { retention, limit, after }: ExpireRequest): ExpireResult {
  const jobs = tables.states[retention.state];
  const oldest = tables.clock() - (retention.ageMs ?? Number.POSITIVE_INFINITY);
  const bite = firstOf(jobs.after(after === undefined ? undefined : placeOf(after)), limit);
  const first = bite[0];
  let newer = first === undefined ? 0 : jobs.size - jobs.countBefore(first);
  let expired = 0;
  for (const job of bite) {
    newer--;
    const outOfDate = job.stateAt <= oldest || (retention.count !== null && newer >= retention.count);
    if (!outOfDate) return { expired, next: null };
    if (mayBeAsked(tables, job)) continue;
    tables.remove(job);
    expired++;
  }
  const last = bite.at(-1);
  return { expired, next: last === undefined || bite.length < limit ? null : cursorOf(last) };
}

/** Whether a child that has not finished may still ask for the result. */
function mayBeAsked(tables: Tables, { id, flags }: JobRecord): boolean {
  if ((flags & FLAG.parent) === 0) return false;
  for (const child of tables.children.get(id) ?? []) {
    const state = tables.find(child)?.state;
    if (state !== undefined && !isFinal(state)) return true;
  }
  return false;
}

function firstOf(jobs: Iterable<JobRecord>, limit: number): JobRecord[] {
  const first: JobRecord[] = [];
  for (const job of jobs) {
    if (first.length >= limit) break;
    first.push(job);
  }
  return first;
}
