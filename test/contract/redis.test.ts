import { Redis } from "ioredis";
import { describe, test } from "vitest";
import { newId } from "../../src/base/ids.ts";
import { RedisStorage } from "../../src/drivers/redis/storage.ts";
import type { Storage } from "../../src/storage/index.ts";
import { CORE_SECTIONS, storageContract } from "../../src/testing/contract/index.ts";

const url = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";

/** The verbs that the driver lacks so far. The core sections call none of them. */
class CoreStorage extends RedisStorage implements Storage {
  readonly durability: Storage["durability"] = { level: "os", setting: "not looked at yet" };
  readonly ready: Promise<void> = Promise.resolve();
  readonly held: Storage["held"] = missing;
  readonly park: Storage["park"] = missing;
  readonly adopt: Storage["adopt"] = missing;
  readonly blame: Storage["blame"] = missing;
  readonly append: Storage["append"] = missing;
  readonly retire: Storage["retire"] = missing;
  readonly check: Storage["check"] = missing;
  readonly appendices: Storage["appendices"] = missing;
  readonly parents: Storage["parents"] = missing;
  readonly list: Storage["list"] = missing;
  readonly counts: Storage["counts"] = missing;
  readonly statistics: Storage["statistics"] = missing;
  readonly servers: Storage["servers"] = missing;
  readonly expire: Storage["expire"] = missing;
  readonly saveRecurring: Storage["saveRecurring"] = missing;
  readonly dueRecurring: Storage["dueRecurring"] = missing;
  readonly getRecurring: Storage["getRecurring"] = missing;
  readonly listRecurring: Storage["listRecurring"] = missing;

  subscribe(): () => void {
    return () => {};
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function missing(): Promise<never> {
  return Promise.reject(new Error("the Redis driver does not have this verb yet"));
}

async function open() {
  const prefix = `firelater-test:${newId()}`;
  const clients: Redis[] = [];
  const handle = () => {
    const client = new Redis(url);
    clients.push(client);
    return new CoreStorage({ client, prefix });
  };
  return {
    storage: handle(),
    another: async () => handle(),
    async dispose() {
      for (const client of clients.slice(1)) client.disconnect();
      if (clients[0] !== undefined) await removeKeys(clients[0], prefix);
      clients[0]?.disconnect();
    },
  };
}

/** Exactly what this test has made: its prefix is random, and nothing else begins with it. */
async function removeKeys(client: Redis, prefix: string): Promise<void> {
  for await (const keys of client.scanStream({ match: `{${prefix}}:*`, count: 1_000 })) {
    if (keys.length > 0) await client.unlink(...keys);
  }
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
  storageContract({ describe, test }, { open }, { sections: CORE_SECTIONS });
} else {
  console.log("skipped: no Redis answers at REDIS_URL (default redis://127.0.0.1:6379)");
  test.skip("no Redis answers", () => {});
}
