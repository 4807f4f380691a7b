import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { BroadcastChannel, threadId } from "node:worker_threads";
import { currentJob, defineJobs } from "firelater";
import { describe, expect, onTestFinished, test } from "vitest";
import { crashTwice } from "./crashes.ts";
import { OBSERVED, type Observed, jobs as threaded } from "./programs/observed-jobs.ts";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

const CHANNELS = [
  ...["enqueued", "existed", "requeued", "rescheduled", "started", "succeeded", "failed", "retrying"],
  ...["deleted", "interrupted", "parked", "recovered"],
] as const;

/** All that is published until the test ends, as [channel, message]. */
function published(): [string, object][] {
  const all: [string, object][] = [];
  for (const name of CHANNELS) {
    const hear = (message: unknown) => void all.push([name, Object(message)]);
    subscribe(`firelater:job:${name}`, hear);
    onTestFinished(() => void unsubscribe(`firelater:job:${name}`, hear));
  }
  return all;
}

const work = {
  ok: async () => {},
  flaky: async () => {
    if (currentJob().attempt === 1) throw new RangeError("not yet");
  },
  fail: async () => {
    throw new TypeError("never");
  },
  vanish: async () => {
    throw new TypeError("gone");
  },
};
const jobs = defineJobs(
  { work },
  {
    work: {
      flaky: { retry: { delays: ["0s"] } },
      fail: { retry: false },
      vanish: { retry: { retries: 0, onExhausted: "delete" } },
    },
  },
);

describe.each(STORAGES)("the diagnostics channels, on %s", (_, open) => {
  test("tell the life of a job, with the server that ran it", async () => {
    await using bench = await open();
    const all = published();
    const client = bench.client(jobs);
    await bench.serve(jobs, { name: "mine", workerCount: 1 });
    const of = async (id: string, end: string) => {
      await expect
        .poll(() => all.some(([name, message]) => name === end && Reflect.get(message, "id") === id), SOON)
        .toBe(true);
      return all.filter(([, message]) => Reflect.get(message, "id") === id);
    };
    const job = (id: string, name: string) => ({ id, name, queue: "default" });
    const run = (id: string, name: string, attempt = 1) => ({ ...job(id, name), attempt, server: "mine" });
    const took = { duration: expect.any(Number) };

    const ok = await client.enqueue((j) => j.work.ok());
    expect(await of(ok, "succeeded")).toEqual([
      ["enqueued", { ...job(ok, "work.ok"), state: "Enqueued" }],
      ["started", run(ok, "work.ok")],
      ["succeeded", { ...run(ok, "work.ok"), ...took }],
    ]);

    const flaky = await client.enqueue((j) => j.work.flaky());
    expect((await of(flaky, "succeeded")).slice(1)).toEqual([
      ["started", run(flaky, "work.flaky")],
      ["retrying", { ...run(flaky, "work.flaky"), ...took, error: "RangeError: not yet" }],
      ["started", run(flaky, "work.flaky", 2)],
      ["succeeded", { ...run(flaky, "work.flaky", 2), ...took }],
    ]);

    const fail = await client.enqueue((j) => j.work.fail());
    expect((await of(fail, "failed")).at(-1)).toEqual([
      "failed",
      { ...run(fail, "work.fail"), ...took, error: "TypeError: never" },
    ]);

    const vanish = await client.enqueue((j) => j.work.vanish());
    expect((await of(vanish, "deleted")).at(-1)).toEqual([
      "deleted",
      { ...run(vanish, "work.vanish"), ...took, error: "TypeError: gone" },
    ]);
    await client.requeue(fail);
    expect(
      (await of(fail, "requeued")).some(([name, message]) => name === "requeued" && !("server" in message)),
    ).toBe(true);
  });
});

test("tell of jobs that are put aside", async () => {
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  const id = await client.enqueue((j) => j.work.ok());
  const all = published();
  await bench.serve(defineJobs({ other: async () => {} }), { name: "mine" });
  await expect
    .poll(() => all, SOON)
    .toEqual([["parked", { id, name: "work.ok", queue: "default", server: "mine" }]]);
});

test("tell of jobs that are taken from lost servers, and of those that are set aside", async () => {
  await using bench = Workbench.inMemory();
  const { storage } = bench;
  const id = await bench.client(jobs).enqueue((j) => j.work.ok());
  await crashTwice(bench);
  const lost = { name: "lost", host: "elsewhere", pid: 1, pidStartedAt: "", queues: ["default"] };
  await storage.announce({ ...lost, incarnation: "third", workerCount: 1, timeoutMs: 60_000 });
  const request = { incarnation: "third", entry: '"state":"Processing"', queues: ["default"] };
  await storage.blame(await storage.claim({ ...request, slots: 1, buffer: 0 }));
  await storage.retire("third");
  const all = published();
  await bench.serve(jobs, { name: "mine" });
  const job = { id, name: "work.ok", server: "mine" };
  await expect
    .poll(() => all, SOON)
    .toEqual([
      ["recovered", { ...job, owner: "third", crashes: 3, quarantined: true }],
      ["failed", { ...job, queue: "default", attempt: 1, duration: 0, error: expect.any(String) }],
    ]);
});

test("tell of runs that are given back because the server stops, also of those that do not end", async () => {
  await using bench = Workbench.inMemory();
  const { promise: forever } = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const stubborn = defineJobs({
    stubborn: () => {
      begun.resolve();
      return forever;
    },
  });
  const server = await bench.serve(stubborn, { name: "mine" });
  const id = await bench.client(stubborn).enqueue((j) => j.stubborn());
  await begun.promise;
  const all = published();
  const told: unknown[] = [];
  server.on("interrupted", (event) => told.push(event));
  await server.stop({ timeout: "100ms" });
  const event = { id, name: "stubborn", queue: "default", attempt: 1, duration: 0 };
  expect(told).toEqual([event]);
  expect(all).toEqual([["interrupted", { ...event, server: "mine" }]]);
});

test("tell of the jobs that schedules begin, and of those that are triggered", async () => {
  await using bench = Workbench.inMemory();
  const all = published();
  const recurring = bench.recurring(jobs);
  await recurring.addOrUpdate("tick", (j) => j.work.ok(), "0 0 1 1 *");
  const id = await recurring.trigger("tick");
  const job = { name: "work.ok", queue: "default", state: "Enqueued", recurring: "tick" };
  expect(all).toEqual([["enqueued", { ...job, id }]]);
  await bench.serve(jobs);
  await recurring.addOrUpdate("tick", (j) => j.work.ok(), "* * * * * *");
  const begun = () => all.filter(([name]) => name === "enqueued").length;
  await expect.poll(begun, SOON).toBeGreaterThan(1);
});

test("a run in a thread is told of where it begins, and its end by the server", async () => {
  await using bench = Workbench.inMemory();
  const observed: Observed[] = [];
  const channel = new BroadcastChannel(OBSERVED);
  onTestFinished(() => channel.close());
  channel.onmessage = ({ data }: { readonly data: Observed }) => void observed.push(data);
  const all = published();
  const module = new URL("./programs/observed-jobs.ts", import.meta.url);
  await bench.serve(module, { threads: 1, name: "mine" });
  const id = await bench.client(threaded).enqueue((j) => j.work(1));
  await expect.poll(() => all.map(([name]) => name), SOON).toEqual(["enqueued", "succeeded"]);
  await expect
    .poll(() => observed, SOON)
    .toEqual([
      {
        thread: expect.any(Number),
        message: { id, name: "work", queue: "default", attempt: 1, server: "mine" },
        current: id,
      },
    ]);
  expect(observed[0]?.thread).not.toBe(threadId);
});
