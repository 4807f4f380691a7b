import { parseId } from "../../base/ids.ts";
import { isOver, LEASE_MS, type Operation, type StoredOperation } from "../../operations/operation.ts";
import type { ActionResult } from "../api/envelope.ts";
import type { OperationAnswer, OperationRow, Operations } from "../api/operations.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { notFound, Problem } from "../http/problem.ts";
import { integer, withDefault } from "../http/readers.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";
import { toOperationRow } from "../show/operation-row.ts";
import { countMatches } from "./count-matches.ts";
import { checkFilter } from "./job-search.ts";
import { cursor } from "./jobs-routes.ts";
import { NEEDS, type OperationWish, readWish, refuseHidden } from "./operation-wish.ts";

const PAGE = 100;

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

async function begin(parts: DashboardParts, ask: Ask): Promise<OperationAnswer> {
  const { dryRun, ...wish } = readWish(ask);
  ask.need(NEEDS[wish.kind]);
  checkFilter(ask, wish.filter);
  if (dryRun) return { dryRun: await countMatches(parts, wish.filter, ask.deadline), operation: null };
  refuseHidden(parts, wish.filter);
  const matches = await countedIfQuick(parts, wish, ask);
  return { dryRun: null, operation: await begun(parts, ask, wish, matches) };
}

/** Null where a storage is too slow to count: then above all people must be able to act. */
async function countedIfQuick(
  parts: DashboardParts,
  { filter }: OperationWish,
  ask: Ask,
): Promise<Operation["matches"]> {
  try {
    const { matches, matchesIsBound } = await countMatches(parts, filter, ask.deadline);
    return { count: matches, isBound: matchesIsBound };
  } catch (error) {
    if (error instanceof Problem && error.code === "FL_DASHBOARD_SLOW") return null;
    throw error;
  }
}

async function begun(
  { operations, audit, redactor }: DashboardParts,
  ask: Ask,
  { kind, filter: selection, pace, queue, due }: OperationWish,
  matches: Operation["matches"],
): Promise<OperationRow> {
  const what = { kind, filter: { ...selection }, queue: queue ?? null, ...due };
  const details = { ...what, pace, matches: matches?.count ?? null };
  return audit.around(
    { by: ask.viewer.name, action: "operation.begin", subject: "", details },
    async () => {
      const request = { kind, selection, queue, due, by: ask.viewer.name, pace, matches };
      return toOperationRow(await operations.begin(request), ask.rows(redactor));
    },
    ({ id }) => ({ outcome: "applied", details: { operation: id } }),
  );
}

async function abort(parts: DashboardParts, ask: Ask): Promise<ActionResult> {
  ask.body({});
  const { id, operation } = await operationOf(parts, ask);
  ask.need(NEEDS[operation.kind]);
  return parts.audit.around(
    { by: ask.viewer.name, action: "operation.abort", subject: id },
    async () => {
      const now = await parts.storage.now();
      const next = await parts.operations.change(id, (stored) => aborted(stored, now));
      return { applied: next !== null, note: next === null ? "It was over already." : null };
    },
    ({ applied }) => ({ outcome: applied ? "applied" : "refused" }),
  );
}

/** One that nobody works on (any more) is over at once; else whoever does ends it with the bite under way. */
function aborted({ operation, at }: StoredOperation, now: number): Operation | undefined {
  if (isOver(operation)) return undefined;
  const isNobodys = operation.worker === null || now - at >= LEASE_MS;
  return isNobodys
    ? { ...operation, state: "aborted", endedAt: now, worker: null }
    : { ...operation, state: "aborting" };
}
