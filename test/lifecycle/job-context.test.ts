import { readFile } from "node:fs/promises";
import { currentJob, defineJobs, tryCurrentJob } from "firelater";
import { describe, expect, test } from "vitest";
import { STORAGES, Workbench } from "./workbench.ts";

test("currentJob is there at any depth, after awaits, timers and callbacks, and is each run's own", async () => {
  await using bench = await Workbench.onSqlite();
  const seen = async (): Promise<string[]> => {
    const ids = [currentJob().id];
    await null;
    ids.push(currentJob().id);
    await new Promise((resolve) => setTimeout(resolve, 5));
    ids.push(currentJob().id);
    await readFile(import.meta.filename);
    ids.push(currentJob().id);
    ids.push(await new Promise((resolve) => process.nextTick(() => resolve(currentJob().id))));
    const later = async () => {
      await null;
      return currentJob().id;
    };
    return [...ids, ...(await Promise.all([later(), later()]))];
  };
  const jobs = defineJobs({ seen });
  await bench.serve(jobs);
  const client = bench.client(jobs);
  const ids = await client.enqueueMany((j) => Array.from({ length: 20 }, () => j.seen()));
  for (const id of ids) expect(new Set((await client.result(id)) as string[])).toEqual(new Set([id]));
});

test("outside a job there is none", async () => {
  expect(tryCurrentJob()).toBeUndefined();
  expect(() => currentJob()).toThrow(expect.objectContaining({ code: "FL_NO_CURRENT_JOB" }));
});

test("it tells the name, the attempt and when the job was due", async () => {
  await using bench = Workbench.inMemory();
  const told: object[] = [];
  const jobs = defineJobs(
    {
      mail: {
        async send() {
          const { name, attempt, dueAt } = currentJob();
          told.push({ name, attempt, dueAt });
          if (attempt < 3) throw new Error("not yet");
        },
      },
    },
    { "*": { retry: { delays: ["0ms"] } } },
  );
  await bench.serve(jobs);
  const client = bench.client(jobs);
  const id = await client.enqueue((j) => j.mail.send());
  await client.result(id, { timeout: "10s" });
  const dueAt = (await client.get(id))?.createdAt;
  expect(told).toEqual([1, 2, 3].map((attempt) => ({ name: "mail.send", attempt, dueAt })));
});

describe.each(STORAGES)("what a job logs, on %s", (_, open) => {
  test("is stored before its end is", async () => {
    await using bench = await open();
    const jobs = defineJobs({
      async work() {
        const { log, progress } = currentJob();
        for (let n = 1; n <= 5; n++) log(`step ${n}`, { n });
        progress(100, "all of it");
      },
    });
    const client = bench.client(jobs);
    await bench.serve(jobs);
    for (let n = 0; n < 10; n++) {
      const id = await client.enqueue((j) => j.work());
      await client.result(id, { timeout: "10s" });
      const job = await client.get(id);
      expect(job?.logs.map(({ text, data, attempt }) => ({ text, data, attempt }))).toEqual(
        [1, 2, 3, 4, 5].map((step) => ({ text: `step ${step}`, data: { n: step }, attempt: 1 })),
      );
      expect(job?.progress).toMatchObject({ value: 100, text: "all of it", attempt: 1 });
    }
  });

  test("is stored while it runs", async () => {
    await using bench = await open();
    const gate = Promise.withResolvers<void>();
    const jobs = defineJobs({
      async work() {
        currentJob().log("begun");
        currentJob().progress(1);
        await gate.promise;
      },
    });
    const client = bench.client(jobs);
    await bench.serve(jobs);
    const id = await client.enqueue((j) => j.work());
    await expect.poll(async () => (await client.get(id))?.logs.length).toBe(1);
    expect(await client.get(id)).toMatchObject({ state: "Processing", progress: { value: 1 } });
    gate.resolve();
    await client.result(id, { timeout: "10s" });
  });

  test("is kept of runs that failed, with their attempt", async () => {
    await using bench = await open();
    const jobs = defineJobs(
      {
        async work() {
          const { attempt, log } = currentJob();
          log(`in attempt ${attempt}`);
          if (attempt === 1) throw new Error("once");
        },
      },
      { work: { retry: { delays: ["0ms"] } } },
    );
    const client = bench.client(jobs);
    await bench.serve(jobs);
    const id = await client.enqueue((j) => j.work());
    await client.result(id, { timeout: "10s" });
    const logs = (await client.get(id))?.logs.map(({ text, attempt }) => [text, attempt]);
    expect(logs).toEqual([
      ["in attempt 1", 1],
      ["in attempt 2", 2],
    ]);
  });
});

test("the end of a job waits for its log, however slowly that is written", async () => {
  await using bench = await Workbench.onSqlite();
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const jobs = defineJobs({
    async work() {
      currentJob().log("slow");
      begun.resolve();
      await goOn.promise;
    },
  });
  const client = bench.client(jobs);
  const open = bench.broken.hold("append");
  await bench.serve(jobs);
  const id = await client.enqueue((j) => j.work());
  await begun.promise;
  await expect.poll(() => bench.broken.calls.get("append")).toBe(1);
  goOn.resolve();
  const commits = () => bench.broken.calls.get("commit") ?? 0;
  await new Promise(setImmediate);
  expect(commits()).toBe(0);
  open();
  await client.result(id, { timeout: "10s" });
  expect((await client.get(id))?.logs.map(({ text }) => text)).toEqual(["slow"]);
});
