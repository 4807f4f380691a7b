import { randomUUID } from "node:crypto";
import {
  BackgroundJob,
  BackgroundJobClient,
  type ClientEvents,
  configure,
  defineJobs,
  type JobFilter,
  type JobId,
} from "firelater";
import { describe, expect, test } from "vitest";
import { RecordingLogger } from "./recording-logger.ts";
import { STORAGES, Workbench } from "./workbench.ts";

const work = async (_n: number): Promise<void> => {};
const jobs = defineJobs({ work, slow: work }, { slow: { queue: "slow" } });
const EVENTS: readonly (keyof ClientEvents)[] = ["enqueued", "existed", "requeued", "rescheduled", "deleted"];

/** All events of a client, as [name, event]. */
function heard(client: Pick<BackgroundJobClient<typeof jobs>, "on">): [string, object][] {
  const all: [string, object][] = [];
  for (const name of EVENTS) client.on(name, (event) => all.push([name, event]));
  return all;
}

describe.each(STORAGES)("the events of a client, on %s", (_, open) => {
  test("tell of each stored call, with what it waits for", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const all = heard(client);
    const first = await client.enqueue((j) => j.work(1));
    const second = await client.delay((j) => j.slow(2), "1h");
    const third = await client.schedule((j) => j.work(3), new Date(Date.now() + 1_000_000));
    const fourth = await client.continueWith(first, (j) => j.work(4));
    expect(all).toEqual([
      ["enqueued", { id: first, name: "work", queue: "default", state: "Enqueued" }],
      ["enqueued", { id: second, name: "slow", queue: "slow", state: "Scheduled" }],
      ["enqueued", { id: third, name: "work", queue: "default", state: "Scheduled" }],
      ["enqueued", { id: fourth, name: "work", queue: "default", state: "Awaiting" }],
    ]);
  });

  test("tell of each job of enqueueMany, and of those that were there before", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const old = await client.enqueue((j) => j.work(0));
    const all = heard(client);
    const ids = await client.enqueueMany((j) => [j.work(1), [j.work(2), { id: old }], j.slow(3)]);
    expect(all).toEqual([
      ["enqueued", { id: ids[0], name: "work", queue: "default", state: "Enqueued" }],
      ["existed", { id: old, name: "work", queue: "default" }],
      ["enqueued", { id: ids[2], name: "slow", queue: "slow", state: "Enqueued" }],
    ]);
  });

  test("tell of what was moved, and from where; nothing of what is gone", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.work(1));
    const all = heard(client);
    await client.reschedule(id, "1h");
    await client.requeue(id);
    await client.delete(id);
    expect(await client.delete(randomUUID())).toBe(false);
    const job = { id, name: "work", queue: "default" };
    expect(all).toEqual([
      ["rescheduled", { ...job, from: "Enqueued" }],
      ["requeued", { ...job, from: "Scheduled" }],
      ["deleted", { ...job, from: "Enqueued" }],
    ]);
  });
});

test("come when the job is stored, and not when it is not", async () => {
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  const found: unknown[] = [];
  client.on("enqueued", ({ id }) => found.push(bench.storage.get([id])));
  bench.broken.fail("insert");
  await expect(client.enqueue((j) => j.work(1))).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
  const orphan = client.continueWith(randomUUID() as JobId<void>, (j) => j.work(1));
  await expect(orphan).rejects.toMatchObject({ code: "FL_PARENT_NOT_FOUND" });
  await client.enqueue((j) => j.work(2));
  expect(await Promise.all(found)).toMatchObject([[{ name: "work" }]]);
});

test("say what filters made of a job", async () => {
  await using bench = Workbench.inMemory();
  const filter: JobFilter = {
    onCreating: (context) => context.setQueue("moved"),
    onStateElection({ candidate, from, elect }) {
      if (from !== null && candidate.state === "Enqueued") elect({ state: "Deleted", reason: "no" });
    },
  };
  const client = new BackgroundJobClient({ storage: bench.storage, jobs, filters: [filter] });
  const all = heard(client);
  const id = await client.enqueue((j) => j.work(1));
  const many = await client.enqueueMany((j) => [j.work(2)]);
  expect(await client.requeue(id)).toBe(false);
  const moved = { name: "work", queue: "moved" };
  expect(all).toEqual([
    ["enqueued", { id, ...moved, state: "Enqueued" }],
    ["enqueued", { id: many[0], ...moved, state: "Enqueued" }],
    ["deleted", { id, ...moved, from: "Enqueued" }],
  ]);
});

test("a listener that throws is logged, and harms neither the call nor other listeners", async () => {
  await using bench = Workbench.inMemory();
  const logger = new RecordingLogger();
  const client = new BackgroundJobClient({ storage: bench.storage, jobs, logger });
  const told: string[] = [];
  client.on("enqueued", () => {
    throw new Error("mistake");
  });
  client.on("enqueued", () => Promise.reject(new Error("late mistake")));
  const off = client.on("enqueued", ({ id }) => told.push(id));
  const id = await client.enqueue((j) => j.work(1));
  off();
  await client.enqueue((j) => j.work(2));
  expect(told).toEqual([id]);
  expect(logger.texts("error")).toEqual(Array(4).fill('a listener of "enqueued" threw'));
});

test("an event that does not exist is refused, and the one that was meant is suggested", async () => {
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  const listen = (name: string) => client.on(name as "deleted", () => {});
  expect(() => listen("enqueue")).toThrow(
    expect.objectContaining({ code: "FL_INVALID_OPTIONS", message: expect.stringContaining('"enqueued"') }),
  );
  expect(() => listen("succeeded")).toThrow(expect.objectContaining({ code: "FL_INVALID_OPTIONS" }));
});

test("the static face has them, too", async () => {
  await using bench = Workbench.inMemory();
  configure({ storage: bench.storage, jobs });
  const told: string[] = [];
  const off = BackgroundJob.on("deleted", ({ id }) => told.push(id));
  const id = await bench.client(jobs).enqueue((j) => j.work(1));
  await BackgroundJob.delete(id);
  off();
  expect(told).toEqual([id]);
});
