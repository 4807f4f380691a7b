import { defineJobs, type EnqueueOptions } from "firelater";
import { describe, expect, test } from "vitest";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

type Stored = readonly [what: string, options?: EnqueueOptions];

/** Stores jobs, runs them one at a time, and tells the order in which they started. */
async function startsOf(bench: Workbench, queues: string[], stored: readonly Stored[]): Promise<string[]> {
  const started: string[] = [];
  const jobs = defineJobs({ note: async (what: string) => void started.push(what) });
  const client = bench.client(jobs);
  for (const [what, options] of stored) await client.enqueue((j) => j.note(what), options);
  await bench.serve(jobs, { queues, workerCount: 1 });
  await expect.poll(() => started.length, SOON).toBe(stored.length);
  return started;
}

describe.each(STORAGES)("jobs that wait, on %s", (_, open) => {
  test("start in the order in which they were stored", async () => {
    await using bench = await open();
    const names = Array.from({ length: 30 }, (_, n) => `n${n}`);
    expect(
      await startsOf(
        bench,
        ["default"],
        names.map((name) => [name]),
      ),
    ).toEqual(names);
  });

  test("of a higher priority start first, equals in their order", async () => {
    await using bench = await open();
    const stored: Stored[] = [
      ["low", { priority: -1 }],
      ["normal 1"],
      ["urgent", { priority: 32_767 }],
      ["normal 2", { priority: 0 }],
      ["high", { priority: 5 }],
    ];
    expect(await startsOf(bench, ["default"], stored)).toEqual([
      "urgent",
      "high",
      "normal 1",
      "normal 2",
      "low",
    ]);
  });

  test("start queue by queue in the server's order, whatever the names and priorities", async () => {
    await using bench = await open();
    const stored: Stored[] = [
      ["a1", { queue: "a", priority: 9 }],
      ["z1", { queue: "z" }],
      ["m1", { queue: "m" }],
      ["z2", { queue: "z" }],
    ];
    expect(await startsOf(bench, ["z", "m", "a"], stored)).toEqual(["z1", "z2", "m1", "a1"]);
  });

  test("of queues that the server does not serve stay where they are", async () => {
    await using bench = await open();
    const jobs = defineJobs({ note: async () => {} });
    const client = bench.client(jobs);
    const other = await client.enqueue((j) => j.note(), { queue: "other" });
    const own = await client.enqueue((j) => j.note());
    await bench.serve(jobs);
    await bench.reaches(own, "Succeeded");
    expect(await bench.states(other)).toEqual(["Enqueued"]);
  });
});

test("no more jobs run at once than the server has workers, and all of them do", async () => {
  await using bench = await Workbench.onSqlite();
  let running = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  const jobs = defineJobs({
    hold: async () => {
      most = Math.max(most, ++running);
      await gate.promise;
      running--;
    },
  });
  const client = bench.client(jobs);
  await client.enqueueMany((j) => Array.from({ length: 30 }, () => j.hold()));
  await bench.serve(jobs, { workerCount: 7 });
  await expect.poll(() => running, SOON).toBe(7);
  gate.resolve();
  await expect.poll(() => bench.storage.counts().then(({ Succeeded }) => Succeeded), SOON).toBe(30);
  expect(most).toBe(7);
});
