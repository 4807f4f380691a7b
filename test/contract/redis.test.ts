import { Redis } from "ioredis";
import { describe, test } from "vitest";
import { newId } from "../../src/base/ids.ts";
import { RedisStorage } from "../../src/drivers/redis/storage.ts";
import { storageContract } from "../../src/testing/contract/index.ts";

const url = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";

async function open() {
  const prefix = `firelater-test:${newId()}`;
  const handles: RedisStorage[] = [];
  const handle = () => {
    const storage = new RedisStorage(url, { prefix });
    handles.push(storage);
    return storage;
  };
  return {
    storage: handle(),
    another: async () => handle(),
    async dispose() {
      for (const storage of handles) await storage.close();
      await removeKeys(prefix);
    },
  };
}

/** Exactly what this test has made: its prefix is random, and nothing else begins with it. */
async function removeKeys(prefix: string): Promise<void> {
  const client = new Redis(url);
  for await (const keys of client.scanStream({ match: `{${prefix}}:*`, count: 1_000 })) {
    if (keys.length > 0) await client.unlink(...keys);
  }
  client.disconnect();
}

async function answers(): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null, connectTimeout: 2_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.ping()) === "PONG";
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

if (await answers()) {
  storageContract({ describe, test }, { open });
} else {
  console.log("skipped: no Redis answers at REDIS_URL (default redis://127.0.0.1:6379)");
  test.skip("no Redis answers", () => {});
}
