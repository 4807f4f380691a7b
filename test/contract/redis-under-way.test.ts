/** What becomes of jobs that are stored, run and settled while their Redis is away for a while. */
import { setTimeout as delay } from "node:timers/promises";
import { BackgroundJobClient, BackgroundJobServer, defineJobs, type Logger } from "firelater";
import { RedisStorage } from "firelater/redis";
import { expect, test } from "vitest";
import { newId } from "../../src/base/ids.ts";
import { isInstalled, PrivateRedis } from "./private-redis.ts";

const JOBS = 1_500;
const LONG = { timeout: 60_000, interval: 50 };
const DURABLE = ["--appendonly", "yes", "--appendfsync", "always"];

const DISTURBANCES: Readonly<Record<string, (redis: PrivateRedis) => Promise<void>>> = {
  async "stands still for five seconds"(redis) {
    redis.freeze();
    await delay(5_000);
    redis.thaw();
  },
  async "loses all its connections, five times"(redis) {
    for (let nth = 0; nth < 5; nth++) {
      await redis.breakConnections();
      await delay(50);
    }
  },
  async "dies and is started again"(redis) {
    await redis.stop();
    await delay(500);
    await redis.start();
  },
};

test.skipIf(!isInstalled).each(Object.entries(DISTURBANCES))(
  "a Redis that %s under way loses no job, and nobody waits in silence",
  async (_, disturb) => {
    await using redis = await PrivateRedis.start(...DURABLE);
    await using storage = new RedisStorage(redis.url, { timeout: "1s" });
    const ran = new Set<string>();
    const jobs = defineJobs({ note: (id: string) => void ran.add(id) });
    const complaints: string[] = [];
    const logger = listening(complaints);
    await using client = new BackgroundJobClient({ storage, jobs, logger });
    await using server = new BackgroundJobServer({ storage, jobs, logger, pollingInterval: "200ms" });
    await server.started;

    const ids = Array.from({ length: JOBS }, () => newId());
    let refused = 0;
    const storing = inParallel(20, ids, async (id) => {
      while (true) {
        try {
          await client.enqueue((j) => j.note(id), { id });
          return;
        } catch (error) {
          // With an id of its own a call may be made again, whatever became of it.
          expect(error).toMatchObject({ code: "FL_STORAGE_FAILED" });
          refused++;
        }
      }
    });
    await expect.poll(() => ran.size, LONG).toBeGreaterThan(JOBS / 10);
    await disturb(redis);
    await storing;

    await expect
      .poll(() => storage.counts().catch(() => {}), LONG)
      .toMatchObject({ Succeeded: JOBS, Enqueued: 0, Processing: 0, Failed: 0 });
    expect([...ran].sort()).toEqual(ids.sort());
    expect(refused + complaints.length).toBeGreaterThan(0);
    // It goes on as if nothing had been.
    const last = await client.enqueue((j) => j.note("last"));
    await client.result(last, { timeout: "20s" });
  },
  120_000,
);

async function inParallel<T>(
  callers: number,
  items: readonly T[],
  act: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (const item of left) await act(item);
    }),
  );
}

function listening(complaints: string[]): Logger {
  const hear = (message: string) => void complaints.push(message);
  return { debug() {}, info() {}, warn: hear, error: hear };
}
