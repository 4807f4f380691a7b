import { defineJobs, FirelaterError } from "firelater";
import { describe, expect, test } from "vitest";
import { STORAGES, Workbench } from "./workbench.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";
const jobs = defineJobs(
  {
    give: async (value: unknown) => value as never,
    nothing: async () => {},
    fail: async () => {
      throw new RangeError("out of range");
    },
  },
  { "*": { retry: false } },
);

describe.each(STORAGES)("result, on %s", (_, open) => {
  test("gives what the job returned, also later and also to several", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(jobs);
    const value = { rows: 2, at: new Date(0), big: 12n, map: new Map([[1, "a"]]) };
    const id = await client.enqueue((j) => j.give(value));
    const [first, second] = await Promise.all([client.result(id), client.result(id)]);
    expect(first).toEqual(value);
    expect(second).toEqual(value);
    expect(second).not.toBe(first);
    expect(await client.result(id)).toEqual(value);
  });

  test("is undefined for a job that returns nothing", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(jobs);
    expect(await client.result(await client.enqueue((j) => j.nothing()))).toBeUndefined();
  });

  test("rejects when the job has failed, was deleted, or is not there", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(jobs);
    const failed = await client.enqueue((j) => j.fail());
    await expect(client.result(failed)).rejects.toMatchObject({
      code: "FL_JOB_FAILED",
      message: expect.stringContaining("RangeError: out of range"),
    });
    const deleted = await client.delay((j) => j.nothing(), "1h");
    await client.delete(deleted);
    await expect(client.result(deleted)).rejects.toMatchObject({ code: "FL_JOB_DELETED" });
    await expect(client.result(NOBODY)).rejects.toMatchObject({ code: "FL_JOB_NOT_FOUND" });
  });

  test("ends the wait when its time is up, or its signal says so; the job goes on", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.give(5));
    await expect(client.result(id, { timeout: "30ms" })).rejects.toMatchObject({ code: "FL_RESULT_TIMEOUT" });
    const reason = new Error("never mind");
    await expect(client.result(id, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await bench.serve(jobs);
    expect(await client.result(id)).toBe(5);
  });
});

test("results that are asked for one after another all come", async () => {
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  await bench.serve(jobs);
  // Each wait begins while the one before is ending: none of them may be forgotten.
  for (let n = 0; n < 300; n++) {
    const id = await client.enqueue((j) => j.give(n));
    for (let depth = 0; depth < n % 12; depth++) await null;
    expect(await client.result(id, { timeout: "5s" })).toBe(n);
  }
});

test("a result of another process comes, too", async () => {
  await using bench = await Workbench.onSqlite();
  await bench.serve(jobs, { storage: bench.another() });
  const client = bench.client(jobs);
  expect(await client.result(await client.enqueue((j) => j.give("far")), { timeout: "10s" })).toBe("far");
});

test("a result that cannot be stored is said to be so: the job has succeeded all the same", async () => {
  await using bench = await Workbench.onSqlite();
  const odd = defineJobs({ odd: async () => (() => 1) as never, large: async () => "x".repeat(10_000) });
  const client = bench.client(odd);
  await bench.serve(odd, { maxResultBytes: 1_000 });
  for (const id of [await client.enqueue((j) => j.odd()), await client.enqueue((j) => j.large())]) {
    await expect(client.result(id)).rejects.toMatchObject({ code: "FL_RESULT_NOT_STORED" });
    expect(await bench.states(id)).toEqual(["Enqueued", "Processing", "Succeeded"]);
  }
});

test("a client that is closed ends the waits for results with its own error", async () => {
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  const waiting = client.result(await client.enqueue((j) => j.nothing()));
  const ended = expect(waiting).rejects.toBeInstanceOf(FirelaterError);
  await client.close();
  await ended;
});

test("a storage that fails while a result is awaited rejects the wait", async () => {
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  const id = await client.enqueue((j) => j.nothing());
  bench.broken.fail("get");
  await expect(client.result(id)).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
});
