import { describe, expect, test } from "vitest";
import { jobs } from "./programs/threaded-jobs.ts";
import { MODULE, ThreadNews } from "./thread-news.ts";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

const DEATHS = [
  ["exit", /exit code 3/],
  ["uncaught", /from a timer/],
  ["rejection", /nobody caught it/],
  ["memory", /memory/],
] as const;
const SMALL = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 };

describe.each(STORAGES)("a job that ends its thread, on %s", (_, open) => {
  test.each(DEATHS)("by %s is to blame alone, and is set aside at the third time", async (kind, why) => {
    using news = new ThreadNews();
    await using bench = await open();
    const client = bench.client(jobs);
    const server = await bench.serve(MODULE, { threads: 2, resourceLimits: SMALL });
    const told: unknown[] = [];
    server.on("recovered", ({ id, crashes, quarantined }) => told.push({ id, crashes, quarantined }));
    server.on("failed", ({ id, error }) => told.push({ id, error }));
    const neighbour = await client.enqueue((j) => j.plain.hold("neighbour"));
    await news.hears("neighbour");
    const id = await client.enqueue((j) => j.deadly[kind]("poison"));
    await bench.reaches(id, "Failed");

    const job = await client.get(id);
    expect(job).toMatchObject({ crashes: 3, attempt: 1 });
    expect(job?.history.map(({ state }) => state)).toEqual([
      ...["Enqueued", "Processing"],
      ...["Enqueued", "Processing"],
      ...["Enqueued", "Processing", "Failed"],
    ]);
    expect(job?.history[2]?.reason).toMatch(why);
    expect(job?.history.at(-1)).toMatchObject({ error: { type: "ThreadDied" } });
    expect(news.of("poison")).toHaveLength(3);
    await expect
      .poll(() => told, SOON)
      .toEqual([
        { id, crashes: 1, quarantined: false },
        { id, crashes: 2, quarantined: false },
        { id, crashes: 3, quarantined: true },
        { id, error: expect.stringMatching(why) },
      ]);
    news.release("neighbour");
    expect(await client.result(neighbour, { timeout: "10s" })).toBe("released");
    expect(await client.get(neighbour)).toMatchObject({ crashes: 0, attempt: 1 });
    expect(news.of("neighbour")).toHaveLength(1);
  });

  test("takes no job with it that has ended before it or waits behind it in the same thread", async () => {
    using news = new ThreadNews();
    await using bench = await open();
    const client = bench.client(jobs);
    // Short jobs first: then others wait ahead of time in the thread.
    const ids = await client.enqueueMany((j) =>
      Array.from({ length: 600 }, (_, n) => (n === 400 ? j.deadly.exit("poison") : j.plain.add(n, 0))),
    );
    const ends = new Map<string, number>();
    const server = bench.make(MODULE, { threads: 1 });
    server.on("succeeded", ({ id }) => ends.set(id, (ends.get(id) ?? 0) + 1));
    await bench.reaches(ids[400] ?? "", "Failed");
    await expect.poll(() => bench.storage.counts(), SOON).toMatchObject({ Succeeded: 599, Failed: 1 });
    await expect.poll(() => ends.size, SOON).toBe(599);
    const rows = await bench.rows(ids);
    expect(rows.map(({ crashes }) => crashes)).toEqual(ids.map((_, n) => (n === 400 ? 3 : 0)));
    expect(
      rows.filter(({ history }) => history.split('"Processing"').length !== 2).map(({ id }) => id),
    ).toEqual([ids[400]]);
    expect(news.of("poison")).toHaveLength(3);
  });
});

test("what a job has left behind may keep its thread busy: no later job waits for it or is to blame", async () => {
  using news = new ThreadNews();
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  await bench.serve(MODULE, { threads: 1 });
  const first = await client.enqueue((j) => j.deadly.leaveSpinning("left"));
  expect(await client.result(first, { timeout: "10s" })).toBe("left");
  const { thread } = await news.hears("left");
  const next = await client.enqueue((j) => j.plain.thread());
  expect(await client.result(next, { timeout: "20s" })).not.toBe(thread);
  expect(await client.get(next)).toMatchObject({ crashes: 0, attempt: 1 });
  expect(bench.logger.texts("warn", "left behind")).toHaveLength(1);
});

test("of a death is kept what a person reads, however much was thrown", async () => {
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  await bench.serve(MODULE, { threads: 1 });
  const id = await client.enqueue((j) => j.deadly.verbose("verbose"));
  await bench.reaches(id, "Failed");
  const job = await client.get(id);
  const told = job?.history.map((entry) => JSON.stringify(entry)) ?? [];
  expect(told.filter((text) => text.includes("much to say"))).toHaveLength(3);
  expect(bench.logger.texts("error", "while it ran job")).toHaveLength(3);
  for (const text of [...told, ...bench.logger.texts("error")]) expect(text.length).toBeLessThan(700);
});

test("many poisonous jobs are set aside one after the other, and the others run", async () => {
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  await client.enqueueMany((j) => Array.from({ length: 6 }, (_, n) => j.deadly.exit(`poison ${n}`)));
  const good = await client.enqueueMany((j) => Array.from({ length: 20 }, (_, n) => j.plain.add(n, n)));
  await bench.serve(MODULE, { threads: 2 });
  // Eighteen threads die and are made anew, one after the other.
  const inTime = { ...SOON, timeout: 120_000 };
  await expect.poll(() => bench.storage.counts(), inTime).toMatchObject({ Succeeded: 20, Failed: 6 });
  expect((await bench.storage.get(good)).map(({ crashes }) => crashes)).toEqual(good.map(() => 0));
});
