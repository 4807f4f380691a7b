import {
  type EndedJob,
  isAtRest,
  type JobRecord,
  type ListQuery,
  type Page,
  type ParentRecord,
  type StateCounts,
} from "../../storage/index.ts";
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
export function listJobs(tables: Tables, { state, limit, after }: ListQuery): Page {
  const place = after === undefined ? undefined : placeOf(after);
  if (state === "Enqueued") return page(tables.enqueued.after(place), limit);
  if (state === "Scheduled") return page(tables.due.after(place), limit);
  const jobs = tables.states[state];
  return page(state === "Processing" ? jobs.after(place) : jobs.before(place), limit);
}

function page(jobs: Iterable<JobRecord>, limit: number): Page {
  const rows: JobRecord[] = [];
  for (const job of jobs) {
    const last = rows.at(-1);
    if (last !== undefined && rows.length >= limit) return { rows, next: cursorOf(last) };
    rows.push(job);
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
