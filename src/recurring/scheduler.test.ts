import { afterEach, describe, expect, test, vi } from "vitest";
import { nextTurn } from "../base/turn.ts";
import { MemoryStorage } from "../drivers/memory/index.ts";
import { filterChain } from "../filters/filter-chain.ts";
import type { JobFilter } from "../job/job-filter.ts";
import type { ServerProcess } from "../server/server-process.ts";
import {
  type RecurringSave,
  type Storage,
  StorageFailedError,
  StorageRefusedError,
} from "../storage/index.ts";
import { HARDLY_LATE_MS } from "./plan-slots.ts";
import { readStatus, textOf } from "./schedule.ts";
import { createScheduler } from "./scheduler.ts";
import type { Definition } from "./stored-form.ts";

const START = Date.parse("2026-05-04T12:00:00Z");
const SECOND = 1_000;
const SOON = { timeout: 10_000, interval: 1 };
const EVERY_SECOND: Definition = {
  v: 1,
  cron: "* * * * * *",
  timeZone: "UTC",
  misfire: "relaxed",
  job: { name: "tick", queue: "default", rank: 0, args: "[]", displayName: null },
};

let now = START;
const running: ServerProcess[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((scheduler) => scheduler.stop()));
  vi.useRealTimers();
  vi.restoreAllMocks();
  now = START;
});

const openStorage = () => new MemoryStorage({ now: () => now });

