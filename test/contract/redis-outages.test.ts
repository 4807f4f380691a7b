import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { RedisStorage } from "../../src/drivers/redis/storage.ts";
import type { InsertOutcome, NewJob, Storage } from "../../src/storage/index.ts";
import { announcement, newJob, newJobs, PROCESSING } from "../../src/testing/contract/builders.ts";
import { FreezingProxy } from "./freezing-proxy.ts";
import { isInstalled, PrivateRedis } from "./private-redis.ts";

const SOON = { timeout: 15_000, interval: 10 };

describe.skipIf(!isInstalled)("a Redis that is away", () => {
  test("may come up after the storage was made", async () => {
    await using redis = await PrivateRedis.reserve();
    await using storage = new RedisStorage(redis.url);
    const stored = storage.insert([newJob()]);
    await redis.start();
    await expect(stored).resolves.toEqual([{ outcome: "inserted" }]);
    await storage.ready;
  });

  test("fails every call in time, with a code; once it is there the same storage works", async () => {
    await using redis = await PrivateRedis.reserve();
    await using storage = new RedisStorage(redis.url, { timeout: "300ms" });
    await expect(storage.ready).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
    await expect(storage.counts()).rejects.toThrow(/failed to open.*ECONNREFUSED/);
    await redis.start();
    await expect
      .poll(() => storage.insert([newJob()]).catch(() => {}), SOON)
      .toEqual([{ outcome: "inserted" }]);
  });

  test("and comes back: what was stored once is stored once, and nobody waits for ever", async () => {
    await using redis = await PrivateRedis.start("--appendonly", "yes", "--appendfsync", "always");
    await using storage = new RedisStorage(redis.url, { timeout: "5s" });
    const jobs = newJobs(200);
    const storing = Promise.all(jobs.map((job) => storeOnce(storage, job)));
    await redis.stop();
    await redis.start();
    await storing;
    expect((await storage.counts()).Enqueued).toBe(jobs.length);
  });

  test("whose connections break again and again loses nothing and stores nothing twice", async () => {
    await using redis = await PrivateRedis.start();
    await using storage = new RedisStorage(redis.url);
    await storage.ready;
    for (let round = 0; round < 30; round++) {
      const storing = Promise.all(newJobs(5).map((job) => storeOnce(storage, job)));
      await redis.breakConnections();
      await storing;
    }
    expect((await storage.counts()).Enqueued).toBe(150);
  });

  test("takes no job for somebody who never hears of it: what a lost claim took is held", async () => {
    await using redis = await PrivateRedis.start();
    await using storage = new RedisStorage(redis.url);
    const server = announcement();
    await storage.announce(server);
    await storage.insert(newJobs(60));
    const { incarnation } = server;
    const request = { incarnation, entry: PROCESSING, queues: ["default"], slots: 3, buffer: 0 };
    const heard: string[] = [];
    for (let round = 0; round < 20; round++) {
      const claiming = storage.claim(request).then(
        (jobs) => void heard.push(...jobs.map(({ id }) => id)),
        () => {},
      );
      await redis.breakConnections();
      await claiming;
    }
    const held = (await storage.held(incarnation)).map(({ id }) => id);
    expect(new Set(heard).size).toBe(heard.length);
    expect(held).toEqual(expect.arrayContaining(heard));
    // Whatever the broken connections swallowed was asked once: a second time would have taken more.
    expect(held.length).toBeLessThanOrEqual(60);
    expect((await storage.counts()).Processing).toBe(held.length);
  });

  test("is not asked again for a claim that it never got: nobody would know of its jobs", async () => {
    await using redis = await PrivateRedis.start();
    await using storage = new RedisStorage(redis.url);
    const server = announcement();
    await storage.announce(server);
    await storage.insert(newJobs(3));
    const { incarnation } = server;
    await redis.admin.client("PAUSE", 60_000, "WRITE");
    const claim = { incarnation, entry: PROCESSING, queues: ["default"], slots: 3, buffer: 0 };
    const claiming = storage.claim(claim).catch((error: unknown) => error);
    await expect.poll(() => redis.blockedClients(), SOON).toBe(1);
    await redis.breakConnections();
    expect(await claiming).toMatchObject({ code: "FL_STORAGE_FAILED" });
    await redis.admin.client("UNPAUSE");
    await storage.heartbeat(incarnation);
    expect(await storage.held(incarnation)).toEqual([]);
  });

  test("behind a connection that has fallen silent is found over a new one", async () => {
    await using redis = await PrivateRedis.start();
    await using proxy = await FreezingProxy.before(redis.port);
    await using storage = new RedisStorage(`redis://127.0.0.1:${proxy.port}`, { timeout: "400ms" });
    await storage.ready;
    proxy.freeze();
    await expect(storage.insert([newJob()])).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
    await expect
      .poll(() => storage.insert([newJob()]).catch(() => {}), SOON)
      .toEqual([{ outcome: "inserted" }]);
  });

  test("that does not answer fails calls in time, and works once it answers", async () => {
    await using redis = await PrivateRedis.start();
    await using storage = new RedisStorage(redis.url, { timeout: "400ms" });
    await storage.ready;
    await redis.admin.client("PAUSE", 1_500, "ALL");
    const from = performance.now();
    await expect(storage.insert([newJob()])).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
    expect(performance.now() - from).toBeLessThan(1_400);
    await expect
      .poll(() => storage.insert([newJob()]).catch(() => {}), SOON)
      .toEqual([{ outcome: "inserted" }]);
  });

  test("forgets scripts, and is given them again", async () => {
    await using redis = await PrivateRedis.start();
    await using storage = new RedisStorage(redis.url);
    await storage.insert([newJob()]);
    await redis.admin.script("FLUSH");
    await storage.insert([newJob()]);
    expect((await storage.counts()).Enqueued).toBe(2);
  });
});

