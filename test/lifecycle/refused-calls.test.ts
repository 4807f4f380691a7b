import { setTimeout } from "node:timers/promises";
import { type BackgroundJobClient, defineJobs, type JobCall } from "firelater";
import { describe, expect, test, vi } from "vitest";
import { STORAGES, Workbench } from "./workbench.ts";

const jobs = defineJobs({ tick: async (_: number) => {}, take: async (_: unknown) => {} });
type Client = BackgroundJobClient<typeof jobs>;
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

describe.each(STORAGES)("on %s", (_, open) => {
  test("enqueueMany refuses one id for all calls before it stores any, or asks for any", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const shared: object = { id: crypto.randomUUID() };
    const calls = vi.fn((): JobCall[] => []);
    await expect(client.enqueueMany(calls, shared)).rejects.toMatchObject({ code: "FL_INVALID_OPTIONS" });
    const three = client.enqueueMany((j) => numbers(3).map((n) => j.tick(n)), shared);
    await expect(three).rejects.toMatchObject({ code: "FL_INVALID_OPTIONS" });
    expect(calls).not.toHaveBeenCalled();
    expect((await bench.storage.counts()).Enqueued).toBe(0);
    const ids = numbers(3).map(() => crypto.randomUUID());
    expect(await client.enqueueMany((j) => ids.map((id, n) => [j.tick(n), { id }]))).toEqual(ids);
  });

  test("what a pair of enqueueMany leaves undefined is what all calls share", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const ids = await client.enqueueMany(
      (j) => [
        [j.tick(1), { queue: undefined, priority: undefined }],
        [j.tick(2), { queue: "own" }],
        j.tick(3),
      ],
      { queue: "shared", priority: 5 },
    );
    const placed = await Promise.all(ids.map((id) => client.get(id)));
    expect(placed.map((job) => [job?.queue, job?.priority])).toEqual([
      ["shared", 5],
      ["own", 5],
      ["shared", 5],
    ]);
  });

  test("a continuation refuses the id of one of its parents, however it is written", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const [first, second] = [await client.enqueue((j) => j.tick(1)), await client.enqueue((j) => j.tick(2))];
    await expect(
      client.continueWith([first, second], (j) => j.tick(3), { id: second.toUpperCase() }),
    ).rejects.toMatchObject({ code: "FL_INVALID_PARENTS" });
    expect((await bench.storage.counts()).Awaiting).toBe(0);
  });
});

const CALLS: Record<string, (client: Client, id: string) => Promise<unknown>> = {
  get: (client, id) => client.get(id),
  requeue: (client, id) => client.requeue(id),
  delete: (client, id) => client.delete(id),
  reschedule: (client, id) => client.reschedule(id, "1h"),
  result: (client, id) => client.result(id),
  continueWith: (client, id) => client.continueWith(id, (j) => j.tick(1)),
  "continueWith one of several": (client, id) => client.continueWith([id], (j) => j.tick(1)),
};

describe.each(Object.entries(CALLS))("%s", (_, call) => {
  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["5", 5],
    ["a promise", Promise.resolve("x")],
  ])("of %s is refused with its code, and says so", async (shown, id) => {
    await using bench = Workbench.inMemory();
    const refused = Reflect.apply(call, undefined, [bench.client(jobs), id]);
    await expect(refused).rejects.toMatchObject({
      code: "FL_INVALID_ID",
      message: expect.stringContaining(`Cannot use ${shown} as the id`),
    });
  });
});

test("large calls at the same time do not share one huge write", async () => {
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  const large = "x".repeat(1_000_000);
  await Promise.all(numbers(20).map(() => client.enqueue((j) => j.take(large))));
  expect(bench.broken.calls.get("insert")).toBe(5);
});

describe("a storage that answers at once leaves the event loop to others", () => {
  /** How late a timer was, as a part of the whole work: a bound in milliseconds would test the machine. */
  async function delayOfTimer(work: (client: Client) => Promise<unknown>): Promise<number> {
    await using bench = Workbench.inMemory();
    const asked = performance.now();
    const late = setTimeout(5).then(() => performance.now() - asked);
    await work(bench.client(jobs));
    const took = performance.now() - asked;
    expect(took).toBeGreaterThan(100);
    return (await late) / took;
  }

  test("while calls follow each other", async () => {
    const late = await delayOfTimer(async (client) => {
      for (const n of numbers(50_000)) await client.enqueue((j) => j.tick(n));
    });
    expect(late).toBeLessThan(0.25);
  });

  test("while a generator gives many", async () => {
    const late = await delayOfTimer((client) =>
      client.enqueueMany(function* (j) {
        for (const n of numbers(100_000)) yield j.tick(n);
      }),
    );
    expect(late).toBeLessThan(0.25);
  });
});