/** A storage whose calls a test can come between. */
function intercept(inner: Storage, over: Partial<Storage>): Storage {
  return new Proxy(inner, {
    get(target, key) {
      if (Object.hasOwn(over, key)) return Reflect.get(over, key);
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

function schedule(storage: Storage, filters: readonly JobFilter[] = []) {
  const failed = vi.fn<(error: unknown) => void>();
  const warn = vi.fn<(message: string, error: unknown) => void>();
  const scheduler = createScheduler({
    storage,
    pollingMs: 5,
    incarnation: () => "test",
    warn,
    failed: () => failed,
    chainOf: () => filterChain([filters]),
  });
  running.push(scheduler);
  scheduler.start();
  return { scheduler, failed, warn };
}

async function add(storage: Storage, id: string, over: Partial<Definition> = {}, nextAt = START) {
  const state = { nextAt, definition: textOf({ ...EVERY_SECOND, ...over }), status: "{}" };
  expect(await storage.saveRecurring([{ id, version: 0, state }])).toEqual(["applied"]);
}

async function addText(storage: Storage, id: string, definition: string, status = "{}"): Promise<void> {
  await storage.saveRecurring([{ id, version: 0, state: { nextAt: START, definition, status } }]);
}

const jobsOf = async (storage: Storage) => (await storage.counts()).Enqueued;
const statusOf = async (storage: Storage, id: string) => {
  const [record] = await storage.getRecurring([id]);
  return record === undefined ? undefined : readStatus(record);
};

/** Counts what a scheduler tries to write, and what of it comes second; between look and write the others have a turn. */
function counting(inner: Storage) {
  const count = { applied: 0, stale: 0 };
  const storage = intercept(inner, {
    saveRecurring: async (saves: readonly RecurringSave[]) => {
      await nextTurn();
      const outcomes = await inner.saveRecurring(saves);
      for (const outcome of outcomes) count[outcome]++;
      return outcomes;
    },
  });
  return { storage, count };
}

describe("one scheduler", () => {
  test("fires more schedules than one look takes, each once", async () => {
    const storage = openStorage();
    for (let n = 0; n < 250; n++) await add(storage, `s-${n}`);
    schedule(storage);
    await expect.poll(() => jobsOf(storage), SOON).toBe(250);
    expect((await storage.dueRecurring(10)).nextAt).toBe(START + SECOND);
  });

  test("a slot whose schedule is changed at that very moment is fired at once, not left to others", async () => {
    const inner = openStorage();
    await add(inner, "digest");
    let touches = 3;
    const storage = intercept(inner, {
      dueRecurring: async (limit: number) => {
        const found = await inner.dueRecurring(limit);
        const [record] = found.due;
        if (record !== undefined && touches-- > 0) {
          const { id, version, nextAt, definition, status } = record;
          await inner.saveRecurring([{ id, version, state: { nextAt, definition, status } }]);
        }
        return found;
      },
    });
    schedule(storage);
    // The clock stands still: whoever waits for another server to fire would wait for ever.
    await expect.poll(() => jobsOf(inner), SOON).toBe(1);
  });

  test.each([
    ["no object", "5"],
    ["null", "null"],
    ["a list", "[]"],
    ["no JSON", "{"],
    ["no job", JSON.stringify({ ...EVERY_SECOND, job: null })],
    ["a job without a name", JSON.stringify({ ...EVERY_SECOND, job: { ...EVERY_SECOND.job, name: 5 } })],
    ["a rank that is none", JSON.stringify({ ...EVERY_SECOND, job: { ...EVERY_SECOND.job, rank: "high" } })],
    ["an expression that is no text", JSON.stringify({ ...EVERY_SECOND, cron: {} })],
    ["an expression without end", JSON.stringify({ ...EVERY_SECOND, cron: "0,".repeat(1_000_000) })],
    ["a zone that is no text", JSON.stringify({ ...EVERY_SECOND, timeZone: 7 })],
    ["a misfire rule that nobody knows", JSON.stringify({ ...EVERY_SECOND, misfire: "twice" })],
    ["a prototype", '{"__proto__":{"v":1},"constructor":1}'],
  ])("a definition that is %s fires nothing, says why, and harms no other", async (_, definition) => {
    const storage = openStorage();
    await addText(storage, "bad", definition);
    await add(storage, "good");
    schedule(storage);
    await expect.poll(async () => (await statusOf(storage, "bad"))?.error?.failures, SOON).toBe(1);
    expect(await jobsOf(storage)).toBe(1);
    expect((await statusOf(storage, "bad"))?.error?.since).toBe(START);
  });

  test.each([
    "null",
    "[]",
    '{"error":{}}',
    '{"error":{"since":"1970"}}',
    '{"lastRunAt":1e300}',
    '{"paused":"yes"}',
  ])("a status that is %s fires nothing, is replaced by why, and harms no other", async (status) => {
    const storage = openStorage();
    await addText(storage, "bad", textOf(EVERY_SECOND), status);
    await add(storage, "good");
    schedule(storage);
    await expect.poll(async () => (await storage.getRecurring(["bad"]))[0]?.status, SOON).not.toBe(status);
    expect((await statusOf(storage, "bad"))?.error?.message).toContain("cannot be read");
    expect(await jobsOf(storage)).toBe(1);
  });

  test("what else a stored job holds is no part of the job", async () => {
    const storage = openStorage();
    const job = { ...EVERY_SECOND.job, id: "mine", due: { at: 0 }, gate: { parents: ["mine"] } };
    await addText(storage, "odd", JSON.stringify({ ...EVERY_SECOND, job }));
    schedule(storage);
    await expect.poll(() => jobsOf(storage), SOON).toBe(1);
    expect(await storage.get(["mine"])).toEqual([]);
  });

  test("filters hear of it when the storage fails while jobs are stored one by one", async () => {
    const inner = openStorage();
    for (const id of ["a", "b", "c"]) await add(inner, id);
    const storage = intercept(inner, {
      saveRecurring: async (saves: readonly RecurringSave[]) => {
        if (saves.length > 1) throw new StorageRefusedError("memory", new Error("too long"));
        throw new StorageFailedError("memory", "saveRecurring", new Error("it is away"));
      },
    });
    const told = new Set<string>();
    schedule(storage, [
      { onCreating: () => {}, onClientException: ({ job, error }) => void told.add(`${job.id} ${error}`) },
    ]);
    await expect.poll(() => told.size, SOON).toBeGreaterThanOrEqual(3);
  });

  test("one of which nothing can be written holds up no other, and is not asked for without pause", async () => {
    const inner = openStorage();
    await add(inner, "bad");
    await add(inner, "good");
    let looks = 0;
    const storage = intercept(inner, {
      dueRecurring: (limit: number) => {
        looks++;
        return inner.dueRecurring(limit);
      },
      saveRecurring: async (saves: readonly RecurringSave[]) => {
        if (saves.some(({ id }) => id === "bad"))
          throw new StorageRefusedError("memory", new Error("too long"));
        return inner.saveRecurring(saves);
      },
    });
    const { failed, warn } = schedule(storage);
    await expect.poll(() => failed.mock.calls.length, SOON).toBeGreaterThan(1);
    expect(await jobsOf(inner)).toBe(1);
    expect(warn.mock.calls[0]?.[0]).toContain("bad");
    expect(looks).toBeLessThan(10);
  });
});

test("a slot at the end of a long outage is not skipped for being late: the storage is looked at often enough", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  vi.spyOn(Math, "random").mockReturnValue(0.999); // the longest waits
  const inner = openStorage();
  await add(inner, "every minute", { cron: "* * * * *", misfire: "ignorable" });
  const slot = START + 600_000;
  const backAt = slot + 3_000;
  const looks: number[] = [];
  const storage = intercept(inner, {
    dueRecurring: async (limit: number) => {
      looks.push(now);
      if (now < backAt) throw new StorageFailedError("memory", "dueRecurring", new Error("it is away"));
      return inner.dueRecurring(limit);
    },
  });
  schedule(storage);
  while (now < slot + HARDLY_LATE_MS) {
    now += 100;
    await vi.advanceTimersByTimeAsync(100);
    await nextTurn();
  }
  const jobs = await inner.list({ state: "Enqueued", limit: 10 });
  expect(
    jobs.rows.map(({ plannedAt, createdAt }) => [plannedAt, createdAt < slot + HARDLY_LATE_MS / 2]),
  ).toEqual([[slot, true]]);
  // And it is not hammered either.
  expect(looks.filter((at) => at < backAt).length).toBeLessThan(400);
});

describe("several schedulers", () => {
  test("fire each slot once, and all but one soon leave it to that one", async () => {
    const storage = openStorage();
    for (let n = 0; n < 150; n++) await add(storage, `s-${n}`);
    const each = [1, 2, 3].map(() => counting(storage));
    const schedulers = each.map((one) => schedule(one.storage).scheduler);
    const stale = () => each.reduce((sum, { count }) => sum + count.stale, 0);
    let before = 0;
    for (let slot = 0; slot < 20; slot++) {
      now = START + slot * SECOND;
      for (const scheduler of schedulers) scheduler.hear({ kind: "changed" });
      await expect.poll(() => jobsOf(storage), SOON).toBe(150 * (slot + 1));
      if (slot === 10) before = stale();
    }
    expect(stale()).toBe(before);
  });

  test("whoever is slower at a backlog gives way instead of trying along", async () => {
    const storage = openStorage();
    const slots = 4_000;
    await add(storage, "strict", { misfire: "strict" }, START - (slots - 1) * SECOND);
    const each = [1, 2, 3].map(() => counting(storage));
    for (const one of each) schedule(one.storage);
    await expect.poll(() => jobsOf(storage), SOON).toBe(slots);
    expect(each.reduce((sum, { count }) => sum + count.stale, 0)).toBeLessThanOrEqual(4);
  });

  test("when the one that fires is gone, another one does", async () => {
    const storage = openStorage();
    await add(storage, "digest");
    const first = schedule(storage).scheduler;
    await expect.poll(() => jobsOf(storage), SOON).toBe(1);
    const losing = counting(storage);
    schedule(losing.storage);
    await first.stop();
    now = START + 2 * SECOND;
    await expect.poll(() => jobsOf(storage), SOON).toBe(2);
    expect(losing.count.applied).toBe(1);
  });
});
