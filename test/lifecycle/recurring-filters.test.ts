import { currentJob, defineJobs, type JobFilter } from "firelater";
import { describe, expect, test } from "vitest";
import { slotsOf } from "./firings.ts";
import { SOON, STORAGES } from "./workbench.ts";

const EVERY_SECOND = "* * * * * *";

describe.each(STORAGES)("the filters of a recurring job, on %s", (_, open) => {
  test("that cancel leave no job of the slot, and the schedule goes on", async () => {
    await using bench = await open();
    const cancelled: unknown[] = [];
    let isClosed = true;
    const watching: JobFilter = {
      onCreated: (context) => {
        if (context.cancelled) cancelled.push(context.job.name);
      },
    };
    const closed: JobFilter = { onCreating: ({ cancel }) => (isClosed ? cancel("closed") : undefined) };
    const jobs = defineJobs({ tick: async (_: Date) => {} });
    await bench.serve(jobs, { filters: [watching, closed] });
    const recurring = bench.recurring(jobs);
    await recurring.addOrUpdate("tick", (j, job) => j.tick(job.dueAt), EVERY_SECOND);

    await expect.poll(() => cancelled.length, SOON).toBeGreaterThan(1);
    const before = await recurring.get("tick");
    expect(before).toMatchObject({
      state: "active",
      lastJobId: null,
      error: null,
      lastRun: expect.any(Date),
    });
    isClosed = false;
    await expect.poll(async () => (await slotsOf(bench.storage, "tick")).length, SOON).toBeGreaterThan(0);
    const [first = 0] = await slotsOf(bench.storage, "tick");
    expect(first).toBeGreaterThan(Number(before?.lastRun));
    expect((await recurring.get("tick"))?.lastJobId).toEqual(expect.any(String));
  });

  test("that put a job of a slot off leave it the time of its slot, before it is stored and before it runs", async () => {
    await using bench = await open();
    const seen: (readonly [dueAt: number, slot: number])[] = [];
    const putOff: JobFilter = {
      onStateElection({ from, candidate, elect, traversed, job }) {
        if (job.parameters.get("putOff") === from || traversed.length > 0) return;
        if (candidate.state === "Succeeded" || candidate.state === "Failed") return;
        job.parameters.set("putOff", from);
        elect({ state: "Scheduled", delay: "1ms" });
      },
    };
    const jobs = defineJobs(
      { tick: async (dueAt: Date) => void seen.push([Number(dueAt), Number(currentJob().dueAt)]) },
      { tick: { filters: [putOff] } },
    );
    await bench.serve(jobs);
    await bench.recurring(jobs).addOrUpdate("tick", (j, job) => j.tick(job.dueAt), EVERY_SECOND);
    await expect.poll(() => seen.length, SOON).toBeGreaterThan(0);
    const [dueAt = 1, known] = seen[0] ?? [];
    expect([dueAt % 1_000, known]).toEqual([0, dueAt]);
  });

  test("that throw make it fail visibly, and lose no slot", async () => {
    await using bench = await open();
    const broken: JobFilter = {
      onCreating() {
        throw new Error("the tenant is not known");
      },
    };
    const jobs = defineJobs({ tick: async () => {} }, { tick: { filters: [broken] } });
    await bench.serve(jobs);
    const recurring = bench.recurring(jobs);
    await recurring.addOrUpdate("tick", (j) => j.tick(), EVERY_SECOND);
    await expect.poll(async () => (await recurring.get("tick"))?.error?.message, SOON).toContain("not known");
    expect(await slotsOf(bench.storage, "tick")).toEqual([]);
  });
});
