import { defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

describe.each(STORAGES)("idempotentCompletion, on %s", (_, open) => {
  function paying(failures = 0) {
    const runs: number[] = [];
    const jobs = defineJobs(
      {
        pay: (amount: number) => {
          runs.push(amount);
          if (runs.length <= failures) throw new Error("declined");
          return { receipt: runs.length, at: new Date(0) };
        },
      },
      { pay: { idempotentCompletion: true, retry: { delays: ["0ms"] } } },
    );
    return { runs, jobs };
  }

  test("a job that has succeeded and is requeued returns to its success, without a run", async () => {
    await using bench = await open();
    const { jobs, runs } = paying();
    await bench.serve(jobs);
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.pay(5));
    const receipt = await client.result(id, { timeout: "10s" });
    expect(await client.requeue(id)).toBe(true);
    await expect
      .poll(async () => (await bench.states(id)).slice(3), SOON)
      .toEqual(["Enqueued", "Processing", "Succeeded"]);
    expect((await client.get(id))?.history.at(-1)).toMatchObject({ reason: "It has been completed before" });
    expect(await client.result(id)).toEqual(receipt);
    expect(receipt).toEqual({ receipt: 1, at: new Date(0) });
    expect(runs).toEqual([5]);
  });

  test("is written with the success: no write of its own, and none before a run that is retried has succeeded", async () => {
    await using bench = await open();
    const { jobs, runs } = paying(2);
    await bench.serve(jobs);
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.pay(5));
    await client.result(id, { timeout: "10s" });
    expect(runs).toEqual([5, 5, 5]);
    expect((await client.get(id))?.parameters).toMatchObject({ Completion: { state: "Succeeded" } });
    expect(bench.broken.calls.get("append") ?? 0).toBe(0);
  });

  test("a job that was deleted before its run does not run when it is requeued", async () => {
    await using bench = await open();
    const { jobs, runs } = paying();
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.pay(5));
    expect(await client.delete(id)).toBe(true);
    expect(await client.requeue(id)).toBe(true);
    await bench.serve(jobs);
    await bench.reaches(id, "Deleted");
    expect(await bench.states(id)).toEqual(["Enqueued", "Deleted", "Enqueued", "Processing", "Deleted"]);
    expect(runs).toEqual([]);
  });

  test("a finished job is deleted by hand as every other one", async () => {
    await using bench = await open();
    const { jobs } = paying();
    await bench.serve(jobs);
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.pay(5));
    await client.result(id, { timeout: "10s" });
    expect(await client.delete(id)).toBe(true);
    expect(await bench.state(id)).toBe("Deleted");
  });
});

describe.each(STORAGES)("latencyTimeout, on %s", (_, open) => {
  test("is measured by the storage's clock, when a server begins at last", async () => {
    await using bench = await open();
    const runs: string[] = [];
    const jobs = defineJobs({ tell: () => runs.push("told") }, { tell: { latencyTimeout: "50ms" } });
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.tell());
    const createdAt = (await client.get(id))?.createdAt.getTime() ?? 0;
    await expect.poll(() => bench.storage.now(), SOON).toBeGreaterThan(createdAt + 50);
    await bench.serve(jobs);
    await bench.reaches(id, "Deleted");
    expect(await bench.states(id)).toEqual(["Enqueued", "Processing", "Deleted"]);
    expect(runs).toEqual([]);
  });
});

describe("latencyTimeout", () => {
  function late() {
    let now = 1_700_000_000_000;
    const bench = Workbench.inMemory(() => now);
    const pass = (ms: number) => {
      now += ms;
    };
    return { bench, pass };
  }

  test("a job whose run would begin too late is Deleted, one in time runs", async () => {
    const { bench, pass } = late();
    await using _bench = bench;
    const runs: string[] = [];
    const jobs = defineJobs({ tell: (what: string) => runs.push(what) }, { tell: { latencyTimeout: "1m" } });
    const client = bench.client(jobs);
    const stale = await client.enqueue((j) => j.tell("stale"));
    pass(60_001);
    const fresh = await client.enqueue((j) => j.tell("fresh"));
    await bench.serve(jobs);
    await client.result(fresh, { timeout: "10s" });
    await bench.reaches(stale, "Deleted");
    expect(runs).toEqual(["fresh"]);
    expect((await client.get(stale))?.history.at(-1)).toMatchObject({
      reason: "Its latency timeout of 60000 ms was exceeded: the run would have begun after 60001 ms",
    });
  });

  test("counts from the time that the job is for: a delay is no lateness", async () => {
    const { bench, pass } = late();
    await using _bench = bench;
    const jobs = defineJobs({ tell: () => "told" }, { tell: { latencyTimeout: "1m" } });
    const client = bench.client(jobs);
    const id = await client.delay((j) => j.tell(), "1h");
    await bench.serve(jobs);
    pass(3_600_000);
    expect(await client.result(id, { timeout: "10s" })).toBe("told");
  });

  test("holds for retries: the time that they take is lateness, too", async () => {
    const { bench, pass } = late();
    await using _bench = bench;
    let runs = 0;
    const jobs = defineJobs(
      {
        tell: () => {
          runs++;
          pass(40_000);
          throw new Error("no route");
        },
      },
      { tell: { latencyTimeout: "1m", retry: { delays: ["0ms"] } } },
    );
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.tell());
    await bench.serve(jobs);
    await bench.reaches(id, "Deleted");
    expect(runs).toBe(2);
  });
});
