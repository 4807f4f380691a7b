import { parseId } from "../../base/ids.ts";
import type { JobsQuery } from "../api/jobs.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { integer, oneOf, optional, text, withDefault } from "../http/readers.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";
import { toRow, withArguments } from "../show/job-row.ts";
import { checkFilter, FILTER_READERS, MOST_ROWS, searchJobs } from "./job-search.ts";

const CURSOR_CHARS = 500;

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
    ...filter
  } = ask.query<JobsQuery & { readonly limit: number }>({
    ...FILTER_READERS,
    limit: withDefault(integer(1, MOST_ROWS), 50),
    after: cursor,
    with: optional(oneOf(["args"])),
  });
  checkFilter(ask, filter);
  if (extra === "args") ask.need("view-data");
  const maker = ask.rows(parts.redactor);
  const found = await searchJobs(parts, filter, { limit, after }, ask.deadline);
  const look = await ask.deadline.within(parts.monitor.look(), null);
  const rows = found.rows.map((job) => {
    const row = toRow(job, maker);
    return extra === "args" ? withArguments(row, job, parts.redactor) : row;
  });
  const at = look?.situation.now ?? Date.now();
  const total = look?.situation.counts[filter.state] ?? rows.length;
  return { at, rows, next: found.next, total, incomplete: found.incomplete ?? ask.incomplete };
}

/** Ids are looked up as they are: nothing is stored by the beginning of an id. */
async function find({ storage, redactor }: DashboardParts, ask: Ask) {
  const { id } = ask.query<{ readonly id: string }>({ id: text(200) });
  const whole = parseId(id.trim());
  const at = await ask.deadline.need(storage.now());
  const found = whole === undefined ? [] : await ask.deadline.need(storage.get([whole]));
  return { at, rows: found.map((job) => toRow(job, ask.rows(redactor))), incomplete: null };
}
