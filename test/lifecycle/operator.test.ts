import { type BackgroundJobClient, currentJob, defineJobs, type JobState } from "firelater";
import { describe, expect, test } from "vitest";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

const jobs = defineJobs(
  {
    tick: async () => "done",
    fail: async () => {
      throw new Error("no");
    },
    hold: () =>
      new Promise<void>((_, reject) => {
        const { signal } = currentJob();
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  },
  { "*": { retry: false } },
);
type Client = BackgroundJobClient<typeof jobs>;

/** How to bring a job into each state, with a server where one is needed. */
const INTO: Record<JobState, (client: Client, bench: Workbench) => Promise<string>> = {
  Enqueued: (client) => client.enqueue((j) => j.tick()),
  Scheduled: (client) => client.delay((j) => j.tick(), "1h"),
  Awaiting: async (client) => client.continueWith(await client.delay((j) => j.tick(), "1h"), (j) => j.tick()),
  Processing: (client, bench) => served(bench, "Processing", () => client.enqueue((j) => j.hold())),
  Succeeded: (client, bench) => served(bench, "Succeeded", () => client.enqueue((j) => j.tick())),
  Failed: (client, bench) => served(bench, "Failed", () => client.enqueue((j) => j.fail())),
  Deleted: async (client) => {
    const id = await client.delay((j) => j.tick(), "1h");
    await client.delete(id);
    return id;
  },
};

/** Runs a job until it is in this state; then its server takes nothing more. */
async function served(bench: Workbench, state: JobState, enqueue: () => Promise<string>): Promise<string> {
  const server = await bench.serve(jobs);
  const id = await enqueue();
  await bench.reaches(id, state);
  await server.quiet();
  return id;
}

const states = Object.keys(INTO) as JobState[];

describe.each(STORAGES)("from outside, on %s", (_, open) => {
  test.each(states)("a job that is %s can be requeued", async (state) => {
    await using bench = await open();
    const client = bench.client(jobs);
    const id = await INTO[state](client, bench);
    expect(await client.requeue(id)).toBe(true);
    const job = await client.get(id);
    expect(job).toMatchObject({ state: "Enqueued", waitingFor: null });
    expect(job?.history.at(-1)).toMatchObject({ state: "Enqueued", reason: "Requeued" });
  });

  test.each(states)("a job that is %s can be deleted", async (state) => {
    await using bench = await open();
    const client = bench.client(jobs);
    const id = await INTO[state](client, bench);
    expect(await client.delete(id)).toBe(true);
    const job = await client.get(id);
    expect(job).toMatchObject({ state: "Deleted", waitingFor: null });
    expect(job?.history.at(-1)).toMatchObject({ state: "Deleted", reason: "Deleted by a client" });
  });

  test.each(states)("a job that is %s can be rescheduled", async (state) => {
    await using bench = await open();
    const client = bench.client(jobs);
    const id = await INTO[state](client, bench);
    expect(await client.reschedule(id, { minutes: 5 })).toBe(true);
    const job = await client.get(id);
    expect(job).toMatchObject({ state: "Scheduled", waitingFor: "due" });
    expect(Number(job?.dueAt) - Number(job?.history.at(-1)?.at)).toBe(300_000);
  });

  test("a job that is gone cannot be changed", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const id = "00000000-0000-4000-8000-000000000000";
    expect([await client.requeue(id), await client.delete(id), await client.reschedule(id, "1s")]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test("counters follow every change", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    for (const state of ["Enqueued", "Scheduled", "Awaiting", "Deleted"] as const)
      await INTO[state](client, bench);
    const { Enqueued, Scheduled, Awaiting, Deleted } = await bench.storage.counts();
    expect({ Enqueued, Scheduled, Awaiting, Deleted }).toEqual({
      Enqueued: 1,
      Scheduled: 2,
      Awaiting: 1,
      Deleted: 1,
    });
  });
});

describe.each([
  ["delete", "FL_JOB_CANCELLED"],
  ["requeue", "FL_CLAIM_LOST"],
] as const)("to %s a job that runs", (change, code) => {
  test("aborts its signal soon; what it comes to is not accepted", async () => {
    await using bench = await Workbench.onSqlite();
    const reasons: unknown[] = [];
    const gate = Promise.withResolvers<void>();
    const running = defineJobs({
      async work() {
        const { signal } = currentJob();
        signal.addEventListener("abort", () => reasons.push(signal.reason));
        await gate.promise;
        return "not accepted";
      },
    });
    const client = bench.client(running);
    const server = await bench.serve(running);
    const id = await client.enqueue((j) => j.work());
    await bench.reaches(id, "Processing");
    await server.quiet();
    await client[change](id);
    await expect.poll(() => reasons, SOON).toMatchObject([{ code }]);
    gate.resolve();
    await expect.poll(() => bench.logger.texts("warn", "was not accepted").length, SOON).toBe(1);
    expect(await bench.state(id)).toBe(change === "delete" ? "Deleted" : "Enqueued");
  });
});

test("a run that ends after its job was requeued and has started again is not accepted", async () => {
  await using bench = await Workbench.onSqlite();
  const gates = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  let runs = 0;
  const gated = defineJobs({ work: async () => gates[runs++]?.promise });
  const client = bench.client(gated);
  await bench.serve(gated);
  const id = await client.enqueue((j) => j.work());
  await expect.poll(() => runs, SOON).toBe(1);
  await client.requeue(id);
  await expect.poll(() => runs, SOON).toBe(2);
  gates[0]?.resolve("first");
  await expect.poll(() => bench.logger.texts("warn", "was not accepted").length, SOON).toBe(1);
  expect(await bench.state(id)).toBe("Processing");
  gates[1]?.resolve("second");
  expect(await client.result(id, { timeout: "10s" })).toBe("second");
});

test("a job that succeeded and is requeued runs again and gets its new result", async () => {
  await using bench = await Workbench.onSqlite();
  let run = 0;
  const counting = defineJobs({ count: async () => ++run });
  const client = bench.client(counting);
  await bench.serve(counting);
  const id = await client.enqueue((j) => j.count());
  expect(await client.result(id)).toBe(1);
  await client.requeue(id);
  await expect.poll(() => client.result(id), SOON).toBe(2);
});
