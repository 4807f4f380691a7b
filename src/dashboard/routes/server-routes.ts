import type { ServerCommand, ServerRecord, Storage } from "../../storage/index.ts";
import type { ActionResult } from "../api/envelope.ts";
import type { Server, Servers } from "../api/servers.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { notFound } from "../http/problem.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";
import { NO_TEXTS } from "../show/row-cut.ts";
import { hearsCommands, readVitals } from "../show/vitals.ts";

/** Processing jobs that are looked at to tell what runs where: the first ones, which run longest. */
const MOST_PROCESSING = 200;
const MOST_SERVERS = 1_000;

export function serverRoutes(parts: DashboardParts): RouteSpec[] {
  const command = (what: ServerCommand): RouteSpec =>
    route(`POST servers/:incarnation/${what}`, "command-server", (ask) => tell(parts, ask, what));
  return [
    route("GET servers", "view", (ask) => servers(parts, ask), { kept: true }),
    ...[command("quiet"), command("resume"), command("stop")],
  ];
}

async function servers({ storage, monitor }: DashboardParts, ask: Ask): Promise<Servers> {
  const { situation } = await ask.deadline.need(monitor.look());
  const running = await ask.deadline.within(processingAt(storage, situation.counts.Processing), null);
  const shown = situation.servers.slice(0, MOST_SERVERS).map((server) => toServer(server, running));
  return { at: situation.now, servers: shown, incomplete: ask.incomplete };
}

/** Null when there are too many to look at all of them. */
async function processingAt(storage: Storage, count: number): Promise<ReadonlyMap<string, number> | null> {
  if (count > MOST_PROCESSING) return null;
  const page = await storage.list({ state: "Processing", limit: MOST_PROCESSING, cut: NO_TEXTS });
  if (page.next !== null) return null;
  const running = new Map<string, number>();
  for (const { owner } of page.rows) if (owner !== null) running.set(owner, (running.get(owner) ?? 0) + 1);
  return running;
}

function toServer(server: ServerRecord, running: ReadonlyMap<string, number> | null): Server {
  const {
    incarnation,
    name,
    host,
    pid,
    queues,
    workerCount,
    startedAt,
    renewedAt,
    timeoutMs,
    live,
    command,
  } = server;
  return {
    ...{ incarnation, name, host, pid, queues, workerCount, startedAt, renewedAt, timeoutMs, live, command },
    processing: running === null ? null : (running.get(incarnation) ?? 0),
    vitals: readVitals(server.vitals),
  };
}

const DEAF =
  "The server has told nothing of itself yet: it has just begun, or is of a version that does not hear this.";

async function tell(
  { storage, audit }: DashboardParts,
  ask: Ask,
  what: ServerCommand,
): Promise<ActionResult> {
  ask.body({});
  const incarnation = ask.param("incarnation");
  return audit.around(
    { by: ask.viewer.name, action: `server.${what}`, subject: incarnation },
    async () => {
      if (!(await storage.admin.command(incarnation, what)))
        throw notFound("There is no such server, or no longer.");
      const told = (await storage.servers()).find((server) => server.incarnation === incarnation);
      const hears = told === undefined || hearsCommands(told);
      return { applied: true, note: hears ? "The server does it within a few seconds." : DEAF };
    },
    () => ({ outcome: "applied" }),
  );
}
