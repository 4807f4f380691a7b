import type { RecurringJobDetails } from "../../recurring/recurring-details.ts";
import type { JobRecord } from "../../storage/index.ts";
import type {
  RecurringDetails,
  RecurringPage,
  RecurringPreview,
  RecurringPreviewBody,
  RecurringQuery,
} from "../api/recurring.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { notFound } from "../http/problem.ts";
import { integer, oneOf, optional, text, withDefault } from "../http/readers.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";
import { toAuditRow } from "../show/audit-row.ts";
import { currentEntry, entriesOf } from "../show/entry.ts";
import { toRow } from "../show/job-row.ts";
import { stateOf, toRecurringRows } from "../show/recurring-row.ts";
import { nextRuns } from "./next-runs.ts";

const STATES = ["active", "paused", "disabled", "unreadable"] as const;
const PAGE = 200;
/** Recurring jobs that one request looks at. */
const SCAN = 2_000;
const NEXT = 10;
const LAST_RUNS = 30;
const MOST_AUDIT = 20;
const MOST_PREVIEWED = 50;
const DAY_MS = 86_400_000;

export function recurringRoutes(parts: DashboardParts): RouteSpec[] {
  return [
    route("GET recurring", "view", (ask) => list(parts, ask)),
    route("GET recurring/:id", "view", (ask) => details(parts, ask)),
    route("POST recurring/preview", "view", (ask) => preview(parts, ask)),
  ];
}

async function list({ recurring, storage, redactor }: DashboardParts, ask: Ask): Promise<RecurringPage> {
  const query = ask.query<RecurringQuery & { readonly limit: number }>({
    search: optional(text(200)),
    state: optional(oneOf(STATES)),
    after: optional(text(200)),
    limit: withDefault(integer(1, PAGE), 100),
  });
  const maker = ask.rows(redactor);
  const found: RecurringJobDetails[] = [];
  let after = query.after;
  let incomplete: RecurringPage["incomplete"] = null;
  let isLast = false;
  for (let seen = 0; !isLast && incomplete === null && found.length < query.limit; ) {
    const page = await ask.deadline.need(recurring.list({ after, limit: PAGE }));
    for (const one of page) {
      after = one.id;
      seen++;
      if (isMeant(one, query, maker.withData)) found.push(one);
      if (found.length === query.limit) break;
    }
    isLast = page.length < PAGE && after === page.at(-1)?.id;
    if (page.length === 0) isLast = true;
    if (!isLast && found.length < query.limit && (seen >= SCAN || ask.deadline.isOver))
      incomplete = seen >= SCAN ? "scan" : "time";
  }
  const at = await ask.deadline.need(storage.now());
  const rows = await ask.deadline.need(toRecurringRows(storage, found, maker));
  return { at, rows, next: isLast ? null : (after ?? null), incomplete };
}

function isMeant(one: RecurringJobDetails, { search, state }: RecurringQuery, withData: boolean): boolean {
  if (state !== undefined && stateOf(one) !== state) return false;
  if (search === undefined) return true;
  const searched = [one.id, one.name, withData ? (one.displayName ?? "") : ""];
  return searched.some((part) => part.toLowerCase().includes(search.toLowerCase()));
}

async function details(parts: DashboardParts, ask: Ask): Promise<RecurringDetails> {
  const { storage, recurring, redactor, values, audit } = parts;
  const { deadline } = ask;
  const id = ask.param("id");
  const [one, [record]] = await deadline.need(Promise.all([recurring.get(id), storage.getRecurring([id])]));
  if (one === null || record === undefined) throw notFound("There is no recurring job of this name.");
  const maker = ask.rows(redactor);
  const at = await deadline.need(storage.now());
  const [rows, lastRuns, trail] = await Promise.all([
    deadline.need(toRecurringRows(storage, [one], maker)),
    deadline.within(lastRunsOf(parts, one, at), []),
    deadline.within(audit.newestOf(id, MOST_AUDIT), []),
  ]);
  const [row] = rows;
  if (row === undefined) throw notFound("There is no recurring job of this name.");
  const stored = jobIn(record.definition);
  return {
    ...row,
    at,
    version: String(record.version),
    arguments: maker.withData && stored.args !== null ? values.arguments(stored.args) : null,
    tags: maker.withData ? stored.tags : [],
    nextRuns: previewed(one.cron, one.timeZone, at, NEXT).nextRuns,
    lastRuns: lastRuns.map((job) => toRow(job, maker)),
    audit: trail.map((entry) => toAuditRow(entry, maker)),
  };
}

/** The newest jobs of its name that say that it began them, in the states in which jobs rest or run. */
async function lastRunsOf(
  { storage }: DashboardParts,
  { id, name }: RecurringJobDetails,
  now: number,
): Promise<JobRecord[]> {
  const states = ["Processing", "Succeeded", "Failed", "Deleted", "Enqueued", "Scheduled"] as const;
  const where = { name, since: now - 60 * DAY_MS };
  const pages = await Promise.all(
    states.map((state) => storage.list({ state, where, limit: 2 * LAST_RUNS, scan: 1_000 })),
  );
  const begun = pages.flatMap((page) => page.rows).filter((job) => isBegunBy(job, id));
  return begun.sort((a, b) => b.createdAt - a.createdAt).slice(0, LAST_RUNS);
}

function isBegunBy(job: JobRecord, id: string): boolean {
  if (!job.history.includes('"recurring":') && job.state !== "Enqueued")
    return currentEntry(job).recurring === id;
  return entriesOf(job).entries.some((entry) => entry.recurring === id);
}

async function preview({ storage }: DashboardParts, ask: Ask): Promise<RecurringPreview> {
  const body = ask.body<RecurringPreviewBody & { readonly count: number }>({
    cron: text(500, 0),
    timeZone: text(100, 0),
    count: withDefault(integer(1, MOST_PREVIEWED), NEXT),
  });
  const now = await ask.deadline.need(storage.now());
  return previewed(body.cron, body.timeZone, now, body.count);
}

function previewed(cron: string, timeZone: string, now: number, count: number): RecurringPreview {
  try {
    return { nextRuns: nextRuns(cron, timeZone, now, count), error: null };
  } catch (error) {
    return { nextRuns: [], error: error instanceof Error ? error.message : String(error) };
  }
}

/** What the definition holds beside what the details tell. */
function jobIn(definition: string): { readonly args: string | null; readonly tags: readonly string[] } {
  try {
    const { job }: { readonly job?: { readonly args?: unknown; readonly tags?: unknown } } =
      JSON.parse(definition);
    const tags = Array.isArray(job?.tags) ? job.tags.filter((tag) => typeof tag === "string") : [];
    return { args: typeof job?.args === "string" ? job.args : null, tags };
  } catch {
    return { args: null, tags: [] };
  }
}
