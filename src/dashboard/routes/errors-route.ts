import { type FailureGroup, FINGERPRINT, type JobRecord } from "../../storage/index.ts";
import type { ErrorGroup, ErrorGroups } from "../api/error-groups.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";
import { Shared } from "../live/shared.ts";
import { currentEntry } from "../show/entry.ts";
import { type RowMaker, toRow } from "../show/job-row.ts";
import { showError } from "../show/shown-error.ts";

/** The newest failed jobs that are looked at, and how long that is shared. */
const SCAN = 10_000;
const MOST_GROUPS = 100;
const KEPT_MS = 3_000;

export function errorsRoute(parts: DashboardParts): RouteSpec {
  const { admin } = parts.storage;
  const groups = new Shared(KEPT_MS, () => admin.failures({ scan: SCAN, limit: MOST_GROUPS }));
  return route("GET errors", "view", (ask) => errors(parts, ask, groups));
}

async function errors(
  { storage, monitor, redactor }: DashboardParts,
  ask: Ask,
  shared: Shared<FailureGroup[]>,
): Promise<ErrorGroups> {
  const { deadline } = ask;
  const found = await deadline.need(shared.get());
  const last = await deadline.within(storage.get(found.map((group) => group.last)), []);
  const { situation } = await deadline.need(monitor.look());
  const jobs = new Map(last.map((job) => [job.id, job]));
  const failed = situation.counts.Failed;
  return {
    at: situation.now,
    groups: found.map((group) => toGroup(group, jobs.get(group.last), ask.rows(redactor))),
    failed,
    scanned: Math.min(failed, SCAN),
    incomplete: ask.incomplete ?? (failed > SCAN ? "scan" : null),
  };
}

function toGroup(group: FailureGroup, job: JobRecord | undefined, maker: RowMaker): ErrorGroup {
  const { fingerprint, count, firstAt, lastAt } = group;
  const hasFailed = job?.state === "Failed";
  const entry = hasFailed ? currentEntry(job) : undefined;
  return {
    ...{ fingerprint, count, firstAt, lastAt },
    last: hasFailed ? toRow(job, maker) : null,
    error: maker.withData ? showError(entry?.error, entry?.fingerprint, maker.redactor) : null,
    filter: fingerprint === "" ? null : { state: "Failed", error: `"${FINGERPRINT}":"${fingerprint}"` },
  };
}
