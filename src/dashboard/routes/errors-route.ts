import { type FailureGroup, FINGERPRINT, type JobRecord } from "../../storage/index.ts";
import type { ErrorGroup, ErrorGroups } from "../api/error-groups.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { Deadline } from "../http/deadline.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";
import { Shared } from "../live/shared.ts";
import { currentEntry } from "../show/entry.ts";
import { type RowMaker, toRow } from "../show/job-row.ts";
import { WHOLE_ENTRY } from "../show/row-cut.ts";
import { showError } from "../show/shown-error.ts";

/** The newest failed jobs that are looked at; and those that are, while the others come from a cold disk. */
const SCAN = 10_000;
const QUICK_SCAN = 500;
const MOST_GROUPS = 100;
const KEPT_MS = 3_000;
/** Then the few are shown, and the rest when it has come. */
const PATIENCE_MS = 800;

export function errorsRoute(parts: DashboardParts): RouteSpec {
  const { admin } = parts.storage;
  const look = (scan: number) => new Shared(KEPT_MS, () => admin.failures({ scan, limit: MOST_GROUPS }));
  const looks = { whole: look(SCAN), quick: look(QUICK_SCAN) };
  return route("GET errors", "view", (ask) => errors(parts, ask, looks));
}

async function errors(
  { storage, monitor, redactor }: DashboardParts,
  ask: Ask,
  { whole, quick }: { readonly whole: Shared<FailureGroup[]>; readonly quick: Shared<FailureGroup[]> },
): Promise<ErrorGroups> {
  const { deadline } = ask;
  const all = await new Deadline(PATIENCE_MS).within(whole.get(), null);
  const found = all ?? (await deadline.need(quick.get()));
  const scan = all === null ? QUICK_SCAN : SCAN;
  const last = await deadline.within(
    storage.get(
      found.map((group) => group.last),
      WHOLE_ENTRY,
    ),
    [],
  );
  const { situation } = await deadline.need(monitor.look());
  const jobs = new Map(last.map((job) => [job.id, job]));
  const failed = situation.counts.Failed;
  return {
    at: situation.now,
    groups: found.map((group) => toGroup(group, jobs.get(group.last), ask.rows(redactor))),
    failed,
    scanned: Math.min(failed, scan),
    incomplete: all === null ? "time" : (ask.incomplete ?? (failed > SCAN ? "scan" : null)),
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
