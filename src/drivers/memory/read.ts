import {
  type EndedJob,
  isAtRest,
  type JobRecord,
  type ListQuery,
  MAX_SCAN,
  type Page,
  type ParentRecord,
  type StateCounts,
} from "../../storage/index.ts";
import { matchWhere } from "./match-where.ts";
import type { Place, Tables } from "./schema.ts";

export function getJobs(tables: Tables, ids: readonly string[]): JobRecord[] {
  return [...new Set(ids)].flatMap((id) => tables.find(id) ?? []);
}

export function watchJobs(tables: Tables, ids: readonly string[]): EndedJob[] {
  return ids.flatMap((id) => {
    const { state, entry } = tables.find(id) ?? { state: null, entry: "" };
    return state === null || isAtRest(state) ? [{ id, state, entry }] : [];
  });
}

export function parentsOf(tables: Tables, ids: readonly string[]): Map<string, readonly ParentRecord[]> {
  const answer = new Map<string, readonly ParentRecord[]>();
  for (const id of ids) {
    const gate = tables.gates.get(id);
    if (gate !== undefined)
      answer.set(
        id,
        gate.parents.map((parent) => parentRecord(tables, parent)),
      );
  }
  return answer;
}

function parentRecord(tables: Tables, id: string): ParentRecord {
  const parent = tables.find(id);
  return { id, state: parent?.state ?? null, entry: parent?.entry ?? "" };
}

/** Enqueued as it will be claimed, Scheduled by due time, Processing the longest first, all else the newest first. */
export function listJobs(tables: Tables, { state, after, ...query }: ListQuery): Page {
  const place = after === undefined ? undefined : placeOf(after);
  if (state === "Enqueued") return page(tables.enqueued.after(place), query);
  if (state === "Scheduled") return page(tables.due.after(place), query);
  const jobs = tables.states[state];
  return page(state === "Processing" ? jobs.after(place) : jobs.before(place), query);
}

function page(jobs: Iterable<JobRecord>, { limit, where, scan = MAX_SCAN }: Omit<ListQuery, "state">): Page {
  const rows: JobRecord[] = [];
  const most = where === undefined ? Number.POSITIVE_INFINITY : Math.min(scan, MAX_SCAN);
  let scanned = 0;
  let last: JobRecord | undefined;
  for (const job of jobs) {
    if (last !== undefined && (rows.length >= limit || scanned >= most))
      return { rows, next: cursorOf(last) };
    if (where === undefined || matchWhere(job, where)) rows.push(job);
    last = job;
    scanned++;
  }
  return { rows, next: null };
}

export function countJobs({ states }: Tables): StateCounts {
  return {
    Enqueued: states.Enqueued.size,
    Scheduled: states.Scheduled.size,
    Awaiting: states.Awaiting.size,
    Processing: states.Processing.size,
    Succeeded: states.Succeeded.size,
    Failed: states.Failed.size,
    Deleted: states.Deleted.size,
  };
}

/** A place in any order, as text for callers. A queue may hold the separator, so it stands last. */
export function cursorOf({ hold, stateAt, dueAt, rank, seq, queue }: Place): string {
  return [hold ?? "", stateAt, dueAt ?? 0, rank, seq, queue].join(":");
}

export function placeOf(cursor: string): Place {
  const [hold, stateAt, dueAt, rank, seq, ...queue] = cursor.split(":");
  return {
    hold: hold === "unknown" || hold === "limit" ? hold : null,
    queue: queue.join(":"),
    name: "",
    rank: Number(rank),
    seq: Number(seq),
    dueAt: Number(dueAt),
    stateAt: Number(stateAt),
  };
}
