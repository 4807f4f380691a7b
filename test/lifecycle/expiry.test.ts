import { currentJob, defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { SOON, STORAGES } from "./workbench.ts";

const jobs = defineJobs(
  {
    async tick() {
      currentJob().log("tick");
      return 1;
    },
    add: async (n: number) => n + 1,
    fail: async () => {
      throw new Error("no");
    },
  },
  { fail: { retry: false } },
);

describe.each(STORAGES)("finished jobs, on %s", (_, open) => {
  test("beyond the newest count go, the oldest first, with all that was kept beside them", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const first = await bench.serve(jobs, { workerCount: 1 });
    const ids = await client.enqueueMany((j) => Array.from({ length: 30 }, () => j.tick()));
    await expect.poll(async () => (await bench.storage.counts()).Succeeded, SOON).toBe(30);
    await first.stop();
    await bench.serve(jobs, { retention: { succeeded: { count: 10 } } });
    await expect.poll(async () => (await bench.storage.counts()).Succeeded, SOON).toBe(10);
    const left = await bench.storage.get(ids);
    expect(left.map(({ id }) => id)).toEqual(ids.slice(20));
    expect(await bench.storage.appendices(ids[0] ?? "")).toEqual({ logs: [], progress: null });
    expect((await bench.storage.appendices(ids[29] ?? "")).logs).toHaveLength(1);
  });

  test("older than the age go; Failed ones wait for a person", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const first = await bench.serve(jobs);
    const done = await client.enqueue((j) => j.tick());
    const failed = await client.enqueue((j) => j.fail());
    const deleted = await client.delay((j) => j.tick(), "1h");
    await client.delete(deleted);
    await bench.reaches(done, "Succeeded");
    await bench.reaches(failed, "Failed");
    await first.stop();
    await bench.serve(jobs, { retention: { succeeded: "1ms", deleted: { age: "1ms" } } });
    await expect.poll(() => bench.storage.get([done, deleted]), SOON).toEqual([]);
    expect(await bench.state(failed)).toBe("Failed");
    expect(await client.get(done)).toBeNull();
  });

  test("stay while a child may still ask for their result", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const first = await bench.serve(jobs);
    const parent = await client.enqueue((j) => j.tick());
    const slow = await client.delay((j) => j.tick(), "1h");
    const child = await client.continueWith([parent, slow], (j, [one]) => j.add(one.result));
    const other = await client.enqueue((j) => j.tick());
    await bench.reaches(parent, "Succeeded");
    await bench.reaches(other, "Succeeded");
    await first.stop();
    await bench.serve(jobs, { retention: { succeeded: { count: 0 } } });
    await expect.poll(() => bench.state(other), SOON).toBeUndefined();
    expect(await bench.state(parent)).toBe("Succeeded");
    expect(await bench.state(child)).toBe("Awaiting");
  });

  test("are kept for ever when that is asked for", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(jobs, { retention: { succeeded: "forever", deleted: { count: 0 } } });
    const done = await client.enqueue((j) => j.tick());
    await bench.reaches(done, "Succeeded");
    const gone = await client.delay((j) => j.tick(), "1h");
    await client.delete(gone);
    const next = await bench.serve(jobs, {
      name: "next",
      retention: { succeeded: "forever", deleted: { count: 0 } },
    });
    await expect.poll(() => bench.state(gone), SOON).toBeUndefined();
    await next.stop();
    expect(await bench.state(done)).toBe("Succeeded");
  });
});
