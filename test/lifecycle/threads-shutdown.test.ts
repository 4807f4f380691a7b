import { writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { Child } from "./child.ts";
import { jobs } from "./programs/threaded-jobs.ts";
import type { ThreadedServerMessage } from "./programs/threaded-server.ts";
import { MODULE, ThreadNews } from "./thread-news.ts";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

describe.each(STORAGES)("stopping a server with threads, on %s", (_, open) => {
  test("tells a job that runs, and gives it back with no attempt spent", async () => {
    using news = new ThreadNews();
    await using bench = await open();
    const client = bench.client(jobs);
    const server = await bench.serve(MODULE, { threads: 1 });
    const told: string[] = [];
    server.on("interrupted", ({ id }) => told.push(id));
    const id = await client.enqueue((j) => j.plain.hold("long"));
    await news.hears("long");
    const [{ seq } = { seq: -1 }] = await bench.storage.get([id]);
    await server.stop();
    await news.hears("long", "aborted");
    expect(news.of("long", "aborted").map(({ reason }) => reason)).toEqual(["ServerStoppingError"]);
    expect(told).toEqual([id]);
    expect(await bench.storage.get([id])).toMatchObject([
      { state: "Enqueued", failures: 0, crashes: 0, seq },
    ]);
    expect(await bench.storage.servers()).toEqual([]);
  });

  test("gives a job back that spins on when the time is over, and ends its thread", async () => {
    using news = new ThreadNews();
    await using bench = await open();
    const client = bench.client(jobs);
    const server = await bench.serve(MODULE, { threads: 2 });
    const id = await client.enqueue((j) => j.plain.spin("long"));
    await news.hears("long");
    const from = performance.now();
    await server.stop({ timeout: "1s" });
    expect(performance.now() - from).toBeLessThan(4_000);
    expect(await client.get(id)).toMatchObject({ state: "Enqueued", attempt: 1, crashes: 0 });
    expect((await client.get(id))?.history.at(-1)).toMatchObject({ interrupted: true });
    expect(news.of("long")).toHaveLength(1);
  });

  test("leaves a job that ignores its signal the whole of the time", async () => {
    using news = new ThreadNews();
    await using bench = await open();
    const client = bench.client(jobs);
    const server = await bench.serve(MODULE, { threads: 1 });
    const id = await client.enqueue((j) => j.plain.stubborn("stubborn"));
    await news.hears("stubborn");
    const stopping = server.stop({ timeout: "30s" });
    expect((await news.hears("stubborn", "aborted")).reason).toBe("ServerStoppingError");
    // Time itself is what is tested: a run whose claim is lost would have been stopped after five seconds.
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    news.release("stubborn");
    await stopping;
    expect(await client.result(id)).toBe("ended by itself");
    expect(await client.get(id)).toMatchObject({ attempt: 1, crashes: 0 });
  });

  test("quiet takes nothing more, and lets what runs go on", async () => {
    using news = new ThreadNews();
    await using bench = await open();
    const client = bench.client(jobs);
    const server = await bench.serve(MODULE, { threads: 1 });
    const id = await client.enqueue((j) => j.plain.hold("long"));
    await news.hears("long");
    const waiting = await client.enqueueMany((j) => Array.from({ length: 5 }, () => j.plain.add(1, 1)));
    await server.quiet();
    news.release("long");
    expect(await client.result(id, { timeout: "10s" })).toBe("released");
    await expect.poll(() => bench.storage.counts(), SOON).toMatchObject({ Enqueued: 5, Processing: 0 });
    await bench.serve(MODULE, { threads: 1, name: "next" });
    for (const one of waiting) expect(await client.result(one, { timeout: "10s" })).toBe(2);
  });
});

test("a process whose server has stopped ends by itself: no thread is left, spinning or not", async () => {
  await using bench = await Workbench.onSqlite();
  await bench.storage.ready;
  const program = new URL("./programs/threaded-server.ts", import.meta.url);
  await using child = new Child<ThreadedServerMessage>(program, [bench.file]);
  await child.hears((message) => message === "stopped");
  expect(await child.exited).toEqual({ code: 0, signal: null });
  expect(await bench.storage.counts()).toMatchObject({ Enqueued: 1, Succeeded: 1, Processing: 0 });
});

test("a thread inside native code, which nobody can stop, does not keep stop from resolving", async () => {
  using news = new ThreadNews();
  await using bench = await Workbench.onSqlite();
  const client = bench.client(jobs);
  const server = await bench.serve(MODULE, { threads: 1 });
  const file = `${bench.file}.go`;
  const id = await client.enqueue((j) => j.plain.native("native", file));
  await news.hears("native");
  await server.stop({ timeout: "0s" });
  expect(await bench.state(id)).toBe("Enqueued");
  await writeFile(file, "");
});
