import { currentJob, defineJobs, JobTimeoutError } from "firelater";
import { expect, test } from "vitest";
import { SOON, Workbench } from "./workbench.ts";

/** Ends when its signal is aborted, by throwing the reason. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("a run that takes too long is told so by its signal, counts as failed, and is retried", async () => {
  await using bench = await Workbench.onSqlite();
  const reasons: unknown[] = [];
  const jobs = defineJobs(
    {
      async slow() {
        const { signal, attempt } = currentJob();
        if (attempt === 2) return "second time";
        signal.addEventListener("abort", () => reasons.push(signal.reason));
        return untilAborted(signal);
      },
    },
    { slow: { timeout: "50ms", retry: { delays: ["0ms"] } } },
  );
  const client = bench.client(jobs);
  await bench.serve(jobs);
  const id = await client.enqueue((j) => j.slow());
  expect(await client.result(id, { timeout: "10s" })).toBe("second time");
  expect(reasons).toEqual([expect.any(JobTimeoutError)]);
  const failed = (await client.get(id))?.history.find(({ state }) => state === "Failed");
  expect(failed).toMatchObject({ error: { type: "JobTimeoutError", code: "FL_JOB_TIMEOUT" } });
});

test("a run that ignores its signal fails all the same, and what it still does is not accepted", async () => {
  await using bench = await Workbench.onSqlite();
  const gate = Promise.withResolvers<string>();
  const jobs = defineJobs({ deaf: () => gate.promise }, { deaf: { timeout: "30ms", retry: false } });
  const client = bench.client(jobs);
  await bench.serve(jobs);
  const id = await client.enqueue((j) => j.deaf());
  await bench.reaches(id, "Failed");
  const before = await bench.storage.get([id]);
  gate.resolve("too late");
  const next = await client.enqueue((j) => j.deaf());
  await client.result(next, { timeout: "10s" });
  expect(await bench.storage.get([id])).toEqual(before);
});

test("the time that a failed run took makes its slot free at once", async () => {
  await using bench = Workbench.inMemory();
  const jobs = defineJobs(
    { deaf: () => new Promise<void>(() => {}), quick: async () => "quick" },
    { deaf: { timeout: "30ms", retry: false } },
  );
  const client = bench.client(jobs);
  await bench.serve(jobs, { workerCount: 1 });
  await client.enqueue((j) => j.deaf());
  const id = await client.enqueue((j) => j.quick());
  expect(await client.result(id, { timeout: "10s" })).toBe("quick");
});

test("a timeout longer than a timer can count does not end the run at once", async () => {
  await using bench = Workbench.inMemory();
  const jobs = defineJobs(
    { patient: () => new Promise<string>((resolve) => setTimeout(resolve, 30, "done")) },
    { patient: { timeout: "30d", retry: false } },
  );
  const client = bench.client(jobs);
  await bench.serve(jobs);
  const id = await client.enqueue((j) => j.patient());
  expect(await client.result(id, { timeout: "10s" })).toBe("done");
});

test("a run without a timeout has a signal that nobody aborts", async () => {
  await using bench = Workbench.inMemory();
  const signals: AbortSignal[] = [];
  const jobs = defineJobs({ plain: async (signal: AbortSignal) => void signals.push(signal) });
  const client = bench.client(jobs);
  await bench.serve(jobs);
  await client.result(await client.enqueue((j, job) => j.plain(job.signal)), { timeout: "10s" });
  await expect.poll(() => signals.length, SOON).toBe(1);
  expect(signals[0]?.aborted).toBe(false);
});
