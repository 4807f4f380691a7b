import { defineJobs, type JobFilter, type ParentError } from "firelater";
import { describe, expect, test } from "vitest";
import { STORAGES, Workbench } from "./workbench.ts";

type End = "Succeeded" | "Deleted";

const unwanted: JobFilter = { name: "unwanted", onPerforming: ({ cancel }) => cancel() };
const jobs = defineJobs(
  {
    give: (value: number) => value,
    fail: (): number => {
      throw new TypeError("no route", { cause: new Error("cable") });
    },
    cancelled: () => 1,
    report: (state: End, result: number | undefined, error?: ParentError) => [state, result, error?.message],
    reports: (...ends: (readonly [End, number | undefined])[]) => ends,
    rescue: (error: ParentError | undefined) => error,
    note: (text: string) => text,
  },
  {
    "*": { retry: { retries: 0, onExhausted: "delete" } },
    cancelled: { filters: [unwanted] },
  },
);

describe.each(STORAGES)("a continuation on deletion, on %s", (_, open) => {
  test("runs when its parent was deleted, and gets the error that led to it", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const parent = await client.enqueue((j) => j.fail());
    const rescue = await client.continueWith(parent, (j, { error }) => j.rescue(error), { on: "deleted" });
    const normal = await client.continueWith(parent, (j, { result }) => j.give(result));
    await bench.serve(jobs);
    expect(await client.result(rescue, { timeout: "10s" })).toMatchObject({
      type: "TypeError",
      message: "no route",
      cause: { message: "cable" },
    });
    await bench.reaches(normal, "Deleted");
    expect((await client.get(rescue))?.history).toMatchObject([
      { state: "Awaiting" },
      { state: "Enqueued", reason: "All parents were deleted" },
      { state: "Processing" },
      { state: "Succeeded" },
    ]);
  });

  test("gets the error of a parent that has failed for good when a person deletes it", async () => {
    await using bench = await open();
    const fail = (): number => {
      throw new RangeError("no route");
    };
    const own = defineJobs(
      { fail, tell: (error: ParentError | undefined) => error?.message },
      { fail: { retry: false } },
    );
    const client = bench.client(own);
    const parent = await client.enqueue((j) => j.fail());
    const rescue = await client.continueWith(parent, (j, { error }) => j.tell(error), { on: "deleted" });
    await bench.serve(own);
    await bench.reaches(parent, "Failed");
    expect(await client.delete(parent)).toBe(true);
    expect(await client.result(rescue, { timeout: "10s" })).toBe("no route");
  });

  test("has no error to tell of where nothing has failed: a client or a filter deleted it", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const byClient = await client.delay((j) => j.give(1), "1h");
    const byFilter = await client.enqueue((j) => j.cancelled());
    const children = [byClient, byFilter].map((parent) =>
      client.continueWith(parent, (j, { state, error }) => j.report(state, undefined, error), {
        on: "deleted",
      }),
    );
    await client.delete(byClient);
    await bench.serve(jobs);
    for (const child of await Promise.all(children)) {
      expect(await client.result(child, { timeout: "10s" })).toEqual(["Deleted", undefined, undefined]);
    }
  });

  test("is deleted itself when its parent succeeds, and so sets off those that wait for that", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const parent = await client.enqueue((j) => j.give(1));
    const rescue = await client.continueWith(parent, (j) => j.note("rescue"), { on: "deleted" });
    const last = await client.continueWith(rescue, (j) => j.note("last"), { on: "deleted" });
    await bench.serve(jobs);
    expect(await client.result(last, { timeout: "10s" })).toBe("last");
    expect((await client.get(rescue))?.history.at(-1)).toMatchObject({
      state: "Deleted",
      reason: "Continuation condition was not met",
    });
  });

  test("waits while its parent has Failed: that is no end", async () => {
    await using bench = await open();
    const failing = defineJobs(
      {
        fail: () => {
          throw new Error("no");
        },
        note: (text: string) => text,
      },
      { fail: { retry: false } },
    );
    const client = bench.client(failing);
    const parent = await client.enqueue((j) => j.fail());
    const rescue = await client.continueWith(parent, (j) => j.note("rescue"), { on: "deleted" });
    await bench.serve(failing);
    await bench.reaches(parent, "Failed");
    expect(await bench.state(rescue)).toBe("Awaiting");
    await client.delete(parent);
    expect(await client.result(rescue, { timeout: "10s" })).toBe("rescue");
  });

  test("is set off by a parent that is skipped for its limit", async () => {
    await using bench = await open();
    const once = defineJobs(
      { sync: () => {}, note: (text: string) => text },
      { sync: { concurrency: { whenFull: "skip" } } },
    );
    const client = bench.client(once);
    await client.enqueue((j) => j.sync());
    const skipped = await client.enqueue((j) => j.sync());
    const child = await client.continueWith(skipped, (j) => j.note("was skipped"), { on: "deleted" });
    await bench.serve(once);
    expect(await client.result(child, { timeout: "10s" })).toBe("was skipped");
  });
});

