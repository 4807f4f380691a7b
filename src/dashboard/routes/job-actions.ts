import type { JobRecord } from "../../storage/index.ts";
import type { ActionResult } from "../api/envelope.ts";
import type { ReplayBody, RescheduleBody } from "../api/job.ts";
import type { Permission } from "../api/meta.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { invalid, notFound } from "../http/problem.ts";
import { instant, integer, listOf, optional, type Reader, text } from "../http/readers.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";
import { readShown } from "../show/read-shown.ts";
import { jobOf } from "./job-routes.ts";

export type JobAction = "requeue" | "delete" | "reschedule";

/** The contract's bound of one delay: some ten years. */
const LONGEST_MS = 3_650 * 86_400_000;
const MOST_ARGUMENTS = 255;
export const NOT_APPLIED = "It was gone, has changed meanwhile, or a filter decided otherwise.";

export const WHEN_READERS = { at: optional(instant), in: optional(integer(0, LONGEST_MS)) };

export function jobActionRoutes(parts: DashboardParts): RouteSpec[] {
  return [
    route("POST jobs/:id/requeue", "requeue", (ask) => act(parts, ask, "requeue", {})),
    route("POST jobs/:id/delete", "delete", (ask) => act(parts, ask, "delete", {})),
    route("POST jobs/:id/reschedule", "reschedule", (ask) => {
      return act(parts, ask, "reschedule", ask.body<RescheduleBody>(WHEN_READERS));
    }),
    route("POST jobs/:id/replay", "replay", (ask) => replay(parts, ask)),
  ];
}

async function act(
  parts: DashboardParts,
  ask: Ask,
  action: JobAction,
  when: RescheduleBody,
): Promise<ActionResult> {
  if (action !== "reschedule") ask.body({});
  checkWhen(action, when);
  const { id, name } = await jobOf(parts, ask);
  const deed = { by: ask.viewer.name, action: `job.${action}`, subject: id, details: { name, ...when } };
  return parts.audit.around(
    deed,
    async () => {
      const applied = await changeOne(parts, action, id, when);
      return { applied, note: applied ? null : NOT_APPLIED };
    },
    ({ applied }) => ({ outcome: applied ? "applied" : "refused" }),
  );
}

/** Through the client, so that filters are asked. */
export function changeOne(
  { client }: DashboardParts,
  action: JobAction,
  id: string,
  when: RescheduleBody,
): Promise<boolean> {
  if (action === "requeue") return client.requeue(id);
  if (action === "delete") return client.delete(id);
  return client.reschedule(id, when.at === undefined ? { milliseconds: when.in ?? 0 } : new Date(when.at));
}

export function checkWhen(action: string, { at, in: delay }: RescheduleBody): void {
  const given = [at, delay].filter((one) => one !== undefined).length;
  if (given === (action === "reschedule" ? 1 : 0)) return;
  throw action === "reschedule"
    ? invalid("It is not said for when.", "Give at, or in: one of both, in milliseconds.")
    : invalid("Only reschedule takes a time.", "Leave at and in out.");
}

const REPLAY_NEEDS: readonly Permission[] = ["view-data"];
const anything: Reader<unknown> = (value) => value;

async function replay(parts: DashboardParts, ask: Ask): Promise<{ readonly id: string }> {
  const body = ask.body<{ readonly arguments?: readonly unknown[]; readonly queue?: ReplayBody["queue"] }>({
    arguments: optional(listOf(anything, 0, MOST_ARGUMENTS)),
    queue: optional(text(100)),
  });
  const edited = body.arguments?.map((one) => readShown(one));
  // Whoever writes arguments must be able to see those that they write over.
  if (edited !== undefined) for (const permission of REPLAY_NEEDS) ask.need(permission);
  const job = await jobOf(parts, ask);
  const details = { name: job.name, edited: edited !== undefined, queue: body.queue ?? job.queue };
  const deed = { by: ask.viewer.name, action: "job.replay", subject: job.id, details };
  return parts.audit.around(
    deed,
    async () => ({ id: await replayed(parts, job, edited, body.queue) }),
    ({ id }) => ({ outcome: "applied", details: { job: id } }),
  );
}

async function replayed(
  { client }: DashboardParts,
  job: JobRecord,
  edited: readonly unknown[] | undefined,
  queue: string | undefined,
): Promise<string> {
  const id = await client.replay(job.id, { arguments: edited, queue });
  if (id === null) throw notFound("There is no job of this id any more.");
  return id;
}
