import { parseId } from "../../base/ids.ts";
import { reachableFrom } from "../../states/index.ts";
import { FLAG, type JobLimit, type JobRecord, MOST_CHILDREN } from "../../storage/index.ts";
import type { Job, JobChildren, JobLogLine, JobLogsQuery, RelatedJob } from "../api/job.ts";
import type { Permission } from "../api/meta.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { notFound } from "../http/problem.ts";
import { integer, optional, type Reader, refuse, text, uuid, withDefault } from "../http/readers.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";
import { toAuditRow } from "../show/audit-row.ts";
import { currentEntry, entriesOf, textIn } from "../show/entry.ts";
import { showHistory } from "../show/history.ts";
import { type RowMaker, toRow } from "../show/job-row.ts";
import type { Redactor } from "../show/redactor.ts";
import { NO_TEXTS } from "../show/row-cut.ts";
import { showLogs, showParameters, showProgress } from "../show/run-notes.ts";

const LOG_LINES = 200;
const MOST_PARENTS = 100;
const CHILDREN = 50;
const MOST_AUDIT = 20;

export function jobRoutes(parts: DashboardParts): RouteSpec[] {
  return [
    route("GET jobs/:id", "view", (ask) => details(parts, ask)),
    route("GET jobs/:id/logs", "view-data", (ask) => logs(parts, ask)),
    route("GET jobs/:id/children", "view", (ask) => childrenOf(parts, ask)),
    route("GET jobs/:id/arguments", "view-data", async (ask) => {
      return parts.values.wholeArguments((await jobOf(parts, ask)).args);
    }),
    route("GET jobs/:id/result", "view-data", async (ask) => {
      const { result } = currentEntry(await jobOf(parts, ask));
      if (result === undefined) throw notFound("This job has no result.");
      return parts.values.wholeResult(JSON.stringify(result));
    }),
  ];
}

/** The job that a path names; throws when there is none. */
export async function jobOf({ storage }: DashboardParts, ask: Ask): Promise<JobRecord> {
  const id = parseId(ask.param("id"));
  const [job] = id === undefined ? [] : await ask.deadline.need(storage.get([id]));
  if (job === undefined) throw notFound("There is no job of this id, or no longer.");
  return job;
}

async function details(parts: DashboardParts, ask: Ask): Promise<Job> {
  const { storage, redactor, values, links, audit, monitor } = parts;
  const { deadline } = ask;
  const job = await jobOf(parts, ask);
  const withData = ask.may("view-data");
  const hasNotes = (job.flags & FLAG.appended) !== 0 && withData;
  const [notes, parents, trail, look] = await Promise.all([
    hasNotes ? deadline.within(storage.appendices(job.id), null) : null,
    deadline.within(parentsOf(parts, job, withData), { listed: [], cut: 0 }),
    deadline.within(audit.newestOf(job.id, MOST_AUDIT), []),
    deadline.within(monitor.look(), null),
  ]);
  const { items, dropped } = showHistory(job, redactor, withData);
  const lines = notes === null ? [] : showLogs(notes.logs.slice(-LOG_LINES), redactor);
  const server = look?.situation.servers.find(({ incarnation }) => incarnation === job.owner);
  return {
    ...toRow(job, { redactor, withData }),
    at: look?.situation.now ?? Date.now(),
    fence: String(job.fence),
    failures: job.failures,
    plannedAt: job.plannedAt,
    // Its key may be made of arguments.
    limit: withData && job.limit !== null ? limitOf(job.limit, redactor) : null,
    hidden: !withData,
    arguments: withData ? values.arguments(job.args) : null,
    parameters: withData ? showParameters(job.parameters, redactor) : {},
    history: items,
    historyDropped: dropped,
    logs: lines,
    logsCut: (notes?.logs.length ?? 0) > LOG_LINES,
    progress: notes?.progress ? showProgress(notes.progress, redactor) : null,
    parents: parents.listed,
    parentsCut: parents.cut,
    recurring: recurringOf(job),
    audit: trail.map((entry) => toAuditRow(entry, { redactor, withData })),
    server:
      job.owner === null
        ? null
        : { incarnation: job.owner, name: server?.name ?? null, live: server?.live === true },
    links: withData ? links.of(job) : [],
    actions: ACTIONS.filter((action) => ask.may(action) && isPossible(action, job)),
  };
}

const ACTIONS = ["requeue", "delete", "reschedule", "replay"] as const satisfies readonly Permission[];
const ENTERS = { requeue: "Enqueued", delete: "Deleted", reschedule: "Scheduled" } as const;

/** What would change nothing is not offered, though it may be asked for. */
function isPossible(action: (typeof ACTIONS)[number], { state, hold }: JobRecord): boolean {
  if (action === "replay") return true;
  const enters = ENTERS[action];
  const isThere = state === enters && enters !== "Scheduled" && hold === null;
  return !isThere && reachableFrom(state).includes(enters);
}

