import { currentJob, defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

const jobsThat = (run: () => unknown = () => undefined) => defineJobs({ tick: async () => void run() });

describe.each(STORAGES)("a delayed job, on %s", (_, open) => {
  test("never starts before its time, by the storage's clock, and soon after it", async () => {
    await using bench = await open();
    const jobs = jobsThat();
    const client = bench.client(jobs);
    await bench.serve(jobs);
    const delays = Array.from({ length: 40 }, (_, n) => 20 + n * 7);
    const ids = await Promise.all(delays.map((delay) => client.delay((j) => j.tick(), `${delay}ms`)));
    for (const id of ids) await bench.reaches(id, "Succeeded");
    for (const [index, id] of ids.entries()) {
      const job = await client.get(id);
      const at = (state: string) => Number(job?.history.find((entry) => entry.state === state)?.at);
      expect(Number(job?.dueAt)).toBe(at("Scheduled") + (delays[index] ?? 0));
      expect(at("Enqueued")).toBeGreaterThanOrEqual(Number(job?.dueAt));
      expect(at("Processing")).toBeGreaterThanOrEqual(Number(job?.dueAt));
    }
  });

  test("is seen as Scheduled until then, with its reason and time", async () => {
    await using bench = await open();
    const jobs = jobsThat();
    const client = bench.client(jobs);
    await bench.serve(jobs);
    const id = await client.delay((j) => j.tick(), { days: 1 });
    const job = await client.get(id);
    expect(job).toMatchObject({ state: "Scheduled", waitingFor: "due" });
    expect(Number(job?.dueAt) - Number(job?.createdAt)).toBe(86_400_000);
    expect(job?.history).toMatchObject([{ state: "Scheduled", delay: 86_400_000 }]);
  });
});

test("a job that is due sooner than the next known one is not overslept", async () => {
  await using bench = await Workbench.onSqlite();
  const started: number[] = [];
  const jobs = jobsThat(() => started.push(Date.now()));
  const client = bench.client(jobs);
  await bench.serve(jobs, { pollingInterval: "1h" });
  await client.delay((j) => j.tick(), "1h");
  await client.delay((j) => j.tick(), "50ms");
  await expect.poll(() => started.length, SOON).toBe(1);
});

test("a time in the past runs at once, and its history says that it was scheduled", async () => {
  await using bench = await Workbench.onSqlite();
  const jobs = jobsThat();
  const client = bench.client(jobs);
  await bench.serve(jobs);
  const id = await client.schedule((j) => j.tick(), new Date("2001-01-01"));
  await bench.reaches(id, "Succeeded");
  expect(await bench.states(id)).toEqual(["Scheduled", "Enqueued", "Processing", "Succeeded"]);
});

test("jobs that are due at the same time start in the order in which they were due", async () => {
  await using bench = Workbench.inMemory();
  const order: number[] = [];
  const jobs = defineJobs({ note: async (n: number) => void order.push(n) });
  const client = bench.client(jobs);
  const at = Date.now() - 10_000;
  for (const n of [3, 1, 2]) await client.schedule((j) => j.note(n), new Date(at + n));
  await bench.serve(jobs, { workerCount: 1 });
  await expect.poll(() => order, SOON).toEqual([1, 2, 3]);
});

test("a retry does not move the time that the job is for", async () => {
  await using bench = Workbench.inMemory();
  const seen: string[] = [];
  const due = async (at: Date) => {
    seen.push(at.toISOString(), currentJob().dueAt.toISOString());
    if (currentJob().attempt < 3) throw new Error("not yet");
  };
  const jobs = defineJobs({ due }, { due: { retry: { delays: ["1ms"] } } });
  const client = bench.client(jobs);
  await bench.serve(jobs);
  const at = new Date(Date.now() + 30);
  await client.result(await client.schedule((j, job) => j.due(job.dueAt), at), { timeout: "10s" });
  expect(seen).toEqual(Array.from({ length: 6 }, () => at.toISOString()));
});

test("a job knows when it was due", async () => {
  await using bench = Workbench.inMemory();
  const jobs = defineJobs({ due: async (at: Date) => at.toISOString() });
  const client = bench.client(jobs);
  await bench.serve(jobs);
  const at = new Date(Date.now() + 30);
  const id = await client.schedule((j, job) => j.due(job.dueAt), at);
  expect(await client.result(id, { timeout: "10s" })).toBe(at.toISOString());
});
