import { defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { SOON, STORAGES } from "./workbench.ts";

/** Jobs that write down when they begin and go on when the test says so. */
function gated() {
  const begun: string[] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const gate = (name: string) => {
    const found = gates.get(name) ?? Promise.withResolvers<void>();
    gates.set(name, found);
    return found;
  };
  const sync = async (name: string): Promise<string> => {
    begun.push(name);
    await gate(name).promise;
    return name;
  };
  return { begun, sync, release: (name: string) => gate(name).resolve() };
}

describe.each(STORAGES)("a limit of jobs at a time, on %s", (_, open) => {
  test("lets the others wait in their order, holding no worker and no other job up", async () => {
    await using bench = await open();
    const { begun, sync, release } = gated();
    const jobs = defineJobs({ sync, quick: () => "quick" }, { sync: { concurrency: 1 } });
    const client = bench.client(jobs);
    const ids = await client.enqueueMany((j) => ["a", "b", "c"].map((name) => j.sync(name)));
    await bench.serve(jobs, { workerCount: 2 });
    await expect.poll(() => begun, SOON).toEqual(["a"]);
    expect(await client.get(ids[1] ?? "")).toMatchObject({
      state: "Enqueued",
      waitingFor: "limit",
      limit: { key: "sync", max: 1, whenFull: "wait" },
    });
    // Of two workers one is free: those that wait hold none.
    for (let n = 0; n < 5; n++) {
      expect(await client.result(await client.enqueue((j) => j.quick()), { timeout: "10s" })).toBe("quick");
    }
    expect(begun).toEqual(["a"]);
    release("a");
    await expect.poll(() => begun, SOON).toEqual(["a", "b"]);
    release("b");
    release("c");
    await client.result(ids[2] ?? "", { timeout: "10s" });
    expect(begun).toEqual(["a", "b", "c"]);
    expect(await bench.states(ids[2] ?? "")).toEqual(["Enqueued", "Enqueued", "Processing", "Succeeded"]);
  });

  test("holds by key: an argument tells accounts apart, and names share one", async () => {
    await using bench = await open();
    const { begun, sync, release } = gated();
    const shared = { key: "account {0}" };
    const jobs = defineJobs(
      { sync, audit: (name: string) => sync(name) },
      { sync: { concurrency: shared }, audit: { concurrency: shared } },
    );
    const client = bench.client(jobs);
    await bench.serve(jobs);
    const first = await client.enqueue((j) => j.sync("one"));
    const other = await client.enqueue((j) => j.sync("two"));
    const second = await client.enqueue((j) => j.audit("one"));
    await expect.poll(() => begun.toSorted(), SOON).toEqual(["one", "two"]);
    expect(await client.get(second)).toMatchObject({ waitingFor: "limit", limit: { key: "account one" } });
    release("two");
    expect(await client.result(other, { timeout: "10s" })).toBe("two");
    expect(begun).toHaveLength(2);
    release("one");
    await client.result(first, { timeout: "10s" });
    expect(await client.result(second, { timeout: "10s" })).toBe("one");
  });

  test("may be more than one", async () => {
    await using bench = await open();
    const { begun, sync, release } = gated();
    const jobs = defineJobs({ sync }, { sync: { concurrency: 2 } });
    const client = bench.client(jobs);
    await bench.serve(jobs);
    const ids = await client.enqueueMany((j) => ["a", "b", "c"].map((name) => j.sync(name)));
    await expect.poll(() => begun.toSorted(), SOON).toEqual(["a", "b"]);
    expect(await client.get(ids[2] ?? "")).toMatchObject({ waitingFor: "limit" });
    for (const name of ["b", "a", "c"]) release(name);
    expect(await client.result(ids[2] ?? "", { timeout: "10s" })).toBe("c");
  });

  test("skips what would be one too many, and says so", async () => {
    await using bench = await open();
    const { begun, sync, release } = gated();
    const jobs = defineJobs({ sync }, { sync: { concurrency: { whenFull: "skip" } } });
    const client = bench.client(jobs);
    await bench.serve(jobs);
    const first = await client.enqueue((j) => j.sync("a"));
    await expect.poll(() => begun, SOON).toEqual(["a"]);
    const skipped = await client.enqueue((j) => j.sync("b"));
    expect((await client.get(skipped))?.history).toMatchObject([
      { state: "Enqueued" },
      { state: "Deleted", reason: "Skipped: no permit of its key was free" },
    ]);
    release("a");
    await client.result(first, { timeout: "10s" });
    const next = await client.enqueue((j) => j.sync("a"));
    expect(await client.result(next, { timeout: "10s" })).toBe("a");
    expect(begun).toEqual(["a", "a"]);
  });

  test("gives its permit back between retries: a job that waits for its time holds nobody up", async () => {
    await using bench = await open();
    const { begun, sync, release } = gated();
    const fail = async (name: string) => {
      await sync(name);
      throw new Error("no route");
    };
    const jobs = defineJobs(
      { sync, fail },
      { "*": { concurrency: { key: "one" } }, fail: { retry: { retries: 1, delays: ["1h"] } } },
    );
    const client = bench.client(jobs);
    await bench.serve(jobs);
    const failing = await client.enqueue((j) => j.fail("failing"));
    const waiting = await client.enqueue((j) => j.sync("waiting"));
    await expect.poll(() => begun, SOON).toEqual(["failing"]);
    release("failing");
    await bench.reaches(failing, "Scheduled");
    await expect.poll(() => begun, SOON).toEqual(["failing", "waiting"]);
    release("waiting");
    expect(await client.result(waiting, { timeout: "10s" })).toBe("waiting");
    await client.requeue(failing);
    await bench.reaches(failing, "Failed");
  });

  test("refuses a key that the arguments leave empty; nothing is stored", async () => {
    await using bench = await open();
    const jobs = defineJobs({ sync: (_: string) => {} }, { sync: { concurrency: { key: "{0}" } } });
    const client = bench.client(jobs);
    await expect(client.enqueue((j) => j.sync(""))).rejects.toMatchObject({ code: "FL_INVALID_OPTIONS" });
    expect((await bench.storage.counts()).Enqueued).toBe(0);
  });
});
