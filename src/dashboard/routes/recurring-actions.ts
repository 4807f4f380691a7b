import type { ActionResult } from "../api/envelope.ts";
import type { Permission } from "../api/meta.ts";
import type { RecurringEditBody, TriggerResult } from "../api/recurring.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { conflict, notFound } from "../http/problem.ts";
import { integer, oneOf, optional, type Reader, refuse, text } from "../http/readers.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";

const MISFIRES = ["relaxed", "strict", "ignorable"] as const;
const HIGHEST_PRIORITY = 32_767;

export function recurringActionRoutes(parts: DashboardParts): RouteSpec[] {
  const { recurring } = parts;
  const simple = (
    key: "pause" | "resume" | "remove",
    needs: Permission,
    act: (id: string) => Promise<boolean>,
  ): RouteSpec => {
    return route(`POST recurring/:id/${key}`, needs, (ask) => {
      ask.body({});
      return changed(parts, ask, key, {}, () => act(ask.param("id")));
    });
  };
  return [
    simple("pause", "pause-recurring", (id) => recurring.pause(id)),
    simple("resume", "pause-recurring", (id) => recurring.resume(id)),
    simple("remove", "remove-recurring", (id) => recurring.removeIfExists(id)),
    route("POST recurring/:id/trigger", "trigger-recurring", (ask) => trigger(parts, ask)),
    route("POST recurring/:id/edit", "edit-recurring", (ask) => edit(parts, ask)),
  ];
}

async function changed(
  { audit }: DashboardParts,
  ask: Ask,
  action: string,
  details: { readonly [key: string]: string | number },
  act: () => Promise<boolean>,
): Promise<ActionResult> {
  const deed = { by: ask.viewer.name, action: `recurring.${action}`, subject: ask.param("id"), details };
  return audit.around(
    deed,
    async () => {
      if (!(await act())) throw notFound("There is no recurring job of this name.");
      return { applied: true, note: null };
    },
    () => ({ outcome: "applied" }),
  );
}

async function trigger({ recurring, audit }: DashboardParts, ask: Ask): Promise<TriggerResult> {
  ask.body({});
  const id = ask.param("id");
  return audit.around(
    { by: ask.viewer.name, action: "recurring.trigger", subject: id },
    async () => {
      const jobId = await recurring.trigger(id);
      if (jobId === null) throw notFound("There is no recurring job of this name.");
      return { jobId: String(jobId) };
    },
    ({ jobId }) => ({ outcome: "applied", details: { job: jobId } }),
  );
}

const version: Reader<string> = (value, label) => {
  if (typeof value === "string" && /^\d{1,16}$/.test(value)) return value;
  throw refuse(value, label, "the version of the details that were edited.");
};

async function edit(parts: DashboardParts, ask: Ask): Promise<ActionResult> {
  const { version: seen, ...wanted } = ask.body<RecurringEditBody>({
    version,
    cron: optional(text(500)),
    timeZone: optional(text(100)),
    misfire: optional(oneOf(MISFIRES)),
    queue: optional(text(100)),
    priority: optional(integer(-HIGHEST_PRIORITY, HIGHEST_PRIORITY)),
  });
  return changed(parts, ask, "edit", wanted, async () => {
    const outcome = await parts.recurring.edit(ask.param("id"), wanted, Number(seen));
    if (outcome === "changed") throw conflict("Somebody has changed this recurring job meanwhile.");
    return outcome === "applied";
  });
}
