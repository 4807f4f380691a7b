import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { RedisStorage } from "../../src/drivers/redis/storage.ts";
import type { LeaseThreadMessage } from "../../src/storage/index.ts";
import { announcement } from "../../src/testing/contract/builders.ts";
import { isInstalled, PrivateRedis } from "./private-redis.ts";

const SOON = { timeout: 15_000, interval: 10 };

test.skipIf(!isInstalled)(
  "a lease is renewed while the event loop is blocked, until it is judged",
  async () => {
    await using redis = await PrivateRedis.start();
    await using storage = new RedisStorage(redis.url);
    const server = announcement({ timeoutMs: 1_000 });
    await storage.announce(server);
    await using thread = new Thread(storage, server.incarnation);
    await expect.poll(() => thread.said, SOON).toContain("renewed");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500);
    expect(await storage.servers()).toMatchObject([{ incarnation: server.incarnation, live: true }]);
    await redis.breakConnections();
    thread.said.length = 0;
    await expect.poll(() => thread.said, SOON).toContain("renewed");
    await storage.retire(server.incarnation);
    await expect.poll(() => thread.said, SOON).toContain("judged");
  },
);

test.skipIf(!isInstalled)("a thread that cannot renew says so, and renews once it can", async () => {
  await using redis = await PrivateRedis.start("--appendonly", "yes", "--appendfsync", "always");
  await using storage = new RedisStorage(redis.url, { timeout: "300ms" });
  const server = announcement();
  await storage.announce(server);
  await using thread = new Thread(storage, server.incarnation);
  await expect.poll(() => thread.said, SOON).toContain("renewed");
  await redis.stop();
  await expect.poll(() => thread.said, SOON).toContain("failed");
  await redis.start();
  thread.said.length = 0;
  await expect.poll(() => thread.said, SOON).toContain("renewed");
});

/** The thread of a server, as the server runs it. */
class Thread implements AsyncDisposable {
  readonly said: LeaseThreadMessage["kind"][] = [];
  readonly #worker: Worker;

  constructor(storage: RedisStorage, incarnation: string) {
    const { url, workerData } = storage.leaseThread() ?? expect.fail("made from a URL, it has one");
    this.#worker = new Worker(url, { workerData: { ...workerData, incarnation, intervalMs: 50 } });
    this.#worker.on("message", ({ kind }: LeaseThreadMessage) => void this.said.push(kind));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#worker, "exit");
    await this.#worker.terminate();
    await exited;
  }
}
