import { currentJob, defineJobs, JobTimeoutError } from "firelater";
import { expect, test } from "vitest";
import type { StandardSchema } from "../../src/job/standard-schema.ts";
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

test("a schema that does not answer is no longer waited for than the timeout, and the job does not begin late", async () => {
  await using bench = Workbench.inMemory();
  const answer = Promise.withResolvers<void>();
  const begun: number[] = [];
  let asked = 0;
  const slow: StandardSchema = {
    "~standard": {
      version: 1,
      vendor: "test",
      // At enqueue it answers at once.
      validate: (value: unknown) => (asked++ === 0 ? { value } : answer.promise.then(() => ({ value }))),
    },
  };
  const jobs = defineJobs(
    { work: async (n: number) => void begun.push(n), next: async () => "next" },
    { work: { timeout: "30ms", retry: false, args: slow } },
  );
  const client = bench.client(jobs);
  await bench.serve(jobs);
  const id = await client.enqueue((j) => j.work(1));
  await bench.reaches(id, "Failed");
  expect((await client.get(id))?.history.at(-1)).toMatchObject({ error: { code: "FL_JOB_TIMEOUT" } });
  answer.resolve();
  await client.result(await client.enqueue((j) => j.next()), { timeout: "10s" });
  expect(begun).toEqual([]);
});

test("parents' results that cannot be read are no longer waited for than the timeout", async () => {
  await using bench = Workbench.inMemory();
  const jobs = defineJobs(
    { first: async () => 1, after: async (n: number) => n + 1 },
    { after: { timeout: "50ms", retry: false } },
  );
  const client = bench.client(jobs);
  bench.broken.fail("parents", { times: Number.POSITIVE_INFINITY });
  await bench.serve(jobs);
  const parent = await client.enqueue((j) => j.first());
  const id = await client.continueWith(parent, (j, { result }) => j.after(result));
  await bench.reaches(id, "Failed");
  expect((await client.get(id))?.history.at(-1)).toMatchObject({ error: { code: "FL_JOB_TIMEOUT" } });
});

test("a method does not begin on an instance that came after the timeout, and the instance is disposed of", async () => {
  await using bench = Workbench.inMemory();
  const made = Promise.withResolvers<void>();
  const told: string[] = [];
  class Report {
    async build(): Promise<void> {
      told.push("built");
    }
    [Symbol.dispose](): void {
      told.push("disposed");
    }
  }
  const jobs = defineJobs({ Report }, { Report: { build: { timeout: "30ms", retry: false } } });
  const client = bench.client(jobs);
  await bench.serve(jobs, { activate: () => made.promise.then(() => new Report()) });
  const id = await client.enqueue((j) => j.Report.build());
  await bench.reaches(id, "Failed");
  made.resolve();
  await expect.poll(() => told, SOON).toEqual(["disposed"]);
});
