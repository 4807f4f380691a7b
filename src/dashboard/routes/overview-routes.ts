import type { StatisticsOptions } from "../../client/job-statistics.ts";
import type { StatisticsPoint, StatisticsQuery } from "../api/statistics.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { invalid } from "../http/problem.ts";
import { BODY_BYTES } from "../http/read-body.ts";
import { instant, oneOf, optional, text } from "../http/readers.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";
import { newsOf } from "../live/news-of.ts";
import { packageVersion } from "../package-version.ts";
import { toOperationRow } from "../show/operation-row.ts";
import { toRecurringRows } from "../show/recurring-row.ts";
import { MOST_BULK } from "./bulk-route.ts";
import { MOST_ROWS, SEARCH_SCAN } from "./job-search.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
const LONGEST_MS = { hour: 62 * DAY_MS, day: 401 * DAY_MS };
const SHOWN = 5;
const POLL_MS = 2_000;

export function overviewRoutes(parts: DashboardParts): RouteSpec[] {
  return [
    route("GET meta", "view", (ask) => meta(parts, ask), { kept: true }),
    route("GET overview", "view", (ask) => overview(parts, ask), {
      newsOf: ({ at: _, snapshot, ...rest }) => JSON.stringify([newsOf(snapshot), rest]),
    }),
    route(
      "GET snapshot",
      "view",
      async ({ deadline }) => (await deadline.need(parts.monitor.look())).snapshot,
      { kept: true, newsOf },
    ),
    route("GET statistics", "view", (ask) => statistics(parts, ask), { kept: true }),
  ];
}

async function meta(parts: DashboardParts, { viewer, deadline }: Ask) {
  const { storage, title, environment, readOnly, knowsJobs } = parts;
  const { engine, shared, persistent } = storage.manifest;
  const now = await deadline.need(storage.now());
  return {
    version: packageVersion(),
    ...{ title, environment, now, appNow: Date.now(), readOnly, knowsJobs },
    storage: { name: storage.name, engine, durability: storage.durability, shared, persistent },
    viewer: { name: viewer.name, permissions: [...viewer.permissions] },
    live: { transport: "sse" as const, pollMs: POLL_MS },
    limits: { bulk: MOST_BULK, page: MOST_ROWS, body: BODY_BYTES, scan: SEARCH_SCAN },
  };
}

async function overview(parts: DashboardParts, ask: Ask) {
  const { monitor, client, storage, redactor } = parts;
  const maker = ask.rows(redactor);
  const { deadline } = ask;
  const { situation, snapshot, attention } = await deadline.need(monitor.look());
  const { now } = situation;
  const from = now - DAY_MS + HOUR_MS;
  const [hours, hoursWeekBefore, recurring] = await Promise.all([
    deadline.within(points(client, { from: new Date(from), to: new Date(now + 1) }), []),
    deadline.within(points(client, { from: new Date(from - WEEK_MS), to: new Date(now + 1 - WEEK_MS) }), []),
    deadline.within(monitor.recurring(), []),
  ]);
  const upcoming = recurring
    .filter(({ nextRun }) => nextRun !== null)
    .sort((a, b) => Number(a.nextRun) - Number(b.nextRun))
    .slice(0, SHOWN);
  const recent = situation.operations.toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, SHOWN);
  const total = Object.values(situation.counts).reduce((sum, count) => sum + count, 0);
  return {
    at: now,
    ...{ snapshot, hours, hoursWeekBefore, attention },
    upcoming: await deadline.within(toRecurringRows(storage, upcoming, maker), []),
    operations: recent.map((one) => toOperationRow(one, maker)),
    isEmpty: total === 0 && situation.servers.length === 0 && recurring.length === 0 && hours.length === 0,
    incomplete: ask.incomplete,
  };
}

async function statistics({ client, storage }: DashboardParts, ask: Ask) {
  const query = ask.query<StatisticsQuery>({
    by: optional(oneOf(["hour", "day"])),
    from: optional(instant),
    to: optional(instant),
    timeZone: optional(text(100)),
  });
  const { by = "hour", timeZone } = query;
  const at = await ask.deadline.need(storage.now());
  const to = query.to ?? at + 1;
  const from = query.from ?? to - (by === "hour" ? DAY_MS : 30 * DAY_MS);
  if (from > to || to - from > LONGEST_MS[by])
    throw invalid(
      "The period begins after its end, or is too long.",
      "Ask for 62 days of hours, or 400 days, at most.",
    );
  const zone = timeZone === undefined ? {} : { timeZone };
  const options = { by, from: new Date(from), to: new Date(to), ...zone };
  const found = await ask.deadline.need(points(client, options));
  return { at, by, from, to, points: found, incomplete: null };
}

async function points(
  client: DashboardParts["client"],
  options: StatisticsOptions,
): Promise<StatisticsPoint[]> {
  const entries = await client.statistics(options);
  return entries.map((entry) => ({ ...entry, at: entry.at.getTime() }));
}
