import { checkQueue } from "../../job/options.ts";
import { MAX_QUEUES, NOTE_CHARS, READY_COUNTED } from "../../storage/index.ts";
import type { ActionResult } from "../api/envelope.ts";
import type { PauseQueueBody, Queue, Queues } from "../api/queues.ts";
import type { DashboardParts } from "../dashboard-parts.ts";
import { optional, text } from "../http/readers.ts";
import { type Ask, type RouteSpec, route } from "../http/route.ts";
import type { Situation } from "../live/attention.ts";
import type { QueueRates } from "../live/queue-rates.ts";

export function queueRoutes(parts: DashboardParts): RouteSpec[] {
  return [
    route("GET queues", "view", (ask) => queues(parts, ask), { kept: true }),
    route("POST queues/:queue/pause", "pause-queue", (ask) => pause(parts, ask)),
    route("POST queues/:queue/resume", "pause-queue", (ask) => resume(parts, ask)),
  ];
}

async function queues({ monitor }: DashboardParts, ask: Ask): Promise<Queues> {
  const { situation } = await ask.deadline.need(monitor.look());
  return {
    at: situation.now,
    queues: allQueues(situation, monitor.rates),
    countedTo: READY_COUNTED,
    cut: situation.queues.length >= MAX_QUEUES,
    incomplete: null,
  };
}

/** Those in which something is ready or that are paused, and those that somebody fetches from. */
function allQueues({ queues: records, servers }: Situation, rates: QueueRates): Queue[] {
  const live = servers.filter((server) => server.live);
  const known = new Map(records.map((record) => [record.queue, record]));
  const names = new Set([...known.keys(), ...live.flatMap((server) => server.queues)]);
  return [...names].sort().map((queue): Queue => {
    const { ready = 0, isBound = false, oldestAt = null, paused = null } = known.get(queue) ?? {};
    const consumers = live.filter((server) => server.queues.includes(queue));
    const perMinute = rates.perMinute(queue);
    const falls = perMinute !== null && perMinute > 0 && !isBound;
    return {
      ...{ queue, ready, oldestAt, paused, perMinute },
      readyIsBound: isBound,
      consumers: consumers.map(({ incarnation, name }) => ({ incarnation, name })),
      slots: consumers.reduce((sum, { workerCount }) => sum + workerCount, 0),
      drainMs: falls ? Math.round((ready * 60_000) / perMinute) : null,
    };
  });
}

async function pause({ storage, audit }: DashboardParts, ask: Ask): Promise<ActionResult> {
  const { note = "" } = ask.body<PauseQueueBody>({ note: optional(text(NOTE_CHARS, 0)) });
  const queue = checkQueue(ask.param("queue"));
  return audit.around(
    { by: ask.viewer.name, action: "queue.pause", subject: queue, details: { note } },
    async () => {
      await storage.admin.pauseQueue(queue, note);
      return { applied: true, note: null };
    },
    () => ({ outcome: "applied" }),
  );
}

async function resume({ storage, audit }: DashboardParts, ask: Ask): Promise<ActionResult> {
  ask.body({});
  const queue = checkQueue(ask.param("queue"));
  return audit.around(
    { by: ask.viewer.name, action: "queue.resume", subject: queue },
    async () => {
      const applied = await storage.admin.resumeQueue(queue);
      return { applied, note: applied ? null : "The queue was not paused." };
    },
    ({ applied }) => ({ outcome: applied ? "applied" : "refused" }),
  );
}
