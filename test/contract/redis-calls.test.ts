/** What a job costs Redis, counted: a script that asks once more for each job blocks everybody else for longer. */
import { describe, expect, test } from "vitest";
import { RedisStorage } from "../../src/drivers/redis/storage.ts";
import type { JobWhere } from "../../src/storage/index.ts";
import { announcement, changeOf, newJobs, PROCESSING } from "../../src/testing/contract/builders.ts";
import { isInstalled, PrivateRedis } from "./private-redis.ts";

/** What a script of any number of jobs asks beside them: the clock, the lease, sets, counters, who is told. */
const BESIDE = 25;

describe.skipIf(!isInstalled)("for a plain job a script", () => {
  test("that stores it asks whether it is there and writes it, and so do claim and commit", async () => {
    await using redis = await PrivateRedis.start();
    await using storage = new RedisStorage(redis.url);
    const server = announcement();
    await storage.announce(server);
    const { incarnation } = server;
    const claim = { incarnation, entry: PROCESSING, queues: ["default"], slots: 20, buffer: 80 };
    // Scripts are loaded, and the sets are there.
    await storage.insert(newJobs(100));
    const first = await storage.claim(claim);
    await storage.commit(first.map((job) => changeOf(job, "Succeeded")));

    const perJob = async (act: () => Promise<unknown>): Promise<number> => {
      const before = await callsOf(redis);
      await act();
      return ((await callsOf(redis)) - before - BESIDE) / 100;
    };
    expect(await perJob(() => storage.insert(newJobs(100)))).toBeLessThanOrEqual(2);
    let jobs: Awaited<ReturnType<typeof storage.claim>> = [];
    expect(
      await perJob(async () => {
        jobs = await storage.claim(claim);
      }),
    ).toBeLessThanOrEqual(2);
    expect(jobs).toHaveLength(100);
    expect(
      await perJob(() => storage.commit(jobs.map((job) => changeOf(job, "Succeeded")))),
    ).toBeLessThanOrEqual(2);
  });

  test("is no slower for what has happened before, or waits", async () => {
    await using redis = await PrivateRedis.start();
    await using storage = new RedisStorage(redis.url);
    const server = announcement();
    await storage.announce(server);
    const { incarnation } = server;
    const round = async (): Promise<number> => {
      const before = await callsOf(redis);
      const request = { incarnation, entry: PROCESSING, queues: ["default"], slots: 50, buffer: 0 };
      const jobs = await storage.claim(request);
      await storage.commit(jobs.map((job) => changeOf(job, "Succeeded")));
      return (await callsOf(redis)) - before;
    };
    await storage.insert(newJobs(100));
    await round();
    const few = await round();
    for (let nth = 0; nth < 30; nth++) await storage.insert(newJobs(100));
    expect(await round()).toBeLessThanOrEqual(few);
  });
});

describe.skipIf(!isInstalled)("a search", () => {
  test("is made of scripts that look at few rows, and at fewer where their texts are large", async () => {
    await using redis = await PrivateRedis.start();
    await using storage = new RedisStorage(redis.url);
    for (let nth = 0; nth < 10; nth++) await storage.insert(newJobs(100));
    await storage.insert(newJobs(8, { queue: "large", args: JSON.stringify(["x".repeat(200_000)]) }));
    const scripts = async (where: JobWhere): Promise<number> => {
      const before = await scriptsOf(redis);
      await storage.list({ state: "Enqueued", limit: 10, where });
      return (await scriptsOf(redis)) - before;
    };
    await scripts({ name: "none" });
    expect(await scripts({ name: "none" })).toBe(5);
    expect(await scripts({ args: "none" })).toBeGreaterThanOrEqual(8);
  });
});

async function scriptsOf({ admin }: PrivateRedis): Promise<number> {
  return Number(/^cmdstat_evalsha:calls=(\d+)/m.exec(await admin.info("commandstats"))?.[1] ?? 0);
}

/** Commands so far, those that scripts have called included. */
async function callsOf({ admin }: PrivateRedis): Promise<number> {
  const stats = await admin.info("commandstats");
  let calls = 0;
  for (const [, name, count] of stats.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm))
    if (name !== "info" && name !== "client|setinfo") calls += Number(count);
  return calls;
}
