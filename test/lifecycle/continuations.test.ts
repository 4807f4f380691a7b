import { defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";
const jobs = defineJobs(
  {
    give: async (value: number) => value,
    add: async (...values: number[]) => values.reduce((sum, value) => sum + value, 0),
    list: async (...values: number[]) => values,
    fail: async (): Promise<number> => {
      throw new Error("no");
    },
  },
  { fail: { retry: false }, add: { retry: false } },
);

describe.each(STORAGES)("a continuation, on %s", (_, open) => {
  test("runs after its parent, with its result", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const parent = await client.enqueue((j) => j.give(20));
    const child = await client.continueWith(parent, (j, { result }) => j.add(result, 1));
    expect(await client.get(child)).toMatchObject({ state: "Awaiting", waitingFor: "gate" });
    await bench.serve(jobs);
    expect(await client.result(child, { timeout: "10s" })).toBe(21);
    expect(await bench.states(child)).toEqual(["Awaiting", "Enqueued", "Processing", "Succeeded"]);
  });

  test("of many parents runs once, after the last, with their results in order", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const parents = await Promise.all([1, 10, 100, 1_000].map((n) => client.enqueue((j) => j.give(n))));
    const [a, b, c, d] = parents;
    if (a === undefined || b === undefined || c === undefined || d === undefined)
      throw new Error("no parents");
    const child = await client.continueWith([d, b, c, a], (j, [thousand, ten, hundred, one]) =>
      j.list(one.result, ten.result, hundred.result, thousand.result),
    );
    await bench.serve(jobs);
    expect(await client.result(child, { timeout: "10s" })).toEqual([1, 10, 100, 1_000]);
    expect((await bench.states(child)).filter((state) => state === "Processing")).toHaveLength(1);
  });

  test("of many parents waits for the last of them", async () => {
    await using bench = await open();
    const gate = Promise.withResolvers<void>();
    const gated = defineJobs({
      quick: async () => 1,
      slow: () => gate.promise.then(() => 2),
      add: async (...values: number[]) => values.reduce((sum, value) => sum + value, 0),
    });
    const client = bench.client(gated);
    const [quick, slow] = [await client.enqueue((j) => j.quick()), await client.enqueue((j) => j.slow())];
    const child = await client.continueWith([quick, slow], (j, [one, two]) => j.add(one.result, two.result));
    await bench.serve(gated);
    await bench.reaches(quick, "Succeeded");
    expect(await bench.state(child)).toBe("Awaiting");
    gate.resolve();
    expect(await client.result(child, { timeout: "10s" })).toBe(3);
  });

  test("of a parent that is named twice gets its result at both places", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const [a, b] = [await client.enqueue((j) => j.give(1)), await client.enqueue((j) => j.give(2))];
    const child = await client.continueWith([a, a, b], (j, [first, second, third]) =>
      j.list(first.result, second.result, third.result),
    );
    await bench.serve(jobs);
    expect(await client.result(child, { timeout: "10s" })).toEqual([1, 1, 2]);
  });

  test("of a parent that has finished runs at once", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(jobs);
    const parent = await client.enqueue((j) => j.give(5));
    await client.result(parent, { timeout: "10s" });
    const child = await client.continueWith(parent, (j, { result }) => j.add(result));
    expect(await client.result(child, { timeout: "10s" })).toBe(5);
    expect((await bench.states(child)).slice(0, 2)).toEqual(["Awaiting", "Enqueued"]);
  });

  test("waits while its parent has failed, and runs once that was requeued and succeeds", async () => {
    await using bench = await open();
    let broken = true;
    const flaky = defineJobs(
      {
        give: async () => {
          if (broken) throw new Error("no");
          return 7;
        },
        add: async (value: number) => value,
      },
      { give: { retry: false } },
    );
    const client = bench.client(flaky);
    await bench.serve(flaky);
    const parent = await client.enqueue((j) => j.give());
    const child = await client.continueWith(parent, (j, { result }) => j.add(result));
    await bench.reaches(parent, "Failed");
    expect(await bench.state(child)).toBe("Awaiting");
    broken = false;
    await client.requeue(parent);
    expect(await client.result(child, { timeout: "10s" })).toBe(7);
  });

  test("of a deleted parent is deleted, and so are its own, however deep", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const parent = await client.delay((j) => j.give(1), "1h");
    const chain = [parent];
    for (let n = 0; n < 4; n++) {
      const last = chain.at(-1) ?? parent;
      chain.push(await client.continueWith(last, (j, { result }) => j.add(result)));
    }
    await client.delete(parent);
    for (const id of chain.slice(1)) {
      const job = await client.get(id);
      expect(job?.history.at(-1)).toMatchObject({
        state: "Deleted",
        reason: "Continuation condition was not met",
      });
    }
    const late = await client.continueWith(parent, (j, { result }) => j.add(result));
    expect(await bench.states(late)).toEqual(["Awaiting", "Deleted"]);
  });

  test("of a parent that is not there is refused, and nothing is stored", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const parent = await client.delay((j) => j.give(1), "1h");
    const before = await bench.storage.counts();
    const missing = { code: "FL_PARENT_NOT_FOUND" };
    await expect(client.continueWith(NOBODY, (j) => j.give(1))).rejects.toMatchObject(missing);
    await expect(client.continueWith([parent, NOBODY], (j) => j.give(1))).rejects.toMatchObject(missing);
    expect(await bench.storage.counts()).toEqual(before);
  });

  test("is not started twice by a parent that succeeds twice", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(jobs);
    const parent = await client.enqueue((j) => j.give(3));
    const child = await client.continueWith(parent, (j, { result }) => j.add(result));
    await client.result(child, { timeout: "10s" });
    const before = await bench.states(child);
    await client.requeue(parent);
    await expect.poll(async () => (await bench.states(parent)).length, SOON).toBe(6);
    expect(await bench.states(child)).toEqual(before);
  });

  test("that is requeued before its parent is done fails for want of the result, and says so", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const parent = await client.delay((j) => j.give(1), "1h");
    const child = await client.continueWith(parent, (j, { result }) => j.add(result));
    await bench.serve(jobs);
    await client.requeue(child);
    await expect(client.result(child, { timeout: "10s" })).rejects.toThrow(
      /FL_PARENT_RESULT_GONE|result of the parent/,
    );
  });
});

test("more children than one write may ready are all run", async () => {
  await using bench = await Workbench.onSqlite();
  const client = bench.client(jobs);
  const parent = await client.enqueue((j) => j.give(2));
  const children = await Promise.all(
    Array.from({ length: 250 }, () => client.continueWith(parent, (j, { result }) => j.add(result))),
  );
  await bench.serve(jobs);
  await expect.poll(async () => (await bench.storage.counts()).Succeeded, SOON).toBe(251);
  expect(await client.result(children.at(-1) ?? parent)).toBe(2);
});
