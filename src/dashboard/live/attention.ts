import type { StoredOperation } from "../../operations/operation.ts";
import type { RecurringJobDetails } from "../../recurring/recurring-details.ts";
import type { QueueRecord, ServerRecord, StateCounts } from "../../storage/index.ts";
import type { Attention, AttentionKind } from "../api/overview.ts";
import { hearsCommands } from "../show/vitals.ts";

/** What is known of the whole at one moment. */
export interface Situation {
  readonly now: number;
  /** By the clock of this process, at the same moment. */
  readonly appNow: number;
  /** How long the storage took to answer all of this. */
  readonly tookMs: number;
  readonly counts: StateCounts;
  readonly queues: readonly QueueRecord[];
  readonly servers: readonly ServerRecord[];
  readonly recurring: readonly RecurringJobDetails[];
  readonly operations: readonly StoredOperation[];
  /** Names of parked jobs, as far as they are known, and how many jobs wait for code or a permit. */
  readonly parked: { readonly names: readonly string[]; readonly waiting: number };
}

export interface AttentionTargets {
  /** A ready job should have been fetched by then. */
  readonly oldestReadyMs: number;
}

const SKEW_MS = 5_000;
const SLOW_MS = 1_000;
/** A server has told of itself by then, if it is one that does. */
const SETTLED_MS = 60_000;
const RECENT_MS = 24 * 3_600_000;
const RANK = { error: 0, warning: 1, info: 2 } as const;
/** Of one kind: the first say it, the rest would hide the others. */
const MOST_OF_KIND = 20;

/** What needs a person, the most severe first. All viewers see it: it says nothing of what jobs work with. Pure: from a situation to a list. */
export function attentionOf(situation: Situation, targets: AttentionTargets): Attention[] {
  const found = [
    ...ofServers(situation),
    ...ofQueues(situation, targets),
    ...ofParked(situation),
    ...situation.recurring.flatMap((one) => ofRecurring(one)),
    ...ofStorage(situation),
    ...situation.operations.flatMap((one) => ofOperation(one, situation.now)),
  ];
  const many = new Map<AttentionKind, number>();
  const few = found.filter(({ kind }) => {
    const nth = (many.get(kind) ?? 0) + 1;
    many.set(kind, nth);
    return nth <= MOST_OF_KIND;
  });
  return few.sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

function ofServers({ servers, counts, now }: Situation): Attention[] {
  const silent = servers
    .filter(({ live }) => !live)
    .map(({ incarnation, name, renewedAt }): Attention => {
      const text = `The server "${name}" has been silent for ${seconds(now - renewedAt)}: its jobs are given to others.`;
      return {
        kind: "server-silent",
        severity: "error",
        subject: incarnation,
        since: renewedAt,
        text,
        link: "servers",
      };
    });
  const isIdle = counts.Enqueued + counts.Scheduled + counts.Processing === 0;
  if (isIdle || servers.some(({ live }) => live)) return silent;
  const text = "No server is running: nothing is fetched, and scheduled jobs do not begin.";
  return [
    { kind: "no-server", severity: "error", subject: "", since: null, text, link: "servers" },
    ...silent,
  ];
}

function ofQueues({ queues, servers, now }: Situation, { oldestReadyMs }: AttentionTargets): Attention[] {
  const living = servers.filter(({ live }) => live);
  const fetched = new Set(living.flatMap((server) => server.queues));
  const old = living.filter((server) => !hearsCommands(server) && now - server.startedAt > SETTLED_MS);
  return queues.flatMap(({ queue, ready, isBound, oldestAt, paused }): Attention[] => {
    const more = isBound ? " or more" : "";
    const jobs = `${ready}${more} ${ready === 1 ? "job is" : "jobs are"} ready`;
    const link = `jobs?state=Enqueued&queue=${encodeURIComponent(queue)}`;
    if (paused !== null) {
      const note = paused.note === "" ? "" : ` (${paused.note})`;
      const deaf = old.find((server) => server.queues.includes(queue));
      const but =
        deaf === undefined
          ? ""
          : ` The server "${deaf.name}" fetches from it all the same: it is of a version that knows no pauses.`;
      const text = `The queue "${queue}" is paused${note}; ${jobs}.${but}`;
      const severity = deaf === undefined ? "info" : "warning";
      return [{ kind: "queue-paused", severity, subject: queue, since: paused.at, text, link: "queues" }];
    }
    if (ready === 0) return [];
    if (!fetched.has(queue)) {
      const text = `No live server fetches from the queue "${queue}"; ${jobs}.`;
      return [
        { kind: "queue-without-consumer", severity: "error", subject: queue, since: oldestAt, text, link },
      ];
    }
    if (oldestAt === null || now - oldestAt < oldestReadyMs) return [];
    const text = `The oldest ready job of the queue "${queue}" has waited for ${seconds(now - oldestAt)}; ${jobs}.`;
    return [{ kind: "queue-slow", severity: "warning", subject: queue, since: oldestAt, text, link }];
  });
}

function ofParked({ parked: { names } }: Situation): Attention[] {
  return names.map((name): Attention => {
    const text = `No server that fetched a job of ${name} knows that name: these jobs wait for code.`;
    const link = `jobs?state=Enqueued&hold=unknown&name=${encodeURIComponent(name.toWellFormed())}`;
    return { kind: "waiting-for-code", severity: "error", subject: name, since: null, text, link };
  });
}

function ofRecurring({ id, name, state, error }: RecurringJobDetails): Attention[] {
  const link = `recurring/${encodeURIComponent(id)}`;
  const of = { subject: id, since: error?.at.getTime() ?? null, link };
  if (name === "") {
    const text = `The recurring job "${id}" cannot be read by this version.`;
    return [{ kind: "recurring-unreadable", severity: "error", ...of, text }];
  }
  if (error === null) return [];
  if (state === "disabled") {
    const text = `The recurring job "${id}" is disabled: it failed ${error.failures} times in a row.`;
    return [{ kind: "recurring-disabled", severity: "error", ...of, text }];
  }
  const text = `The recurring job "${id}" could not begin its last job; it is tried again.`;
  return [{ kind: "recurring-failing", severity: "warning", ...of, text }];
}

function ofStorage({ now, appNow, tookMs }: Situation): Attention[] {
  const found: Attention[] = [];
  // What the answer took is no skew.
  const skew = Math.abs(appNow - now) - tookMs;
  if (skew > SKEW_MS) {
    const text = `The clocks of the storage and of this process are ${seconds(skew)} apart: times that people give are taken by the storage's.`;
    found.push({ kind: "clock-skew", severity: "warning", subject: "", since: null, text, link: "servers" });
  }
  if (tookMs > SLOW_MS) {
    const text = `The storage took ${tookMs} ms to answer the dashboard.`;
    found.push({
      kind: "storage-slow",
      severity: "warning",
      subject: "",
      since: null,
      text,
      link: "servers",
    });
  }
  return found;
}

function ofOperation({ id, operation }: StoredOperation, now: number): Attention[] {
  const { state, endedAt, kind } = operation;
  if (state !== "failed" || endedAt === null || now - endedAt > RECENT_MS) return [];
  const text = `An operation (${kind}) has failed: some of its jobs are as they were.`;
  return [
    { kind: "operation-failed", severity: "warning", subject: id, since: endedAt, text, link: "operations" },
  ];
}

function seconds(ms: number): string {
  const whole = Math.max(Math.round(ms / 1_000), 0);
  if (whole < 120) return `${whole} s`;
  return whole < 7_200 ? `${Math.round(whole / 60)} min` : `${Math.round(whole / 3_600)} h`;
}
