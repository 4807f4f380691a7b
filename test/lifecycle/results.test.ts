import { setTimeout } from "node:timers/promises";
import { BackgroundJobClient, defineJobs, FirelaterError } from "firelater";
import { MemoryStorage } from "firelater/memory";
import { describe, expect, test, vi } from "vitest";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

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

describe("a storage that fails while a result is awaited", () => {
  test("is asked again: a short outage costs no wait", async () => {
    await using bench = Workbench.inMemory();
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.give(5));
    bench.broken.fail("watch", { times: 2 });
    const waits = [client.result(id), client.result(id, { timeout: "20s" })];
    await expect.poll(() => bench.broken.isSpent, SOON).toBe(true);
    await bench.serve(jobs);
    expect(await Promise.all(waits)).toEqual([5, 5]);
  });

  test("is waited for until the timeout, which names what was wrong", async () => {
    await using bench = Workbench.inMemory();
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.nothing());
    bench.broken.fail("watch", { times: 1_000 });
    await expect(client.result(id, { timeout: "100ms" })).rejects.toMatchObject({
      code: "FL_RESULT_TIMEOUT",
      cause: { code: "FL_STORAGE_FAILED" },
    });
  });

  test("is given up after 30 seconds when there is no timeout", async () => {
    await using bench = Workbench.inMemory();
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.nothing());
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    try {
      bench.broken.fail("watch", { times: 10_000 });
      let ended: unknown;
      const patient = client.result(id, { timeout: "10m" }).catch(() => {});
      client.result(id).catch((error: unknown) => (ended = error));
      await vi.advanceTimersByTimeAsync(29_000);
      expect(ended).toBeUndefined();
      let late: unknown;
      client.result(id).catch((error: unknown) => (late = error));
      await vi.advanceTimersByTimeAsync(3_000);
      expect(ended).toMatchObject({ code: "FL_STORAGE_FAILED" });
      expect(late).toBeUndefined();
      await client.close();
      await patient;
    } finally {
      vi.useRealTimers();
    }
  });

  test("ends all waits at once when it was closed", async () => {
    await using bench = Workbench.inMemory();
    const client = bench.client(jobs);
    const waiting = client.result(await client.enqueue((j) => j.nothing()), { timeout: "1h" });
    const ended = expect(waiting).rejects.toMatchObject({ code: "FL_STORAGE_CLOSED" });
    await bench.storage.close();
    await ended;
  });
});

describe("thousands of waits", () => {
  test("let the event loop turn within a look", async () => {
    let turn = 0;
    const turns: number[] = [];
    class Counting extends MemoryStorage {
      override watch(ids: readonly string[]) {
        turns.push(turn);
        return super.watch(ids);
      }
    }
    const storage = new Counting();
    const client = new BackgroundJobClient({ storage, jobs });
    const ids = await client.enqueueMany((j) => Array.from({ length: 5_000 }, (_, n) => j.give(n)));
    let counting = true;
    const count = (): void => {
      turn++;
      if (counting) setImmediate(count);
    };
    count();
    const waits = ids.map((id) => client.result(id).catch(() => {}));
    await expect.poll(() => turns.length, SOON).toBeGreaterThan(9);
    counting = false;
    // The first look is at the first wait alone.
    expect(new Set(turns.slice(1, 6)).size).toBe(5);
    await client.close();
    await Promise.all(waits);
  });

  test("rest between their looks, however often they are woken", async () => {
    await using bench = await Workbench.onSqlite();
    const client = bench.client(jobs);
    const ids = await client.enqueueMany((j) => Array.from({ length: 10_000 }, (_, n) => j.give(n)));
    const waits = ids.map((id) => client.result(id));
    const settled = Promise.allSettled(waits);
    // Every 5 ms somebody tells that a job has ended, as a busy server does.
    const telling = setInterval(() => void client.delete(ids.at(-1) ?? ""), 5);
    await expect(waits.at(-1)).rejects.toMatchObject({ code: "FL_JOB_DELETED" });
    const before = bench.broken.calls.get("watch") ?? 0;
    await setTimeout(1_000);
    clearInterval(telling);
    const looks = ((bench.broken.calls.get("watch") ?? 0) - before) / (10_000 / 500);
    expect(looks).toBeGreaterThan(0);
    expect(looks).toBeLessThan(10);
    await client.close();
    await settled;
  });
});

test("a new wait for a finished job is answered at once, however many others wait", async () => {
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  const server = await bench.serve(jobs);
  const id = await client.enqueue((j) => j.give(1));
  await bench.reaches(id, "Succeeded");
  await server.stop();
  const ids = await client.enqueueMany((j) => Array.from({ length: 5_000 }, (_, n) => j.give(n)));
  const waits = ids.map((waiting) => client.result(waiting).catch(() => {}));
  await setTimeout(300);
  const watch = vi.spyOn(bench.storage, "watch");
  expect(await client.result(id)).toBe(1);
  // A look at all of them may be under way just then; this one gets its own.
  expect(watch.mock.calls).toContainEqual([[id]]);
  await client.close();
  await Promise.all(waits);
});
