import { expect, test } from "vitest";
import type { QueueRecord, ServerRecord } from "../../storage/index.ts";
import { attentionOf, type Situation } from "./attention.ts";

const NOW = 1_000_000_000;
const TARGETS = { oldestReadyMs: 60_000 };
const NONE = {
  ...{ Enqueued: 0, Scheduled: 0, Awaiting: 0, Processing: 0 },
  ...{ Succeeded: 0, Failed: 0, Deleted: 0 },
};

const CALM: Situation = {
  ...{
    now: NOW,
    appNow: NOW,
    tookMs: 5,
    counts: NONE,
    queues: [],
    servers: [],
    recurring: [],
    operations: [],
  },
  parked: { names: [], waiting: 0 },
};

function server(over: Partial<ServerRecord> = {}): ServerRecord {
  return {
    ...{ incarnation: "web:1", name: "web", host: "h", pid: 1, pidStartedAt: "", queues: ["default"] },
    ...{ workerCount: 20, timeoutMs: 30_000, startedAt: NOW, renewedAt: NOW, steadySince: NOW },
    ...{ live: true, vitals: null, command: null },
    ...over,
  };
}

function queue(over: Partial<QueueRecord> = {}): QueueRecord {
  return { queue: "default", ready: 3, isBound: false, oldestAt: NOW - 1_000, paused: null, ...over };
}

function seen(over: Partial<Situation>): string[] {
  return attentionOf({ ...CALM, ...over }, TARGETS).map(
    ({ kind, severity, subject }) => `${severity} ${kind} ${subject}`,
  );
}

const LATE = queue({ oldestAt: NOW - 61_000 });

test.each<[string, Partial<Situation>, string[]]>([
  ["nothing at all", {}, []],
  ["work and a server", { queues: [queue()], servers: [server()] }, []],
  [
    "a queue that nobody fetches from",
    { queues: [queue({ queue: "slow" })], servers: [server()] },
    ["error queue-without-consumer slow"],
  ],
  [
    "one that only a dead server fetched from",
    { queues: [queue()], servers: [server({ live: false })] },
    ["error server-silent web:1", "error queue-without-consumer default"],
  ],
  ["a job that waits too long", { queues: [LATE], servers: [server()] }, ["warning queue-slow default"]],
  [
    "a paused queue, whatever waits there",
    { queues: [{ ...LATE, paused: { at: 1, note: "" } }], servers: [server()] },
    ["info queue-paused default"],
  ],
  [
    "a paused queue from which a server of an old version fetches all the same",
    {
      queues: [queue({ paused: { at: 1, note: "" } })],
      servers: [server({ startedAt: NOW - 61_000 }), server({ vitals: "{}", startedAt: 1 })],
    },
    ["warning queue-paused default"],
  ],
  [
    "one that has only just begun",
    { queues: [queue({ paused: { at: 1, note: "" } })], servers: [server({ startedAt: NOW - 59_000 })] },
    ["info queue-paused default"],
  ],
  ["work and no server", { counts: { ...NONE, Scheduled: 1 } }, ["error no-server "]],
  [
    "jobs without code",
    { parked: { names: ["mail"], waiting: 2 }, servers: [server()] },
    ["error waiting-for-code mail"],
  ],
  [
    "a name that is no text",
    { parked: { names: ["\ud800"], waiting: 2 }, servers: [server()] },
    ["error waiting-for-code \ud800"],
  ],
  ["clocks that are apart", { appNow: NOW + 6_000, servers: [server()] }, ["warning clock-skew "]],
  ["an answer that took its time is no skew", { appNow: NOW + 900, tookMs: 900 }, []],
  ["a slow storage", { tookMs: 1_500 }, ["warning storage-slow "]],
])("%s", (_, situation, expected) => {
  expect(seen(situation)).toEqual(expected);
});

test("a name without code leads to the jobs that wait for it, past a backlog that does not", () => {
  const situation = { ...CALM, parked: { names: ["a b"], waiting: 2 }, servers: [server()] };
  expect(attentionOf(situation, TARGETS)[0]?.link).toBe("jobs?state=Enqueued&hold=unknown&name=a%20b");
});

test("recurring jobs that fail, are disabled or cannot be read come by how bad that is", () => {
  const one = {
    ...{ id: "x", name: "mail", displayName: null, queue: "default", priority: 0, arguments: [], cron: "" },
    ...{
      timeZone: "UTC",
      misfire: "relaxed" as const,
      state: "active" as const,
      nextRun: null,
      lastRun: null,
    },
    ...{ lastJobId: null, error: null, createdAt: new Date(0), set: null },
  };
  const error = { message: "no", at: new Date(5), failures: 5 };
  const recurring = [
    { ...one, id: "fine" },
    { ...one, id: "fails", error },
    { ...one, id: "disabled", error, state: "disabled" as const },
    { ...one, id: "odd", name: "" },
  ];
  expect(seen({ recurring })).toEqual([
    "error recurring-disabled disabled",
    "error recurring-unreadable odd",
    "warning recurring-failing fails",
  ]);
});

test("a flood of one kind leaves room for the others", () => {
  const queues = Array.from({ length: 100 }, (_, nth) => queue({ queue: `q${nth}` }));
  const found = seen({ queues, servers: [server()], tookMs: 2_000 });
  expect([found.length, found.at(-1)]).toEqual([21, "warning storage-slow "]);
});
