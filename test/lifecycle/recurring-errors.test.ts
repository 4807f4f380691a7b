import { Cron, defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import type { RecurringState, Storage } from "../../src/storage/index.ts";
import { slotsOf } from "./firings.ts";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

const at = (time: string) => Date.parse(`2026-05-04T${time}Z`);
const LONG_LEASE = { serverTimeout: "1d", heartbeatInterval: "1s" } as const;
const RETRIES_MS = [15_000, 30_000, 60_000, 300_000];
const jobs = defineJobs({ tick: async (_: Date) => {} });

/** What makes a definition one that this process cannot fire: what is stored, why, and what is refused meanwhile. */
const KINDS = [
  [
    "a zone that it does not know",
    { timeZone: "Mars/Olympus" },
    '"Mars/Olympus" as a time zone',
    "UNKNOWN_TIME_ZONE",
  ],
  ["the format of a later version", { v: 2 }, "It is of version 2", "RECURRING_UNREADABLE"],
  ["a text that is damaged", "{", "Its stored text is no JSON", "RECURRING_UNREADABLE"],
  ["a text that lacks its job", { job: null }, "lacks what belongs there", "RECURRING_UNREADABLE"],
] as const;

/** A storage whose clock the test moves, with an hourly schedule that is well. */
async function setUp(time: string) {
  const clock = { now: at(time) };
  const bench = Workbench.inMemory(() => clock.now);
  const recurring = bench.recurring(jobs);
  const add = (id: string, cron = Cron.hourly()) =>
    recurring.addOrUpdate(id, (j, job) => j.tick(job.dueAt), cron, { misfire: "strict" });
  await add("good");
  /** Waits until the scheduler has looked and found nothing to do. */
  const looked = async () => {
    const looks = () => bench.broken.calls.get("dueRecurring") ?? 0;
    const before = looks();
    await expect.poll(looks, SOON).toBeGreaterThan(before + 1);
  };
  const failures = async (id: string) => (await recurring.get(id))?.error?.failures;
  /** Moves the clock from retry to retry, until the recurring job is disabled. */
  const disable = async (id: string) => {
    for (const [nth, wait] of [...RETRIES_MS, 0].entries()) {
      await expect.poll(() => failures(id), SOON).toBe(nth + 1);
      clock.now += wait;
    }
    expect(await recurring.get(id)).toMatchObject({ state: "disabled", nextRun: null });
  };
  return { clock, bench, recurring, add, looked, failures, disable };
}

/** Stores it otherwise, as another version or a broken disk would. */
async function rewrite(storage: Storage, id: string, change: Partial<RecurringState>): Promise<void> {
  const [record] = await storage.getRecurring([id]);
  if (record === undefined) throw new Error(`there is no ${id}`);
  const { version, nextAt, definition, status } = record;
  const state = { nextAt, definition, status, ...change };
  expect(await storage.saveRecurring([{ id, version, state }])).toEqual(["applied"]);
}

async function textOf(storage: Storage, id: string): Promise<string> {
  return (await storage.getRecurring([id]))[0]?.definition ?? "";
}

/** Makes a definition one of `KINDS`. */
async function spoil(storage: Storage, id: string, how: string | object): Promise<void> {
  const stored: object = JSON.parse(await textOf(storage, id));
  const definition = typeof how === "string" ? how : JSON.stringify({ ...stored, ...how });
  await rewrite(storage, id, { definition });
}

describe.each(KINDS)("a definition of %s", (_, how, why, code) => {
  test("is shown with its error, tried again later and later, and disabled at the fifth", async () => {
    const { clock, bench, recurring, add, looked, failures } = await setUp("12:59:30");
    await using _bench = bench;
    await add("bad");
    await spoil(bench.storage, "bad", how);
    await bench.serve(jobs, LONG_LEASE);
    expect(await recurring.get("bad")).toMatchObject({
      state: "active",
      error: null,
      nextRun: new Date(at("13:00:00")),
    });
    clock.now = at("13:00:00");
    for (const [nth, wait] of [...RETRIES_MS, undefined].entries()) {
      await expect.poll(() => failures("bad"), SOON).toBe(nth + 1);
      const shown = {
        id: "bad",
        state: wait === undefined ? "disabled" : "active",
        nextRun: wait === undefined ? null : new Date(clock.now + wait),
        lastRun: null,
        error: { at: new Date(clock.now), failures: nth + 1, message: expect.stringContaining(why) },
      };
      expect(await recurring.get("bad")).toMatchObject(shown);
      expect(await recurring.list()).toMatchObject([shown, { id: "good", error: null }]);
      if (wait === undefined) break;
      clock.now += wait - 1;
      await looked();
      expect(await failures("bad")).toBe(nth + 1);
      clock.now += 1;
    }
    clock.now = at("14:00:00");
    await expect.poll(() => slotsOf(bench.storage, "good"), SOON).toEqual([at("13:00:00"), at("14:00:00")]);
    expect([await failures("bad"), await slotsOf(bench.storage, "bad")]).toEqual([5, []]);
    expect(bench.logger.texts("warn", 'the recurring job "bad" could not begin its job')).toHaveLength(5);
  });

  test("is mended by adding it again, looking forward only", async () => {
    const { clock, bench, recurring, add, disable } = await setUp("12:59:30");
    await using _bench = bench;
    await add("bad");
    await spoil(bench.storage, "bad", how);
    await bench.serve(jobs, LONG_LEASE);
    clock.now = at("13:00:00");
    await disable("bad");
    clock.now = at("15:30:00");
    expect(await add("bad")).toBe("updated");
    expect(await recurring.get("bad")).toMatchObject({
      state: "active",
      error: null,
      nextRun: new Date(at("16:00:00")),
    });
    clock.now = at("16:00:00");
    await expect.poll(() => slotsOf(bench.storage, "bad"), SOON).toEqual([at("16:00:00")]);
  });

  test("is mended by pause and resume once this process can read it, and by nothing before", async () => {
    const { clock, bench, recurring, add, disable } = await setUp("12:59:30");
    await using _bench = bench;
    await add("bad");
    const before = await textOf(bench.storage, "bad");
    await spoil(bench.storage, "bad", how);
    await bench.serve(jobs, LONG_LEASE);
    clock.now = at("13:00:00");
    await disable("bad");
    clock.now = at("15:30:00");
    expect(await recurring.pause("bad")).toBe(true);
    await expect(recurring.resume("bad")).rejects.toMatchObject({
      code: `FL_${code}`,
      message: expect.stringContaining(why),
    });
    expect(await recurring.get("bad")).toMatchObject({ state: "paused", error: { failures: 5 } });
    await rewrite(bench.storage, "bad", { definition: before });
    expect(await recurring.resume("bad")).toBe(true);
    const nextRun = new Date(at("16:00:00"));
    expect(await recurring.get("bad")).toMatchObject({ state: "active", error: null, nextRun });
    clock.now = at("16:00:00");
    await expect.poll(() => slotsOf(bench.storage, "bad"), SOON).toEqual([at("16:00:00")]);
  });

  test("loses no slot of strict when it can be read in time", async () => {
    const { clock, bench, recurring, add, failures } = await setUp("12:59:30");
    await using _bench = bench;
    await add("bad", Cron.minutely());
    const before = await textOf(bench.storage, "bad");
    await spoil(bench.storage, "bad", how);
    await bench.serve(jobs, LONG_LEASE);
    clock.now = at("13:00:00");
    for (const [nth, wait] of RETRIES_MS.entries()) {
      await expect.poll(() => failures("bad"), SOON).toBe(nth + 1);
      if (nth === 3) await rewrite(bench.storage, "bad", { definition: before });
      clock.now += wait;
    }
    const slots = Array.from({ length: 7 }, (_none, nth) => at("13:00:00") + nth * 60_000);
    await expect.poll(() => slotsOf(bench.storage, "bad"), SOON).toEqual(slots);
    expect(await recurring.get("bad")).toMatchObject({ error: null, nextRun: new Date(at("13:07:00")) });
  });

  test("can be removed", async () => {
    const { bench, recurring, add } = await setUp("12:59:30");
    await using _bench = bench;
    await add("bad");
    await spoil(bench.storage, "bad", how);
    expect(await recurring.removeIfExists("bad")).toBe(true);
    expect(await recurring.list()).toMatchObject([{ id: "good" }]);
  });
});

describe("a status that is damaged", () => {
  test("costs fifteen seconds and no slot", async () => {
    const { clock, bench, failures } = await setUp("12:59:30");
    await using _bench = bench;
    await rewrite(bench.storage, "good", { status: '{"paused":' });
    await bench.serve(jobs, LONG_LEASE);
    clock.now = at("13:00:00");
    await expect.poll(() => failures("good"), SOON).toBe(1);
    clock.now = at("13:00:15");
    await expect.poll(() => slotsOf(bench.storage, "good"), SOON).toEqual([at("13:00:00")]);
  });

  test("refuses pause, resume and trigger, and is mended by the very same addOrUpdate", async () => {
    const { bench, recurring, add } = await setUp("12:59:30");
    await using _bench = bench;
    await rewrite(bench.storage, "good", { nextAt: null, status: "{" });
    for (const method of ["pause", "resume", "trigger"] as const) {
      await expect(recurring[method]("good")).rejects.toMatchObject({ code: "FL_RECURRING_UNREADABLE" });
    }
    expect(await add("good")).toBe("updated");
    expect(await recurring.get("good")).toMatchObject({ state: "active", nextRun: new Date(at("13:00:00")) });
  });
});

test.each(STORAGES)("what cannot fire holds up nothing beside it, on %s", async (_, open) => {
  await using bench = await open();
  const recurring = bench.recurring(jobs);
  const due = Math.floor((await bench.storage.now()) / 60_000) * 60_000;
  const spoilt = KINDS.map(([name]) => name);
  const ids = [...spoilt, "a", "b"].toSorted();
  for (const id of ids) await recurring.addOrUpdate(id, (j, job) => j.tick(job.dueAt), Cron.minutely());
  for (const [name, how] of KINDS) await spoil(bench.storage, name, how);
  const error = { message: "so far", at: due, failures: 4, since: due };
  for (const id of ids) {
    await rewrite(bench.storage, id, { nextAt: due, status: JSON.stringify(id === "b" ? {} : { error }) });
  }
  await bench.serve(jobs);
  const lastRuns = async () => (await recurring.list()).filter(({ lastRun }) => lastRun !== null);
  await expect.poll(async () => (await lastRuns()).map(({ id }) => id), SOON).toEqual(["a", "b"]);
  expect(await lastRuns()).toMatchObject([
    { state: "active", error: null },
    { state: "active", error: null },
  ]);
  for (const id of spoilt) {
    expect(await recurring.get(id)).toMatchObject({ state: "disabled", error: { failures: 5 } });
  }
});