describe.each(STORAGES)("a continuation on any end, on %s", (_, open) => {
  test("runs either way, and is told which: a deleted parent has no result", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const parents = [await client.enqueue((j) => j.give(7)), await client.enqueue((j) => j.fail())] as const;
    const children = parents.map((parent) =>
      client.continueWith(parent, (j, { state, result, error }) => j.report(state, result, error), {
        on: "ended",
      }),
    );
    await bench.serve(jobs);
    const [succeeded = "", deleted = ""] = await Promise.all(children);
    expect(await client.result(succeeded, { timeout: "10s" })).toEqual(["Succeeded", 7, undefined]);
    expect(await client.result(deleted, { timeout: "10s" })).toEqual(["Deleted", undefined, "no route"]);
    expect((await client.get(deleted))?.history[1]).toMatchObject({ reason: "All parents have ended" });
  });

  test("of many parents waits for all of them, and knows the end of each", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const parents = [
      await client.enqueue((j) => j.give(1)),
      await client.enqueue((j) => j.fail()),
      await client.delay((j) => j.give(3), "1h"),
    ] as const;
    const child = await client.continueWith(
      parents,
      (j, [a, b, c]) => j.reports([a.state, a.result], [b.state, b.result], [c.state, c.result]),
      { on: "ended" },
    );
    await bench.serve(jobs);
    await bench.reaches(parents[1], "Deleted");
    expect(await bench.state(child)).toBe("Awaiting");
    await client.requeue(parents[2]);
    expect(await client.result(child, { timeout: "10s" })).toEqual([
      ["Succeeded", 1],
      ["Deleted", undefined],
      ["Succeeded", 3],
    ]);
  });

  test("of a parent that has ended already runs at once", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const parent = await client.enqueue((j) => j.give(1));
    await client.delete(parent);
    const child = await client.continueWith(parent, (j, { state }) => j.report(state, 0), { on: "ended" });
    await bench.serve(jobs);
    expect(await client.result(child, { timeout: "10s" })).toEqual(["Deleted", 0, undefined]);
  });
});

test("what a parent says is known only when the job runs: it cannot be read before", async () => {
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  const parent = await client.enqueue((j) => j.give(1));
  const read = client.continueWith(parent, (j, { error }) => j.note(`${error?.message}`), { on: "ended" });
  await expect(read).rejects.toMatchObject({ code: "FL_PLACEHOLDER_READ" });
});

test("a condition that does not exist is refused, and nothing is stored", async () => {
  await using bench = Workbench.inMemory();
  const client = bench.client(jobs);
  const parent = await client.delay((j) => j.give(1), "1h");
  for (const on of ["failed", "Succeeded", null, 1]) {
    const call = [parent, (j: { note(text: string): unknown }) => j.note("x"), { on }];
    await expect(Reflect.apply(client.continueWith, client, call)).rejects.toMatchObject({
      code: "FL_INVALID_OPTIONS",
      message: expect.stringContaining('"succeeded" or "deleted" or "ended"'),
    });
  }
  expect((await bench.storage.counts()).Awaiting).toBe(0);
});
