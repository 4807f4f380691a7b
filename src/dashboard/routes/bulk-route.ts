import type { BulkBody, BulkResult } from "../api/bulk.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import type { Tell } from "../http/problem.ts";
import { listOf, oneOf, uuid } from "../http/readers.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";
import { changeOne, checkWhen, NOT_APPLIED, WHEN_READERS } from "./job-actions.ts";

/** Ids of one request. More, and whatever matches a filter, is an operation. */
export const MOST_BULK = 1_000;
/** At a time: their writes share commits where the engine gathers them, and the storage is left room for others. */
const TOGETHER = 8;
const ACTIONS = ["requeue", "delete", "reschedule"] as const;

export function bulkRoute(parts: DashboardParts): RouteSpec {
  return route("POST jobs/bulk", "view", (ask) => bulk(parts, ask));
}

async function bulk(parts: DashboardParts, ask: Ask): Promise<BulkResult> {
  const body = ask.body<BulkBody>({
    action: oneOf(ACTIONS),
    ids: listOf(uuid, 1, MOST_BULK),
    ...WHEN_READERS,
  });
  const { action, ids: given, ...when } = body;
  ask.need(action);
  checkWhen(action, when);
  const ids = [...new Set(given)];
  const details = { jobs: ids.length, first: ids.slice(0, 20), ...when };
  const deed = { by: ask.viewer.name, action: `jobs.bulk-${action}`, subject: "", details };
  return parts.audit.around(
    deed,
    () => changeAll(ids, (id) => changeOne(parts, action, id, when), ask, ask.tell(parts.redactor)),
    ({ applied, failed, left }) => ({
      outcome: applied > 0 ? "applied" : "refused",
      details: { applied, failed: failed.length, left: left.length },
    }),
  );
}

/** As many as the time of a request is enough for; what is left is told. */
async function changeAll(
  ids: readonly string[],
  change: (id: string) => Promise<boolean>,
  { deadline }: Ask,
  tell: Tell,
): Promise<BulkResult> {
  const failed: { id: string; note: string }[] = [];
  const left: string[] = [];
  let applied = 0;
  const queue = ids.values();
  const work = async (): Promise<void> => {
    for (const id of queue) {
      if (deadline.isOver) left.push(id);
      else if (await changed(id, change, failed, tell)) applied++;
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, work));
  return { applied, failed, left };
}

/** One that fails does not keep the others from their turn. */
async function changed(
  id: string,
  change: (id: string) => Promise<boolean>,
  failed: { id: string; note: string }[],
  tell: Tell,
): Promise<boolean> {
  try {
    if (await change(id)) return true;
    failed.push({ id, note: NOT_APPLIED });
  } catch (error) {
    const told = error instanceof Error ? tell(error.message) : null;
    failed.push({ id, note: told?.slice(0, 300) ?? "It has failed." });
  }
  return false;
}
