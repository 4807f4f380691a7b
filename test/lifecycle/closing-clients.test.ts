import { setTimeout } from "node:timers/promises";
import { type BackgroundJobClient, defineJobs } from "firelater";
import { MemoryStorage } from "firelater/memory";
import { describe, expect, test } from "vitest";
import type { Verb } from "./breakable-storage.ts";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

const jobs = defineJobs({ tick: async (_: number) => {} });
type Client = BackgroundJobClient<typeof jobs>;

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
const closed = (stored = 0) => expect.objectContaining({ code: "FL_CLIENT_CLOSED", stored });

/** Whether a promise is still open a few turns later. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol("pending");
  return (await Promise.race([promise.catch(() => {}), setTimeout(20, pending)])) === pending;
}

describe.each(STORAGES)("close, on %s", (_, open) => {
  test("waits for every call under way, and for a list as a whole", async () => {
    await using bench = await open();
    await bench.storage.ready;
    const client = bench.client(jobs);
    const release = bench.broken.hold("insert");
    const many = client.enqueueMany((j) => numbers(2_500).map((n) => j.tick(n)));
    const one = client.enqueue((j) => j.tick(1));
    const closing = client.close();
    const again = client.close();
    await expect(client.enqueue((j) => j.tick(2))).rejects.toEqual(closed());
    expect(await isPending(closing)).toBe(true);
    expect(await isPending(again)).toBe(true);
    release();
    await Promise.all([closing, again]);
    expect(await isPending(many)).toBe(false);
    expect(new Set(await many).size).toBe(2_500);
    await one;
    expect((await bench.storage.counts()).Enqueued).toBe(2_501);
  });

  test.each<[Verb, (client: Client, id: string) => Promise<unknown>, unknown]>([
    ["get", async (client, id) => (await client.get(id))?.id, "id"],
    ["commit", (client, id) => client.requeue(id), true],
    ["commit", (client, id) => client.delete(id), true],
    ["commit", (client, id) => client.reschedule(id, "1h"), true],
  ])("waits for a call that waits for %s", async (verb, call, expected) => {
    await using bench = await open();
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.tick(1));
    const release = bench.broken.hold(verb);
    const called = call(client, id);
    const closing = client.close();
    expect(await isPending(closing)).toBe(true);
    release();
    await closing;
    expect(await called).toBe(expected === "id" ? id : expected);
  });
});

test("close waits for a call whose arguments are being checked, and that call is stored", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const args = {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate: async (value: unknown) => {
        await promise;
        return { value: value as [number] };
      },
    },
  };
  const checked = defineJobs({ tick: async (_: number) => {} }, { tick: { args } });
  await using bench = Workbench.inMemory();
  const client = bench.client(checked);
  const call = client.enqueue((j) => j.tick(1));
  const closing = client.close();
  expect(await isPending(closing)).toBe(true);
  resolve();
  await closing;
  expect(await bench.state(await call)).toBe("Enqueued");
});

describe("close ends an enqueueMany that may be endless, which says how many it has stored", () => {
  /** Writes of a thousand, a turn each. */
  class Slow extends MemoryStorage {
    override async insert(...args: Parameters<MemoryStorage["insert"]>) {
      await setTimeout(5);
      return super.insert(...args);
    }
  }
  async function cutShort(calls: Parameters<Client["enqueueMany"]>[0]): Promise<void> {
    await using bench = Workbench.inMemory();
    const storage = new Slow();
    const client = bench.client(jobs, storage);
    const many = client.enqueueMany(calls);
    const ended = expect(many).rejects.toMatchObject({ code: "FL_CLIENT_CLOSED" });
    await expect.poll(async () => (await storage.counts()).Enqueued, SOON).toBeGreaterThan(0);
    await client.close();
    await ended;
    const { Enqueued } = await storage.counts();
    await expect(many).rejects.toEqual(closed(Enqueued));
    await expect(many).rejects.toThrow(`${Enqueued} were stored`);
  }

  test("of a generator", () =>
    cutShort(function* (j) {
      for (let n = 0; ; n++) yield j.tick(n);
    }));

  test("of an async generator", () =>
    cutShort(async function* (j) {
      for (let n = 0; ; n++) yield j.tick(n);
    }));

  test("of a stream that falls silent, whose last calls are stored", () =>
    cutShort(async function* (j) {
      for (const n of numbers(1_010)) yield j.tick(n);
      await new Promise<never>(() => {});
    }));

  test("but not one that has just given its last", async () => {
    const exactly = new MemoryStorage().manifest.maxRows;
    for (const count of [1, exactly]) {
      await using bench = Workbench.inMemory();
      const client = bench.client(jobs);
      const release = bench.broken.hold("insert");
      const all = [
        client.enqueueMany(function* (j) {
          for (const n of numbers(count)) yield j.tick(n);
        }),
        client.enqueueMany(async function* (j) {
          for (const n of numbers(count)) yield j.tick(n);
        }),
      ];
      await expect.poll(() => bench.broken.calls.get("insert"), SOON).toBe(1);
      // The async generator is being read meanwhile: it has given its last when both wait for their writes.
      await setTimeout(50);
      const closing = client.close();
      release();
      await closing;
      for (const ids of await Promise.all(all)) expect(ids).toHaveLength(count);
    }
  });

  test("closing what gave the calls", async () => {
    await using bench = Workbench.inMemory();
    const client = bench.client(jobs, new Slow());
    const left: string[] = [];
    const many = [
      client.enqueueMany(function* (j) {
        try {
          for (let n = 0; ; n++) yield j.tick(n);
        } finally {
          left.push("generator");
        }
      }),
      client.enqueueMany(async function* (j) {
        try {
          for (let n = 0; ; n++) yield j.tick(n);
        } finally {
          left.push("async generator");
        }
      }),
    ];
    await setTimeout(10);
    await Promise.all([client.close(), Promise.allSettled(many)]);
    await expect.poll(() => left.toSorted(), SOON).toEqual(["async generator", "generator"]);
  });
});
