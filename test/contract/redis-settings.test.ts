import { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import { RedisStorage } from "../../src/drivers/redis/storage.ts";
import type { Signal, Storage } from "../../src/storage/index.ts";
import { newJob } from "../../src/testing/contract/builders.ts";
import { isInstalled, PrivateRedis } from "./private-redis.ts";

const SOON = { timeout: 15_000, interval: 10 };

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