async function parentsOf(
  { storage, redactor }: DashboardParts,
  job: JobRecord,
  withData: boolean,
): Promise<{ readonly listed: readonly RelatedJob[]; readonly cut: number }> {
  if ((job.flags & FLAG.gated) === 0) return { listed: [], cut: 0 };
  const all = (await storage.parents([job.id])).get(job.id) ?? [];
  const listed = [...new Map(all.map((parent) => [parent.id, parent])).values()].slice(0, MOST_PARENTS);
  const rows = new Map(
    (
      await storage.get(
        listed.map(({ id }) => id),
        NO_TEXTS,
      )
    ).map((row) => [row.id, row]),
  );
  const maker = { redactor, withData };
  const related = listed.map(({ id, state }) => ({ ...toRelated(id, rows.get(id), maker), state }));
  return { listed: related, cut: Math.max(all.length - listed.length, 0) };
}

function toRelated(id: string, job: JobRecord | undefined, { redactor, withData }: RowMaker): RelatedJob {
  const displayName = withData ? redactor.textOrNull(job?.displayName ?? null, "displayName") : null;
  return { id, state: job?.state ?? null, name: job?.name ?? null, displayName };
}

/** Of ids no longer there in the moment in which they are looked up, nothing is told. */
async function childrenOf({ storage, redactor }: DashboardParts, ask: Ask): Promise<JobChildren> {
  const { after, limit } = ask.query<{ readonly after?: string; readonly limit: number }>({
    after: optional(uuid),
    limit: withDefault(integer(1, MOST_CHILDREN), CHILDREN),
  });
  const parent = parseId(ask.param("id"));
  if (parent === undefined) throw notFound("There is no job of this id, or no longer.");
  const at = await ask.deadline.need(storage.now());
  const from = after === undefined ? {} : { after };
  const ids = await ask.deadline.need(storage.admin.children({ parent, limit, ...from }));
  const jobs = new Map((await ask.deadline.need(storage.get(ids, NO_TEXTS))).map((job) => [job.id, job]));
  const maker = ask.rows(redactor);
  const rows = ids.flatMap((id) => (jobs.has(id) ? [toRelated(id, jobs.get(id), maker)] : []));
  return { at, rows, next: ids.length < limit ? null : (ids.at(-1) ?? null), incomplete: null };
}

function limitOf(limit: JobLimit, redactor: Redactor): JobLimit {
  return { ...limit, key: redactor.text(limit.key, "limit", "key") };
}

/** The recurring job that its first entries name. */
function recurringOf(job: JobRecord): string | null {
  for (const entry of entriesOf(job).entries) {
    const id = textIn(entry, "recurring");
    if (id !== null) return id;
  }
  return null;
}

/** Lines are kept up to a bound, so pages of them are cut out of what one read gives. The cursor counts from the first. */
async function logs(parts: DashboardParts, ask: Ask) {
  const query = ask.query<Omit<JobLogsQuery, "before"> & LogPosition>({
    attempt: optional(integer(1, 1_000_000)),
    search: optional(text(200)),
    limit: withDefault(integer(1, 1_000), LOG_LINES),
    before: optional(position),
  });
  const job = await jobOf(parts, ask);
  const at = await ask.deadline.need(parts.storage.now());
  const found = await ask.deadline.need(parts.storage.appendices(job.id));
  const shown = showLogs(found.logs, parts.redactor).filter((line) => isMeant(line, query));
  const { before } = query;
  const end =
    before === undefined
      ? shown.length
      : shown.findLastIndex((line) => line.at < before.at) + 1 + before.same;
  const begin = Math.max(Math.min(end, shown.length) - query.limit, 0);
  const lines = shown.slice(begin, end);
  return { at, lines, next: begin === 0 ? null : positionOf(shown, begin) };
}

function isMeant(line: JobLogLine, { attempt, search }: Pick<JobLogsQuery, "attempt" | "search">): boolean {
  if (attempt !== undefined && line.attempt !== attempt) return false;
  return search === undefined || line.text.toLowerCase().includes(search.toLowerCase());
}

/** Lines at the front are dropped while a job logs: a place is told by its time, and how many of that time are before it. */
function positionOf(lines: readonly JobLogLine[], index: number): string {
  const at = lines[index]?.at ?? 0;
  return `${at}.${lines.slice(0, index).filter((line) => line.at === at).length}`;
}

interface LogPosition {
  readonly limit: number;
  readonly before?: { readonly at: number; readonly same: number };
}

const position: Reader<{ readonly at: number; readonly same: number }> = (value, label) => {
  const [, at, same] = typeof value === "string" ? (/^(\d{1,16})\.(\d{1,6})$/.exec(value) ?? []) : [];
  if (at === undefined) throw refuse(value, label, "what the page before gave as next.");
  return { at: Number(at), same: Number(same) };
};
