import { parseId } from "../../base/ids.ts";
import { JOB_STATES, type JobState, type StateCounts } from "../../storage/index.ts";
import type { JobsQuery } from "../api/jobs.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { invalid } from "../http/problem.ts";
import { integer, oneOf, optional, text, withDefault } from "../http/readers.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";
import { toRow, withArguments } from "../show/job-row.ts";
import { rowCut } from "../show/row-cut.ts";
import { searchAll } from "./all-states.ts";
import { checkFilter, cutOf, FILTER_READERS, MOST_ROWS, mayFindHidden, searchJobs } from "./job-search.ts";

const CURSOR_CHARS = 500;
/** The places in all lists, one for each state. */
const ALL_CURSORS_CHARS = 4_000;

export const cursor = optional(text(CURSOR_CHARS));

export function jobsRoutes(parts: DashboardParts): RouteSpec[] {
  return [
    route("GET jobs", "view", (ask) => jobs(parts, ask)),
    route("GET jobs/find", "view", (ask) => find(parts, ask)),
  ];
}

async function jobs(parts: DashboardParts, ask: Ask) {
  const {
    limit,
    after,
    with: extra,
    state,
    ...filter
  } = ask.query<JobsQuery & { readonly limit: number }>({
    ...FILTER_READERS,
    state: optional(oneOf(JOB_STATES)),
    limit: withDefault(integer(1, MOST_ROWS), 50),
    after: optional(text(ALL_CURSORS_CHARS)),
    with: optional(oneOf(["args"])),
  });
  checkFilter(ask, filter);
  if (state === undefined && mayFindHidden(parts.redactor, filter))
    throw invalid("With redact, texts and tags are searched in one state at a time.", "Choose a state.");
  if (extra === "args") ask.need("view-data");
  const maker = ask.rows(parts.redactor);
  const wanted = { limit, after, cut: cutOf(parts.redactor, filter, extra === "args") };
  const found = await (state === undefined
    ? searchAll(parts, filter, wanted, ask.deadline)
    : searchJobs(parts, { ...filter, state }, wanted, ask.deadline));
  const look = await ask.deadline.within(parts.monitor.look(), null);
  const rows = found.rows.map((job) => {
    const row = toRow(job, maker, wanted.cut);
    return extra === "args" ? withArguments(row, job, parts.redactor, wanted.cut) : row;
  });
  const at = look?.situation.now ?? Date.now();
  const total = look === null ? rows.length : totalOf(look.situation.counts, state);
  return { at, rows, next: found.next, total, incomplete: found.incomplete ?? ask.incomplete };
}

function totalOf(counts: StateCounts, state: JobState | undefined): number {
  if (state !== undefined) return counts[state];
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Ids are looked up as they are: nothing is stored by the beginning of an id. */
async function find({ storage, redactor }: DashboardParts, ask: Ask) {
  const { id } = ask.query<{ readonly id: string }>({ id: text(200) });
  const whole = parseId(id.trim());
  const at = await ask.deadline.need(storage.now());
  const cut = rowCut(redactor, false);
  const found = whole === undefined ? [] : await ask.deadline.need(storage.get([whole], cut));
  return { at, rows: found.map((job) => toRow(job, ask.rows(redactor), cut)), incomplete: null };
}