describe.skipIf(!isInstalled)("a Redis that refuses", () => {
  test("a password is told at once, and never shown", async () => {
    await using redis = await PrivateRedis.start("--requirepass", "right");
    const url = `redis://user:s3cr3t-wrong@127.0.0.1:${redis.port}`;
    await using storage = new RedisStorage(url, { timeout: "10s" });
    const from = performance.now();
    const error: unknown = await storage.ready.catch((reason: unknown) => reason);
    expect(performance.now() - from).toBeLessThan(5_000);
    expect(error).toMatchObject({ code: "FL_STORAGE_FAILED" });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cr3t");
    expect(storage.name).toBe(`redis://127.0.0.1:${redis.port}/0#firelater`);
    await expect(storage.counts()).rejects.toThrow(/WRONGPASS/);
  });

  test("more clients than it may have fails calls in time, with a code; once there is room they work", async () => {
    await using redis = await PrivateRedis.start();
    await redis.admin.config("SET", "maxclients", 1);
    await using storage = new RedisStorage(redis.url, { timeout: "400ms" });
    await expect(storage.insert([newJob()])).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
    expect(await redis.admin.info("stats")).toMatch(/rejected_connections:[1-9]/);
    await redis.admin.config("SET", "maxclients", 100);
    await expect
      .poll(() => storage.insert([newJob()]).catch(() => {}), SOON)
      .toEqual([{ outcome: "inserted" }]);
  });

  test("what a user may not do is told before anything is written", async () => {
    await using redis = await PrivateRedis.start();
    for (const missing of ["-zadd", "-hset", "-incrby", "-evalsha", "-del"]) {
      await redis.admin.acl("SETUSER", "app", "reset", "on", ">pw", "~*", "&*", "+@all", missing);
      await using storage = new RedisStorage(`redis://app:pw@127.0.0.1:${redis.port}`, { timeout: "2s" });
      const [one, other] = [newJob({ due: { in: 60_000 } }), newJob({ parameters: "{}" })];
      const outcome = await storage.insert([one, other]).catch((error: unknown) => error);
      expect(outcome, missing).toMatchObject({ code: "FL_STORAGE_FAILED" });
      expect(await redis.admin.keys("*job*"), missing).toEqual([]);
    }
  });

  test("writes while it is a replica: they wait until it is none", async () => {
    await using redis = await PrivateRedis.start();
    await using storage = new RedisStorage(redis.url);
    await storage.ready;
    await redis.admin.replicaof("127.0.0.1", redis.port === 1 ? 2 : 1);
    const stored = storage.insert([newJob()]);
    await expect(
      Promise.race([stored, new Promise((resolve) => setTimeout(resolve, 300, "waits"))]),
    ).resolves.toBe("waits");
    await redis.admin.replicaof("NO", "ONE");
    await expect(stored).resolves.toEqual([{ outcome: "inserted" }]);
  });

  test("writes because another one is the primary now: that one is found behind the same address", async () => {
    await using former = await PrivateRedis.start();
    await using primary = await PrivateRedis.start();
    await using proxy = await FreezingProxy.before(former.port);
    await using storage = new RedisStorage(`redis://127.0.0.1:${proxy.port}`);
    await storage.ready;
    proxy.target = primary.port;
    await former.admin.replicaof("127.0.0.1", primary.port);
    expect(await storage.insert([newJob()])).toEqual([{ outcome: "inserted" }]);
    expect(await primary.admin.dbsize()).toBeGreaterThan(0);
  });

  test("to hold more than its memory takes no job in, and still runs and removes those it has", async () => {
    await using redis = await PrivateRedis.start();
    await using storage = new RedisStorage(redis.url);
    const { incarnation } = announcement();
    await storage.announce(announcement({ incarnation }));
    await storage.insert(newJobs(2));
    const claim = { incarnation, entry: PROCESSING, queues: ["default"], slots: 1, buffer: 0 };
    const running = await storage.claim(claim);
    await redis.admin.config("SET", "maxmemory", 1);
    await expect(storage.insert([newJob()])).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
    expect(await storage.heartbeat(incarnation)).toBe(true);
    await storage.admin.pauseQueue("default", "full");
    expect(await storage.admin.command(incarnation, "quiet")).toBe(true);
    expect(await storage.admin.report(incarnation, "{}")).toBe("quiet");
    expect(await storage.admin.resumeQueue("default")).toBe(true);
    expect(await storage.giveBack(running)).toEqual(["applied"]);
    for (const count of [1, 2]) {
      const [job] = await storage.claim(claim);
      expect(job).toBeDefined();
      const change = {
        id: job?.id ?? "",
        fence: job?.fence ?? 0,
        state: "Succeeded",
        entry: "",
        past: "",
      } as const;
      expect(await storage.commit([change])).toEqual(["applied"]);
      expect(await storage.counts()).toMatchObject({ Enqueued: 2 - count, Succeeded: count });
    }
    const retention = { state: "Succeeded", ageMs: null, count: 0 } as const;
    expect(await storage.expire({ retention, limit: 9 })).toEqual({ expired: 2, next: null });
  });

  test("the keys of another node of its cluster: the storage goes there", async () => {
    await using here = await PrivateRedis.start("--cluster-enabled", "yes");
    await using there = await PrivateRedis.start("--cluster-enabled", "yes");
    await there.admin.cluster("ADDSLOTSRANGE", 0, 16_383);
    await here.admin.cluster("MEET", "127.0.0.1", there.port);
    await expect.poll(() => here.admin.cluster("INFO"), SOON).toContain("cluster_state:ok");
    await using storage = new RedisStorage(here.url);
    expect(await storage.insert([newJob()])).toEqual([{ outcome: "inserted" }]);
    expect(await there.admin.dbsize()).toBeGreaterThan(0);
  });
});

/** Stores a job whose id makes every further attempt harmless, until somebody says that it is there. */
async function storeOnce(storage: Storage, job: NewJob): Promise<InsertOutcome> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const [outcome] = await storage.insert([job]).catch((error: unknown) => {
      expect(error).toMatchObject({ code: "FL_STORAGE_FAILED" });
      return [];
    });
    if (outcome !== undefined) return outcome;
  }
  throw new Error("the job was never stored");
}
