import { defineJobs, type JobFilter, type StateElectionContext } from "firelater";
import { describe, expect, test } from "vitest";
import { SOON, STORAGES } from "./workbench.ts";

type Elects = (context: StateElectionContext) => void;

const QUICK = { retry: { retries: 1, delays: ["0ms"] } } as const;
const thrown = new RangeError("out of paper");

/** A filter that elects where a server would bring the job into this state: filters of a job are asked by clients, too. */
function where(state: string, elects: Elects, over: Partial<JobFilter> = {}): JobFilter {
  return {
    ...over,
    onStateElection: (context) => {
      if (context.from === "Processing" && context.candidate.state === state) elects(context);
    },
  };
}

/** A job that fails as often as it is told, and counts its runs. */
function counting(failures = 0, filters: readonly JobFilter[] = []) {
  const runs: number[] = [];
  const jobs = defineJobs(
    {
      work: (text: string) => {
        runs.push(runs.length + 1);
        if (runs.length <= failures) throw thrown;
        return text;
      },
    },
    { work: { filters, ...QUICK } },
  );
  return { runs, jobs };
}

describe.each(STORAGES)("a state that a filter elects after a run, on %s", (_, open) => {
  test("replaces the candidate, which stands in the history before it", async () => {
    await using bench = await open();
    const { jobs } = counting(0, [
      where("Succeeded", ({ elect }) => elect({ state: "Deleted", reason: "unwanted" })),
    ]);
    await bench.serve(jobs);
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.work("a"));
    await bench.reaches(id, "Deleted");
    expect((await client.get(id))?.history).toMatchObject([
      { state: "Enqueued" },
      { state: "Processing" },
      { state: "Succeeded", result: "a" },
      { state: "Deleted", reason: "unwanted" },
    ]);
  });

  test("comes before retry at a lower order, and after it at 20", async () => {
    await using bench = await open();
    const before = counting(9, [where("Failed", ({ elect }) => elect({ state: "Deleted" }), { order: 19 })]);
    await bench.serve(before.jobs, { name: "before", queues: ["before"] });
    const early = await bench.client(before.jobs).enqueue((j) => j.work("a"), { queue: "before" });
    await bench.reaches(early, "Deleted");
    expect(await bench.states(early)).toEqual(["Enqueued", "Processing", "Failed", "Deleted"]);

    const traversed: string[][] = [];
    const after = counting(9, [
      where(
        "Enqueued",
        (context) => {
          traversed.push(context.traversed.map(({ state }) => state));
          context.elect({ state: "Scheduled", delay: "1h", reason: "throttled" });
        },
        { order: 20 },
      ),
    ]);
    await bench.serve(after.jobs, { name: "after" });
    const late = await bench.client(after.jobs).enqueue((j) => j.work("a"));
    await bench.reaches(late, "Scheduled");
    expect(await bench.states(late)).toEqual(["Enqueued", "Processing", "Failed", "Enqueued", "Scheduled"]);
    expect(traversed).toEqual([["Failed"]]);
    expect(await bench.client(after.jobs).get(late)).toMatchObject({ attempt: 2 });
  });

  test("may send the job to another queue, now or later", async () => {
    await using bench = await open();
    const slow = where("Failed", ({ elect }) => elect({ state: "Scheduled", delay: "1ms", queue: "slow" }));
    const { jobs, runs } = counting(1, [slow]);
    await bench.serve(jobs, { queues: ["default", "slow"] });
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.work("a"));
    expect(await client.result(id, { timeout: "10s" })).toBe("a");
    expect(await client.get(id)).toMatchObject({ queue: "slow" });
    expect(runs).toHaveLength(2);
  });

  test("makes a success of a failure, which has then spent no attempt", async () => {
    await using bench = await open();
    const { jobs } = counting(9, [
      where("Failed", ({ elect }) => elect({ state: "Succeeded", result: "good enough" })),
    ]);
    await bench.serve(jobs);
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.work("a"));
    expect(await client.result(id, { timeout: "10s" })).toBe("good enough");
    expect(await client.get(id)).toMatchObject({ attempt: 1 });
    expect(await bench.states(id)).toEqual(["Enqueued", "Processing", "Failed", "Succeeded"]);
  });
});

