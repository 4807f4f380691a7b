import { Cron, defineJobs, type Misfire } from "firelater";
import { describe, expect, test } from "vitest";
import { slotsOf } from "./firings.ts";
import { SOON, Workbench } from "./workbench.ts";

const START = Date.parse("2026-05-04T12:00:00Z");
const MINUTE = 60_000;
const LONG_LEASE = { serverTimeout: "1d", heartbeatInterval: "1s" } as const;
const jobs = defineJobs({ tick: async (_: Date) => {} });
const MISFIRES: readonly Misfire[] = ["strict", "relaxed", "ignorable"];

/** A storage whose clock the test moves, with a schedule for every minute and misfire rule. */
async function setUp() {
  const clock = { now: START };
  const bench = Workbench.inMemory(() => clock.now);
  const recurring = bench.recurring(jobs);
  for (const misfire of MISFIRES) {
    await recurring.addOrUpdate(misfire, (j, job) => j.tick(job.dueAt), Cron.minutely(), { misfire });
  }
  const fired = async () => Promise.all(MISFIRES.map((id) => slotsOf(bench.storage, id)));
  return { clock, bench, recurring, fired };
}

/** The slots from one minute to another after the start. */
function minutes(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, nth) => START + (from + nth) * MINUTE);
}

describe("a storage that fails at every slot, with two servers", () => {
  test.each([
    ["saveRecurring", "before"],
    ["saveRecurring", "after"],
    ["dueRecurring", "before"],
    ["getRecurring", "before"],
  ] as const)("%s failing %s it has done its work: no slot is lost or fired twice", async (verb, when) => {
    const { clock, bench, fired } = await setUp();
    await using _ = bench;
    await bench.serve(jobs, { ...LONG_LEASE, name: "a" });
    await bench.serve(jobs, { ...LONG_LEASE, name: "b" });
    for (let minute = 1; minute <= 6; minute++) {
      bench.broken.fail(verb, { when, times: 2 });
      clock.now = START + minute * MINUTE;
      const slots = minutes(1, minute);
      await expect.poll(fired, SOON).toEqual([slots, slots, slots]);
    }
    if (verb === "getRecurring") return; // is asked only when both were after the same slot
    expect(
      bench.logger.texts("warn", "beginning recurring jobs failed, trying again").length,
    ).toBeGreaterThan(0);
  });
});

test.each(["dueRecurring", "saveRecurring"] as const)(
  "ten minutes without %s: each rule makes of the missed slots what it says, and all go on",
  async (verb) => {
    const { clock, bench, recurring, fired } = await setUp();
    await using _ = bench;
    await bench.serve(jobs, LONG_LEASE);
    bench.broken.fail(verb, { times: 1_000 });
    const failures = () => bench.logger.texts("warn", "beginning recurring jobs failed").length;
    for (let minute = 1; minute <= 10; minute++) {
      clock.now = START + minute * MINUTE + 20_000;
      const before = failures();
      if (minute < 4) await expect.poll(failures, SOON).toBeGreaterThan(before);
    }
    expect(await fired()).toEqual([[], [], []]);
    bench.broken.fail(verb, { times: 0 });
    await expect.poll(fired, SOON).toEqual([minutes(1, 10), minutes(10, 10), []]);
    clock.now = START + 11 * MINUTE;
    await expect.poll(fired, SOON).toEqual([minutes(1, 11), minutes(10, 11), minutes(11, 11)]);
    for (const { error } of await recurring.list()) expect(error).toBeNull();
  },
);

test("a scheduler that was frozen between its look and its write fires nothing that another has fired", async () => {
  await using bench = await Workbench.onSqlite();
  const recurring = bench.recurring(jobs, bench.another());
  const thaw = bench.broken.hold("saveRecurring");
  await bench.serve(jobs, { name: "frozen" });
  await recurring.addOrUpdate("tick", (j, job) => j.tick(job.dueAt), "@every_second", { misfire: "strict" });
  await expect.poll(() => bench.broken.calls.get("saveRecurring"), SOON).toBe(1);
  const other = bench.another();
  await bench.serve(jobs, { name: "other", storage: other });
  await expect.poll(async () => (await slotsOf(other, "tick")).length, SOON).toBeGreaterThan(1);
  thaw();
  const before = (await slotsOf(other, "tick")).length;
  await expect.poll(async () => (await slotsOf(other, "tick")).length, SOON).toBeGreaterThan(before + 1);
  const slots = await slotsOf(other, "tick");
  expect(slots).toEqual(slots.map((_, nth) => Number(slots[0]) + nth * 1_000));
});
