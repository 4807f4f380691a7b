import { parseId } from "../../base/ids.ts";
import { isRecord } from "../../job/options.ts";
import type { JobSelection } from "../../operations/job-selection.ts";
import { isOver, type Operation, type StoredOperation } from "../../operations/operation.ts";
import type { ActionResult } from "../api/envelope.ts";
import type { DryRun, OperationAnswer, OperationBody, OperationRow, Operations } from "../api/operations.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { invalid, notFound } from "../http/problem.ts";
import {
  flag,
  integer,
  oneOf,
  optional,
  type Reader,
  readFields,
  refuse,
  withDefault,
} from "../http/readers.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";
import { toOperationRow } from "../show/operation-row.ts";
import { countMatches } from "./count-matches.ts";
import { checkFilter, FILTER_READERS, looksIntoData } from "./job-search.ts";
import { cursor } from "./jobs-routes.ts";

const PAGE = 100;
const MOST_PACE = 100_000;
/** What would not change them. */
const SENSELESS: Readonly<Record<Operation["kind"], readonly JobSelection["state"][]>> = {
  requeue: ["Enqueued", "Processing"],
  delete: ["Deleted"],
};

export function operationRoutes(parts: DashboardParts): RouteSpec[] {
  return [
    route("GET operations", "view", (ask) => list(parts, ask)),
    route("GET operations/:id", "view", async (ask) => {
      return toOperationRow(await operationOf(parts, ask), ask.rows(parts.redactor));
    }),
    route("POST operations", "operate", (ask) => begin(parts, ask)),
    route("POST operations/:id/abort", "operate", (ask) => abort(parts, ask)),
  ];
}

async function list({ operations, storage, redactor }: DashboardParts, ask: Ask): Promise<Operations> {
  const { after, limit } = ask.query<{ readonly after?: string; readonly limit: number }>({
    after: cursor,
    limit: withDefault(integer(1, PAGE), 50),
  });
  const at = await ask.deadline.need(storage.now());
  const [unfinished, ended] = await ask.deadline.need(
    Promise.all([after === undefined ? operations.unfinished() : [], operations.ended(limit, after)]),
  );
  // One that is being filed is in both lists.
  const all = new Map([...unfinished, ...ended].map((stored) => [stored.id, stored]));
  const rows = [...all.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  const maker = ask.rows(redactor);
  return {
    at,
    rows: rows.map((stored) => toOperationRow(stored, maker)),
    next: ended.length < limit ? null : (ended.at(-1)?.id ?? null),
    incomplete: null,
  };
}

async function operationOf({ operations }: DashboardParts, ask: Ask): Promise<StoredOperation> {
  const id = parseId(ask.param("id"));
  const found = id === undefined ? null : await ask.deadline.need(operations.find(id));
  if (found === null) throw notFound("There is no such operation, or no longer.");
  return found;
}

const filterReader: Reader<JobSelection> = (value, label) => {
  if (!isRecord(value)) throw refuse(value, label, 'a filter, such as { state: "Failed" }.');
  return readFields(new Map(Object.entries(value)), FILTER_READERS, "member of the filter");
};

async function begin(parts: DashboardParts, ask: Ask): Promise<OperationAnswer> {
  const { kind, filter, pace, dryRun } = ask.body<OperationBody & { readonly dryRun: boolean }>({
    kind: oneOf(["requeue", "delete"]),
    filter: filterReader,
    pace: optional(integer(1, MOST_PACE)),
    dryRun: withDefault(flag, false),
  });
  ask.need(kind);
  checkFilter(ask, filter);
  if (SENSELESS[kind].includes(filter.state))
    throw invalid(`An operation cannot ${kind} jobs that are ${filter.state}.`, "Filter for another state.");
  const counted = await countMatches(parts, filter, ask.deadline);
  if (dryRun) return { dryRun: counted, operation: null };
  refuseHidden(parts, filter);
  return { dryRun: null, operation: await begun(parts, ask, { kind, filter, pace: pace ?? null }, counted) };
}

/** Servers know no redaction: what they find must not tell of what is hidden here. */
function refuseHidden({ redactor }: DashboardParts, filter: JobSelection): void {
  if (!redactor.isOn || !looksIntoData(filter)) return;
  throw invalid(
    "With redaction, an operation cannot look for texts of arguments, errors and results.",
    "Filter by name, queue, tag, time, or a group of errors; or pick the jobs by hand.",
  );
}

async function begun(
  { operations, audit, redactor }: DashboardParts,
  ask: Ask,
  request: { readonly kind: Operation["kind"]; readonly filter: JobSelection; readonly pace: number | null },
  counted: DryRun,
): Promise<OperationRow> {
  const { kind, filter: selection, pace } = request;
  const matches = { count: counted.matches, isBound: counted.matchesIsBound };
  const details = { kind, filter: { ...selection }, pace, matches: counted.matches };
  return audit.around(
    { by: ask.viewer.name, action: "operation.begin", subject: "", details },
    async () => {
      const stored = await operations.begin({ kind, selection, by: ask.viewer.name, pace, matches });
      return toOperationRow(stored, ask.rows(redactor));
    },
    ({ id }) => ({ outcome: "applied", details: { operation: id } }),
  );
}

async function abort(parts: DashboardParts, ask: Ask): Promise<ActionResult> {
  ask.body({});
  const { id, operation } = await operationOf(parts, ask);
  ask.need(operation.kind);
  return parts.audit.around(
    { by: ask.viewer.name, action: "operation.abort", subject: id },
    async () => {
      const now = await parts.storage.now();
      const next = await parts.operations.change(id, (stored) => aborted(stored.operation, now));
      return { applied: next !== null, note: next === null ? "It was over already." : null };
    },
    ({ applied }) => ({ outcome: applied ? "applied" : "refused" }),
  );
}

/** One that nobody works on is over at once; else whoever does ends it with the bite under way. */
function aborted(operation: Operation, now: number): Operation | undefined {
  if (isOver(operation)) return undefined;
  if (operation.worker === null) return { ...operation, state: "aborted", endedAt: now };
  return { ...operation, state: "aborting" };
}
