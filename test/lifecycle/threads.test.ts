import { threadId } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { StorageRefusedError } from "../../src/storage/index.ts";
import { jobs } from "./programs/threaded-jobs.ts";
import { MODULE, ThreadNews } from "./thread-news.ts";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

describe.each(STORAGES)("a job in a thread, on %s", (_, open) => {
  test("gives its result, and rich arguments and results come over as they were", async () => {
    await using bench = await open();
    await bench.serve(MODULE, { threads: 2 });
    const client = bench.client(jobs);
    const thread = await client.result(await client.enqueue((j) => j.plain.thread()), { timeout: "10s" });
    expect(thread).toEqual(expect.any(Number));
    expect(thread).not.toBe(threadId);
    for (const value of [new Date(1_234), new Map([["a", 1]])]) {
      const id = await client.enqueue((j) => j.plain.echo(value));
      expect(await client.result(id, { timeout: "10s" })).toEqual(value);
    }
  });

  test("knows itself, and what it logs is stored before its end is", async () => {
    await using bench = await open();
    await bench.serve(MODULE, { threads: 1 });
    const client = bench.client(jobs);
    for (let n = 0; n < 5; n++) {
      const id = await client.enqueue((j) => j.plain.context());
      const told = await client.result(id, { timeout: "10s" });
      const job = await client.get(id);
      expect(told).toEqual({ id, same: true, name: "plain.context", attempt: 1, dueAt: job?.createdAt });
      expect(job?.logs.map(({ text, data, attempt }) => ({ text, data, attempt }))).toEqual(
        [1, 2, 3].map((step) => ({ text: `step ${step}`, data: { n: step }, attempt: 1 })),
      );
      expect(job?.progress).toMatchObject({ value: 50, text: "half of it", attempt: 1 });
    }
  });

  test("gets what placeholders stand for", async () => {
    await using bench = await open();
    await bench.serve(MODULE, { threads: 1 });
    const client = bench.client(jobs);
    const id = await client.enqueue((j, job) => j.plain.placeholders(job.signal, job.dueAt));
    const told = await client.result(id, { timeout: "10s" });
    expect(told).toEqual({ isAborted: false, dueAt: (await client.get(id))?.createdAt });
  });

  test("gets the results of its parents", async () => {
    await using bench = await open();
    await bench.serve(MODULE, { threads: 2 });
    const client = bench.client(jobs);
    const parents = [
      await client.enqueue((j) => j.plain.add(1, 2)),
      await client.enqueue((j) => j.plain.add(3, 4)),
    ] as const;
    const id = await client.continueWith(parents, (j, [a, b]) => j.plain.add(a.result, b.result));
    expect(await client.result(id, { timeout: "10s" })).toBe(10);
  });

  test("is one of many: each runs once, and every thread has its share", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const ids = await client.enqueueMany((j) => Array.from({ length: 500 }, () => j.plain.spinFor(1)));
    const starts = new Map<string, number>();
    const server = bench.make(MODULE, { threads: 2 });
    server.on("succeeded", ({ id }) => starts.set(id, (starts.get(id) ?? 0) + 1));
    await expect.poll(() => bench.storage.counts(), SOON).toMatchObject({ Succeeded: 500 });
    await expect.poll(() => starts.size, SOON).toBe(500);
    expect(Math.max(...starts.values())).toBe(1);
    const threads = new Set(await Promise.all(ids.map((id) => client.result(id))));
    expect(threads.size).toBe(2);
  });
});

test("parents' results that the storage refuses to give fail the run instead of keeping it for ever", async () => {
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  const error = () => new StorageRefusedError("test", new Error("unreadable"));
  bench.broken.fail("parents", { times: Number.POSITIVE_INFINITY, error });
  await bench.serve(MODULE, { threads: 1 });
  const parent = await client.enqueue((j) => j.plain.add(1, 2));
  const id = await client.continueWith(parent, (j, { result }) => j.plain.add(result, 1));
  await expect.poll(() => bench.states(id), SOON).toContain("Failed");
  expect((await client.get(id))?.history.find(({ state }) => state === "Failed")).toMatchObject({
    error: { message: expect.stringContaining("unreadable") },
  });
});

test("parents' results that cannot be read yet are waited for, and no attempt is spent", async () => {
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  bench.broken.fail("parents", { times: 3 });
  await bench.serve(MODULE, { threads: 1 });
  const parent = await client.enqueue((j) => j.plain.add(1, 2));
  const id = await client.continueWith(parent, (j, { result }) => j.plain.add(result, 1));
  expect(await client.result(id, { timeout: "10s" })).toBe(4);
  expect(await client.get(id)).toMatchObject({ attempt: 1 });
});

test("the end of a job is told although a long one comes behind it in the same thread", async () => {
  using news = new ThreadNews();
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  const warm = await client.enqueueMany((j) => Array.from({ length: 2_000 }, () => j.plain.add(1, 1)));
  const last = await client.enqueue((j) => j.plain.add(2, 2));
  await client.enqueue((j) => j.plain.hold("long"));
  await bench.serve(MODULE, { threads: 1 });
  await news.hears("long");
  expect(await client.result(last, { timeout: "10s" })).toBe(4);
  expect(await client.result(warm.at(-1) ?? last, { timeout: "10s" })).toBe(2);
  news.release("long");
});
