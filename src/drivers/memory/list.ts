import {
  type JobRecord,
  type JobState,
  type JobWhere,
  type ListQuery,
  MAX_SCAN,
  mayHold,
  type Page,
} from "../../storage/index.ts";
import { cutJob } from "./cut-job.ts";
import { cursorOf, placeOf } from "./list-cursor.ts";
import { matchWhere } from "./match-where.ts";
import { type Place, startOf, type Tables } from "./schema.ts";

const LONGEST_PAGE = 1_000;
const LAST: number = Number.MAX_SAFE_INTEGER;

/** Enqueued as it will be claimed, Scheduled by due time, Processing the longest first, all else the newest first. */
export function listJobs(tables: Tables, query: ListQuery): Page {
  const { state, where, cut, after } = query;
  if (where?.hold !== undefined && !mayHold(state, where.hold)) return { rows: [], places: [], next: null };
  const place = after === undefined ? undefined : placeOf(after);
  const { found, next } = page(within(inOrder(tables, state, place, where), state, where), query);
  return {
    rows: cut === undefined ? found : found.map((job) => cutJob(job, cut)),
    places: found.map(cursorOf),
    next,
  };
}

function inOrder(
  { enqueued, due, states }: Tables,
  state: JobState,
  place: Place | undefined,
  where: JobWhere = {},
): Iterable<JobRecord> {
  if (state === "Enqueued") return enqueued.after(place ?? shelfOf(where));
  if (state === "Scheduled") return due.after(place);
  if (state === "Processing") return states.Processing.after(place);
  const { before } = where;
  return states[state].before(
    place ?? (before === undefined ? undefined : { ...startOf(""), stateAt: before }),
  );
}

/** Before the jobs that a hold holds. */
function shelfOf({ hold }: JobWhere): Place | undefined {
  return hold === undefined || hold === null ? undefined : { ...startOf(""), hold };
}

/** As far as what is wanted can be there. */
function* within(
  jobs: Iterable<JobRecord>,
  state: JobState,
  where: JobWhere = {},
): Generator<JobRecord, void> {
  const { hold, since = 0 } = where;
  const isNewestFirst = state !== "Enqueued" && state !== "Scheduled" && state !== "Processing";
  for (const job of jobs) {
    if (hold !== undefined && job.hold !== hold) return;
    if (isNewestFirst && job.stateAt < since) return;
    yield job;
  }
}

function page(
  jobs: Iterable<JobRecord>,
  { limit, where, scan = MAX_SCAN }: ListQuery,
): { readonly found: readonly JobRecord[]; readonly next: string | null } {
  const found: JobRecord[] = [];
  const full = Math.max(1, Math.min(limit, LONGEST_PAGE));
  const most = where === undefined ? LAST : Math.max(1, Math.min(scan, MAX_SCAN));
  let scanned = 0;
  let last: JobRecord | undefined;
  for (const job of jobs) {
    if (last !== undefined && (found.length >= full || scanned >= most))
      return { found, next: cursorOf(last) };
    if (where === undefined || matchWhere(job, where)) found.push(job);
    last = job;
    scanned++;
  }
  return { found, next: null };
}
