import { currentJob, defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import type { Verb } from "./breakable-storage.ts";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

/** Every call that a working server makes. Announcing is part of starting, which rejects. */
const VERBS: readonly Verb[] = [
  "claim",
  "adopt",
  "held",
  "giveBack",
  "commit",
  "append",
  "heartbeat",
  "recover",
  "check",
  "promote",
  "release",
  "parents",
  "servers",
  "expire",
];

const jobs = defineJobs(
  {
    async work(n: number) {
      currentJob().log(`working on ${n}`);
      await new Promise((resolve) => setTimeout(resolve, n % 3));
      if (currentJob().attempt === 1 && n % 5 === 0) throw new Error("once");
      return n;
    },
    after: async (result: number) => result + 1,
  },
  { work: { retry: { delays: ["0ms", "20ms"] } } },
);

/** Jobs of all kinds: ready, delayed, retried, continued. */
async function enqueueAll(bench: Workbench): Promise<string[]> {
  const client = bench.client(jobs);
  const ready = await client.enqueueMany((j) => Array.from({ length: 40 }, (_, n) => j.work(n)));
  const delayed = await client.delay((j) => j.work(1), "300ms");
  const after = await client.continueWith(delayed, (j, { result }) => j.after(result as number));
  return [...ready, delayed, after];
}

describe.each(STORAGES)("a storage whose calls fail now and then, on %s", (_, open) => {
  test.each(VERBS.flatMap((verb) => [[verb, "before"] as const, [verb, "after"] as const]))(
    "%s failing %s it has written loses no job, ends no loop and completes nothing twice",
    async (verb, when) => {
      await using bench = await open();
      const ids = await enqueueAll(bench);
      bench.broken.fail(verb, { when, times: 2 });
      await bench.serve(jobs, { workerCount: 5 });
      await expect
        .poll(async () => (await bench.storage.counts().catch(() => ({ Succeeded: 0 }))).Succeeded, SOON)
        .toBe(ids.length);
      for (const id of ids) {
        const states = await bench.states(id);
        expect(states.filter((state) => state === "Succeeded")).toHaveLength(1);
      }
      // A commit whose answer was lost is sent again, and the storage knows it, unless the job has moved on since.
      const final = ids.filter((_id, n) => n >= 40 || n % 5 !== 0);
      expect(final.filter((id) => bench.logger.texts("warn", `${id} (`).length > 0)).toEqual([]);
      const rows = await bench.storage.get(ids);
      expect(rows.map(({ failures }) => failures)).toEqual(
        ids.map((_id, n) => (n < 40 && n % 5 === 0 ? 1 : 0)),
      );
      // The server is still at work.
      const client = bench.client(jobs);
      expect(await client.result(await client.enqueue((j) => j.work(2)), { timeout: "10s" })).toBe(2);
    },
  );
});

test("a storage that is down for a while is waited for, without hammering it", async () => {
  await using bench = await Workbench.onSqlite();
  const client = bench.client(jobs);
  await bench.serve(jobs);
  const calls = () => bench.broken.calls.get("claim") ?? 0;
  const before = calls();
  bench.broken.fail("claim", { times: 4 });
  const ids = await client.enqueueMany((j) => Array.from({ length: 20 }, (_, n) => j.work(n)));
  await expect.poll(async () => (await bench.storage.counts()).Succeeded, SOON).toBe(ids.length);
  expect(bench.broken.isSpent).toBe(true);
  expect(calls() - before).toBeLessThan(200);
  expect(bench.logger.texts("warn", "fetching jobs failed").length).toBe(4);
});

test("finished work is kept while the storage is down, and stored once it is back", async () => {
  await using bench = await Workbench.onSqlite();
  let runs = 0;
  const counting = defineJobs({ count: async () => ++runs });
  const client = bench.client(counting);
  bench.broken.fail("commit", { times: 5 });
  await bench.serve(counting);
  const id = await client.enqueue((j) => j.count());
  expect(await client.result(id, { timeout: "15s" })).toBe(1);
  expect(runs).toBe(1);
});