describe.each(STORAGES)("a state that a filter elects instead of Processing, on %s", (_, open) => {
  test("keeps the job from running; its parents' children and its events see it", async () => {
    await using bench = await open();
    const { jobs, runs } = counting(0, [
      where("Processing", ({ elect }) => elect({ state: "Deleted", reason: "stale" })),
    ]);
    const server = await bench.serve(jobs);
    const deleted: string[] = [];
    server.on("deleted", ({ error }) => deleted.push(error));
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.work("a"));
    await bench.reaches(id, "Deleted");
    expect(await bench.states(id)).toEqual(["Enqueued", "Processing", "Deleted"]);
    expect(runs).toEqual([]);
    await expect.poll(() => deleted, SOON).toEqual(["stale"]);
  });

  test("that is Enqueued is no interruption: the job runs in the other queue", async () => {
    await using bench = await open();
    const moved = where("Processing", ({ job, elect }) => {
      if (job.queue === "default") elect({ state: "Enqueued", queue: "slow" });
    });
    const { jobs, runs } = counting(0, [moved]);
    const server = await bench.serve(jobs, { queues: ["default", "slow"] });
    const interrupted: string[] = [];
    server.on("interrupted", ({ id }) => interrupted.push(id));
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.work("a"));
    expect(await client.result(id, { timeout: "10s" })).toBe("a");
    expect(runs).toHaveLength(1);
    expect(interrupted).toEqual([]);
    expect(await bench.states(id)).toEqual(["Enqueued", "Processing", "Enqueued", "Processing", "Succeeded"]);
  });

  test("where a filter throws the run has failed, and is retried", async () => {
    await using bench = await open();
    let asked = 0;
    const { jobs, runs } = counting(0, [
      where("Processing", () => {
        if (asked++ === 0) throw thrown;
      }),
    ]);
    await bench.serve(jobs);
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.work("a"));
    await client.result(id, { timeout: "10s" });
    expect(await bench.states(id)).toEqual([
      "Enqueued",
      "Processing",
      "Failed",
      "Enqueued",
      "Processing",
      "Succeeded",
    ]);
    expect(runs).toHaveLength(1);
  });
});

describe.each(STORAGES)("a filter that throws in an election, on %s", (_, open) => {
  test("is asked again, and nothing is seen of it when all is well then", async () => {
    await using bench = await open();
    let asked = 0;
    const { jobs, runs } = counting(0, [
      where("Succeeded", () => {
        if (asked++ === 0) throw thrown;
      }),
    ]);
    await bench.serve(jobs);
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.work("a"));
    expect(await client.result(id, { timeout: "10s" })).toBe("a");
    expect(await bench.states(id)).toEqual(["Enqueued", "Processing", "Succeeded"]);
    expect([asked, runs.length]).toEqual([2, 1]);
  });

  test("three times leaves the job Failed for a person, with what it would have become; nothing is lost", async () => {
    await using bench = await open();
    const throwing: JobFilter = {
      name: "bookkeeping",
      onStateApplied: ({ to }) => {
        if (to.state === "Succeeded") throw thrown;
      },
    };
    const { jobs, runs } = counting(0, [throwing]);
    const server = await bench.serve(jobs);
    const failed: string[] = [];
    server.on("failed", ({ error }) => failed.push(error));
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.work("a"));
    await bench.reaches(id, "Failed");
    expect((await client.get(id))?.history).toMatchObject([
      { state: "Enqueued" },
      { state: "Processing" },
      { state: "Succeeded", result: "a" },
      {
        state: "Failed",
        reason: 'Failed: the filter "bookkeeping" threw while Succeeded was elected',
        error: { type: "RangeError", message: "out of paper" },
      },
    ]);
    expect(runs).toHaveLength(1);
    await expect.poll(() => failed, SOON).toEqual(["RangeError: out of paper"]);
  });

  test("or elects what cannot be stored: the same, with the code of the mistake", async () => {
    await using bench = await open();
    const { jobs } = counting(0, [
      where("Succeeded", ({ elect }) => elect({ state: "Enqueued", queue: "No!" })),
    ]);
    await bench.serve(jobs);
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.work("a"));
    await bench.reaches(id, "Failed");
    expect((await client.get(id))?.history.at(-1)).toMatchObject({ error: { code: "FL_INVALID_QUEUE" } });
  });
});
