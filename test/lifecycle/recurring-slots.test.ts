import { currentJob, defineJobs } from "firelater";
import { afterEach, describe, expect, test, vi } from "vitest";
import { firings, slotsOf } from "./firings.ts";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

const SECOND = 1_000;
const EVERY_SECOND = "* * * * * *";
/** Far more than it takes, for a machine that is busy; a server that leaves slots to others takes longer. */
const LATE_MS = 900;

/** Jobs that note which slot they are told to be for. */
function noting() {
  const seen: number[] = [];
  return { seen, jobs: defineJobs({ tick: async (slot: Date) => void seen.push(slot.getTime()) }) };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(STORAGES)("an every-second schedule, on %s", (_, open) => {
  test("fires each slot once, never early, soon after it, and does not drift", async () => {
    await using bench = await open();
    const { seen, jobs } = noting();
    await bench.serve(jobs);
    const from = await bench.storage.now();
    await bench.recurring(jobs).addOrUpdate("tick", (j, job) => j.tick(job.dueAt), EVERY_SECOND);
    await expect.poll(() => seen.length, SOON).toBe(5);

    const all = (await firings(bench.storage)).get("tick") ?? [];
    const slots = all.map(({ slot }) => slot);
    const first = Math.floor(from / SECOND) * SECOND + SECOND;
    expect(slots).toEqual(slots.map((_, nth) => first + nth * SECOND));
    expect(seen).toEqual(slots.slice(0, seen.length));
    for (const { slot, storedAt, startedAt } of all) {
      expect(storedAt).toBeGreaterThanOrEqual(slot);
      expect(startedAt).toBeGreaterThanOrEqual(slot);
      expect(startedAt).toBeLessThan(slot + LATE_MS);
    }
  });

  test("gives every run of a job the same slot", async () => {
    await using bench = await open();
    const seen: [attempt: number, told: number, known: number][] = [];
    const flaky = async (slot: Date) => {
      const { attempt, dueAt } = currentJob();
      seen.push([attempt, slot.getTime(), dueAt.getTime()]);
      if (attempt < 3) throw new Error("not yet");
    };
    const jobs = defineJobs({ flaky }, { flaky: { retry: { delays: ["1ms"] } } });
    await bench.serve(jobs);
    const recurring = bench.recurring(jobs);
    await recurring.addOrUpdate("flaky", (j, job) => j.flaky(job.dueAt), EVERY_SECOND);
    await expect.poll(() => seen.length, SOON).toBeGreaterThan(0);
    await recurring.removeIfExists("flaky");
    await expect.poll(() => seen.some(([attempt]) => attempt === 3), SOON).toBe(true);
    const [slot] = await slotsOf(bench.storage, "flaky");
    const own = seen.filter(([, told]) => told === slot);
    expect(own).toEqual([1, 2, 3].map((attempt) => [attempt, slot, slot]));
  });
});

test("clocks of clients and servers that are ten minutes wrong change nothing", async () => {
  await using bench = await Workbench.onSqlite();
  const { seen, jobs } = noting();
  const right = Date.now.bind(Date);
  for (const wrongBy of [600_000, -600_000]) {
    vi.spyOn(Date, "now").mockImplementation(() => right() + wrongBy);
    const server = await bench.serve(jobs);
    const from = right();
    await bench.recurring(jobs).addOrUpdate(`off by ${wrongBy}`, (j, job) => j.tick(job.dueAt), EVERY_SECOND);
    const before = seen.length;
    await expect.poll(() => seen.length, SOON).toBeGreaterThanOrEqual(before + 2);
    await bench.recurring(jobs).removeIfExists(`off by ${wrongBy}`);
    await server.stop();
    vi.restoreAllMocks();
    for (const slot of seen.slice(before)) {
      expect(slot).toBeGreaterThan(from);
      expect(slot).toBeLessThanOrEqual(right());
    }
  }
});

test("a schedule that is added while the server sleeps for long is not overslept", async () => {
  await using bench = await Workbench.onSqlite();
  const { seen, jobs } = noting();
  await bench.serve(jobs, { pollingInterval: "1h" });
  const recurring = bench.recurring(jobs, bench.another());
  await recurring.addOrUpdate("far", (j, job) => j.tick(job.dueAt), "0 0 1 1 *");
  await recurring.addOrUpdate("near", (j, job) => j.tick(job.dueAt), EVERY_SECOND);
  await expect.poll(() => seen.length, SOON).toBeGreaterThan(0);
});

describe("a storage that fails while a slot is due", () => {
  test.each([
    ["before the write", "saveRecurring", "before"],
    ["after the write, so that only the answer is lost", "saveRecurring", "after"],
    ["at the look", "dueRecurring", "before"],
  ] as const)("%s: the slot is fired once, later", async (_, verb, when) => {
    let now = Date.parse("2026-05-04T12:00:30Z");
    await using bench = Workbench.inMemory(() => now);
    const { seen, jobs } = noting();
    await bench.recurring(jobs).addOrUpdate("tick", (j, job) => j.tick(job.dueAt), "* * * * *");
    await bench.serve(jobs, { serverTimeout: "1d", heartbeatInterval: "1s" });
    bench.broken.fail(verb, { when, times: 3 });
    now = Date.parse("2026-05-04T12:01:00Z");
    await expect.poll(() => seen, SOON).toEqual([now]);
    // What was to fail a second or third time fails on the way to the next slot.
    now += 60_000;
    await expect.poll(() => seen, SOON).toEqual([now - 60_000, now]);
    expect(await slotsOf(bench.storage, "tick")).toEqual([now - 60_000, now]);
    expect(bench.logger.texts("warn", "beginning recurring jobs failed").length).toBeGreaterThan(0);
  });
});
