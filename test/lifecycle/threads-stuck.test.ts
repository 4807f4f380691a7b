import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { Child } from "./child.ts";
import type { JudgeMessage } from "./programs/judge.ts";
import { jobs } from "./programs/threaded-jobs.ts";
import { MODULE, ThreadNews } from "./thread-news.ts";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

test.each(STORAGES)("what waits behind a long job goes to another thread, on %s", async (_, open) => {
  using news = new ThreadNews();
  await using bench = await open();
  const client = bench.client(jobs);
  // After many short jobs others wait ahead of time in every thread.
  const mixed = await client.enqueueMany((j) =>
    Array.from({ length: 1_200 }, (_one, n) => (n === 800 ? j.plain.spin("long") : j.plain.add(n, 0))),
  );
  const ends = new Map<string, number>();
  const server = bench.make(MODULE, { threads: 2 });
  server.on("succeeded", ({ id }) => ends.set(id, (ends.get(id) ?? 0) + 1));
  await expect.poll(() => bench.storage.counts(), SOON).toMatchObject({ Succeeded: 1_199, Processing: 1 });
  await expect.poll(() => ends.size, SOON).toBe(1_199);
  expect(news.of("long")).toHaveLength(1);
  const starts = (await bench.rows(mixed)).map(
    ({ history, entry }) => (history + entry).split('"Processing"').length - 1,
  );
  expect(starts.filter((count) => count !== 1)).toEqual([]);
});

test.each(STORAGES)("short jobs and long ones in turns all end, each once, on %s", async (_, open) => {
  await using bench = await open();
  const client = bench.client(jobs);
  await client.enqueueMany((j) =>
    Array.from({ length: 1_000 }, (_one, n) => (n % 100 === 99 ? j.plain.spinFor(120) : j.plain.add(n, 0))),
  );
  const ends = new Map<string, number>();
  const server = bench.make(MODULE, { threads: 3 });
  server.on("succeeded", ({ id }) => ends.set(id, (ends.get(id) ?? 0) + 1));
  await expect.poll(() => bench.storage.counts(), SOON).toMatchObject({ Succeeded: 1_000, Processing: 0 });
  await expect.poll(() => ends.size, SOON).toBe(1_000);
  expect(Math.max(...ends.values())).toBe(1);
});

test("a server whose threads all spin for longer than serverTimeout keeps its lease and its jobs", async () => {
  using news = new ThreadNews();
  await using bench = await Workbench.onSqlite();
  await bench.storage.ready;
  await using judge = new Child<JudgeMessage>(new URL("./programs/judge.ts", import.meta.url), [bench.file]);
  await judge.hears((message) => message === "at work");
  const client = bench.client(jobs);
  await bench.serve(MODULE, { threads: 2, name: "spinning" });
  const file = `${bench.file}.go`;
  const ids = [
    await client.enqueue((j) => j.plain.spinUntil("one", file)),
    await client.enqueue((j) => j.plain.spinUntil("two", file)),
  ];
  await Promise.all([news.hears("one"), news.hears("two")]);
  const lease = async () => (await bench.storage.servers()).find(({ name }) => name === "spinning");
  const from = (await lease())?.renewedAt ?? 0;
  await expect.poll(async () => ((await lease())?.renewedAt ?? 0) - from, SOON).toBeGreaterThan(5_000);
  await writeFile(file, "");
  for (const id of ids) expect(await client.result(id, { timeout: "10s" })).toBe("found");
  expect(judge.messages).toEqual(["at work"]);
  expect([news.of("one").length, news.of("two").length]).toEqual([1, 1]);
});
