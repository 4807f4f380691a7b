import { Cron, defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { slotsOf } from "./firings.ts";
import { SOON, Workbench } from "./workbench.ts";

const at = (time: string) => Date.parse(`2026-05-04T${time}Z`);
const LONG_LEASE = { serverTimeout: "1d", heartbeatInterval: "1s" } as const;
const jobs = defineJobs({ tick: async (_: Date) => {} });

/** A storage whose clock the test moves. */
function setUp(time: string) {
  const clock = { now: at(time) };
  const bench = Workbench.inMemory(() => clock.now);
  return { clock, bench, recurring: bench.recurring(jobs) };
}

describe("an hourly schedule whose servers were away from 12:10 to 15:30", () => {
  test.each([
    ["relaxed", ["15:00:00"]],
    ["strict", ["13:00:00", "14:00:00", "15:00:00"]],
    ["ignorable", []],
  ] as const)("%s fires %j", async (misfire, times) => {
    const { clock, bench, recurring } = setUp("12:10:00");
    await using _ = bench;
    await recurring.addOrUpdate("hourly", (j, job) => j.tick(job.dueAt), Cron.hourly(), { misfire });
    clock.now = at("15:30:00");
    await bench.serve(jobs, LONG_LEASE);
    const nextRun = async () => (await recurring.get("hourly"))?.nextRun?.getTime();
    await expect.poll(nextRun, SOON).toBe(at("16:00:00"));
    expect(await slotsOf(bench.storage, "hourly")).toEqual(times.map(at));
    const last = times.at(-1);
    expect((await recurring.get("hourly"))?.lastRun).toEqual(last === undefined ? null : new Date(at(last)));
    clock.now = at("16:00:00");
    await expect.poll(nextRun, SOON).toBe(at("17:00:00"));
    expect(await slotsOf(bench.storage, "hourly")).toEqual([...times.map(at), at("16:00:00")]);
  });
});

test("strict fires each of very many missed slots, and other schedules do not wait for that", async () => {
  const { clock, bench, recurring } = setUp("12:00:00");
  await using _ = bench;
  await recurring.addOrUpdate("strict", (j, job) => j.tick(job.dueAt), "* * * * * *", { misfire: "strict" });
  await recurring.addOrUpdate("other", (j, job) => j.tick(job.dueAt), Cron.hourly(), { priority: 1 });
  clock.now = at("13:00:00");
  await bench.serve(jobs, { ...LONG_LEASE, workerCount: 1 });
  await expect.poll(async () => (await recurring.get("other"))?.lastRun, SOON).not.toBeNull();
  await expect
    .poll(async () => (await recurring.get("strict"))?.nextRun?.getTime(), SOON)
    .toBe(at("13:00:01"));
  const slots = await slotsOf(bench.storage, "strict");
  expect(slots).toEqual(Array.from({ length: 3_600 }, (_, nth) => at("12:00:01") + nth * 1_000));
});

test("nothing fires for what went by before it was added, changed or resumed", async () => {
  const { clock, bench, recurring } = setUp("12:00:00");
  await using _ = bench;
  const add = (id: string, cron: string) =>
    recurring.addOrUpdate(id, (j, job) => j.tick(job.dueAt), cron, { misfire: "strict" });
  await add("changed", Cron.hourly());
  await add("zoned", Cron.hourly());
  await add("resumed", Cron.hourly());
  await recurring.pause("resumed");
  clock.now = at("15:30:00");
  await add("added", Cron.everyMinutes(15));
  await add("changed", Cron.everyMinutes(20));
  await recurring.addOrUpdate("zoned", (j, job) => j.tick(job.dueAt), Cron.hourly(), {
    timeZone: "Asia/Kolkata",
    misfire: "strict",
  });
  await recurring.resume("resumed");
  const nextRuns = async () =>
    Object.fromEntries((await recurring.list()).map(({ id, nextRun }) => [id, nextRun?.getTime()]));
  expect(await nextRuns()).toEqual({
    added: at("15:45:00"),
    changed: at("15:40:00"),
    zoned: at("16:30:00"),
    resumed: at("16:00:00"),
  });
  await bench.serve(jobs, LONG_LEASE);
  clock.now = at("15:45:00");
  await expect.poll(async () => (await nextRuns()).added, SOON).toBe(at("16:00:00"));
  expect(await slotsOf(bench.storage, "added")).toEqual([at("15:45:00")]);
  expect(await slotsOf(bench.storage, "changed")).toEqual([at("15:40:00")]);
  expect(await slotsOf(bench.storage, "resumed")).toEqual([]);
});

test("a clock that is set back fires no slot again", async () => {
  const { clock, bench, recurring } = setUp("12:00:30");
  await using _ = bench;
  await recurring.addOrUpdate("tick", (j, job) => j.tick(job.dueAt), "* * * * *");
  await bench.serve(jobs, LONG_LEASE);
  clock.now = at("12:02:00");
  await expect.poll(() => slotsOf(bench.storage, "tick"), SOON).toEqual([at("12:02:00")]);
  for (const time of ["12:00:59", "12:01:00", "12:02:00", "12:02:59"]) {
    clock.now = at(time);
    const looks = () => bench.broken.calls.get("dueRecurring") ?? 0;
    const before = looks();
    await expect.poll(looks, SOON).toBeGreaterThan(before + 1);
  }
  clock.now = at("12:03:00");
  await expect.poll(() => slotsOf(bench.storage, "tick"), SOON).toEqual([at("12:02:00"), at("12:03:00")]);
});

test("never: nothing fires, and a trigger works", async () => {
  const { clock, bench, recurring } = setUp("12:00:00");
  await using _ = bench;
  await recurring.addOrUpdate("by hand", (j, job) => j.tick(job.dueAt), Cron.never());
  expect(await recurring.get("by hand")).toMatchObject({ state: "active", nextRun: null, lastRun: null });
  await bench.serve(jobs, LONG_LEASE);
  clock.now += 400 * 86_400_000;
  const id = await recurring.trigger("by hand");
  if (id === null) throw new Error("nothing was triggered");
  await bench.reaches(id, "Succeeded");
  expect(await recurring.get("by hand")).toMatchObject({
    nextRun: null,
    lastRun: new Date(clock.now),
    lastJobId: id,
  });
  expect((await bench.storage.counts()).Succeeded).toBe(1);
});
