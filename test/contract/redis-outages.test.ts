import { inspect } from "node:util";
import { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import { RedisStorage } from "../../src/drivers/redis/storage.ts";
import type { InsertOutcome, NewJob, Signal, Storage } from "../../src/storage/index.ts";
import { announcement, newJob, newJobs, PROCESSING } from "../../src/testing/contract/builders.ts";
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

  test("to hold more than its memory takes no job in, and still settles what runs", async () => {
    await using redis = await PrivateRedis.start();
    await using storage = new RedisStorage(redis.url);
    const { incarnation } = announcement();
    await storage.announce(announcement({ incarnation }));
    await storage.insert([newJob()]);
    const request = { incarnation, entry: PROCESSING, queues: ["default"], slots: 1, buffer: 0 };
    const [job] = await storage.claim(request);
    await redis.admin.config("SET", "maxmemory", 1);
    await expect(storage.insert([newJob()])).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
    expect(await storage.heartbeat(incarnation)).toBe(true);
    const change = {
      id: job?.id ?? "",
      fence: job?.fence ?? 0,
      state: "Succeeded",
      entry: "",
      past: "",
    } as const;
    expect(await storage.commit([change])).toEqual(["applied"]);
    expect(await storage.counts()).toMatchObject({ Enqueued: 0, Succeeded: 1 });
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

describe.skipIf(!isInstalled)("what a Redis is set to", () => {
  test("is told as durability", async () => {
    for (const [args, level, setting] of [
      [["--appendonly", "no"], "os", /appendonly=no/],
      [["--appendonly", "yes", "--appendfsync", "everysec"], "os", /appendfsync=everysec/],
      [["--appendonly", "yes", "--appendfsync", "always"], "fsync", /appendfsync=always/],
    ] as const) {
      await using redis = await PrivateRedis.start(...args);
      await using storage = new RedisStorage(redis.url);
      await storage.ready;
      expect(storage.durability).toEqual({ level, setting: expect.stringMatching(setting) });
    }
  });

  test("is told as far as the user may ask", async () => {
    await using redis = await PrivateRedis.start("--appendonly", "yes");
    // What the guide says that a user needs.
    const rights = ["~{firelater}*", "&{firelater}:signals", "+@all", "-@dangerous", "+info"];
    await redis.admin.acl("SETUSER", "app", "on", ">pw", "resetchannels", ...rights);
    await using storage = new RedisStorage(`redis://app:pw@127.0.0.1:${redis.port}`);
    const heard = listen(storage);
    await storage.insert([newJob()]);
    await expect.poll(() => heard, SOON).toContain("ready");
    await expect
      .poll(() => redis.admin.pubsub("NUMSUB", "{firelater}:signals"), SOON)
      .toEqual([expect.anything(), 1]);
    expect(storage.durability).toEqual({ level: "os", setting: expect.stringContaining("not readable") });
  });

  test("may not be to evict jobs, unless somebody takes the risk", async () => {
    await using redis = await PrivateRedis.start("--maxmemory-policy", "allkeys-lru");
    await using storage = new RedisStorage(redis.url);
    await expect(storage.ready).rejects.toMatchObject({ code: "FL_INVALID_STORAGE_OPTIONS" });
    await expect(storage.insert([newJob()])).rejects.toThrow(/maxmemory-policy allkeys-lru/);
    await using daring = new RedisStorage(redis.url, { allowEviction: true });
    await expect(daring.insert([newJob()])).resolves.toEqual([{ outcome: "inserted" }]);
  });

  test("a client's settings are used, the client itself is left alone", async () => {
    await using redis = await PrivateRedis.start();
    const client = new Redis(redis.url, { lazyConnect: true });
    const storage = new RedisStorage({ client });
    expect(await storage.insert([newJob()])).toEqual([{ outcome: "inserted" }]);
    expect(storage.leaseThread()).toBeUndefined();
    await storage.close();
    expect(client.status).toBe("wait");
  });
});

describe.skipIf(!isInstalled)("what others write", () => {
  test("is heard again after the connection broke, and that something may have been missed", async () => {
    await using redis = await PrivateRedis.start();
    await using storage = new RedisStorage(redis.url);
    await using other = new RedisStorage(redis.url);
    const heard = listen(other);
    await expect.poll(() => heard, SOON).toContain("changed");
    await storage.insert([newJob()]);
    await expect.poll(() => heard, SOON).toContain("ready");
    heard.length = 0;
    await redis.admin.call("CLIENT", "KILL", "TYPE", "pubsub");
    await expect.poll(() => heard, SOON).toContain("changed");
    await expect
      .poll(() => redis.admin.pubsub("NUMSUB", "{firelater}:signals"), SOON)
      .toEqual([expect.anything(), 1]);
    await storage.insert([newJob()]);
    await expect.poll(() => heard, SOON).toContain("ready");
  });

  test("is looked for where the user may not listen or publish", async () => {
    await using redis = await PrivateRedis.start();
    await redis.admin.acl("SETUSER", "app", "on", ">pw", "~*", "resetchannels", "+@all");
    await using storage = new RedisStorage(`redis://app:pw@127.0.0.1:${redis.port}`);
    const heard = listen(storage);
    await expect.poll(() => heard.filter((kind) => kind === "changed").length, SOON).toBeGreaterThan(2);
    await expect(storage.insert([newJob()])).resolves.toEqual([{ outcome: "inserted" }]);
    await expect.poll(() => heard, SOON).toContain("ready");
  });
});

function listen(storage: Storage): Signal["kind"][] {
  const heard: Signal["kind"][] = [];
  storage.subscribe(({ kind }) => heard.push(kind));
  return heard;
}

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
