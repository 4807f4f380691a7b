import { describe, expect, test } from "vitest";
import type { RecurringRecord, RecurringSave } from "../storage/index.ts";
import { added, paused, resumed, triggered } from "./changes.ts";
import { fireSlots, recordFailure, saveOfFiring } from "./next-save.ts";
import { readStatus } from "./schedule.ts";
import type { Definition } from "./stored-form.ts";

const at = (time: string) => Date.parse(`2026-05-04T${time}Z`);
const NOW = at("15:30:00");
const DIGEST: Definition = {
  v: 1,
  cron: "0 * * * *",
  timeZone: "UTC",
  misfire: "relaxed",
  job: { name: "mail.digest", queue: "default", rank: 0, args: "[]", displayName: null },
};

/** The record after a save, as a storage would keep it. */
function stored(save: RecurringSave | undefined, before?: RecurringRecord): RecurringRecord {
  if (save?.state == null) throw new Error("nothing is saved");
  return { id: save.id, version: (before?.version ?? 0) + 1, createdAt: NOW, ...save.state };
}

function add(definition: Definition, record?: RecurringRecord, now = NOW) {
  return added("digest", record, definition, now);
}

const fresh = () => stored(add(DIGEST).save);
const broken = (times: number) => {
  let record: RecurringRecord = { ...fresh(), nextAt: at("16:00:00") };
  for (let n = 0; n < times; n++) {
    record = stored(recordFailure(record, at("16:00:00") + n, new Error("no such zone")), record);
  }
  return record;
};

describe("adding", () => {
  test("looks forward only: a slot that is now has gone by", () => {
    expect(add(DIGEST, undefined, at("15:00:00"))).toMatchObject({
      addition: "added",
      save: { version: 0, state: { nextAt: at("16:00:00") } },
    });
  });

  test("the same again writes nothing", () => {
    expect(add(DIGEST, fresh())).toEqual({ addition: "unchanged" });
  });

  test("another call keeps the time, also a slot that is overdue", () => {
    const overdue = { ...fresh(), nextAt: at("14:00:00") };
    const job = { ...DIGEST.job, args: "[1]" };
    expect(add({ ...DIGEST, job }, overdue)).toMatchObject({
      addition: "updated",
      save: { state: { nextAt: at("14:00:00") } },
    });
  });

  test("the same time in other words keeps it too", () => {
    const overdue = { ...fresh(), nextAt: at("14:00:00") };
    expect(add({ ...DIGEST, cron: "@hourly" }, overdue).save?.state?.nextAt).toBe(at("14:00:00"));
  });

  test.each([
    ["expression", { cron: "*/20 * * * *" }, at("15:40:00")],
    ["time zone", { cron: "0 * * * *", timeZone: "Asia/Kolkata" }, at("16:30:00")],
  ])("another %s counts from now: nothing is fired for its past", (_, change, nextAt) => {
    const overdue = { ...fresh(), nextAt: at("14:00:00") };
    expect(add({ ...DIGEST, ...change }, overdue).save?.state?.nextAt).toBe(nextAt);
  });

  test("one that is paused stays paused", () => {
    const record = stored(paused(fresh()));
    const changed = stored(add({ ...DIGEST, cron: "* * * * *" }, record).save, record);
    expect([changed.nextAt, readStatus(changed).paused]).toEqual([null, true]);
  });

  test("one that was disabled is mended, even by the same definition", () => {
    const record = broken(5);
    const mended = stored(add(DIGEST, record).save, record);
    expect([mended.nextAt, readStatus(mended).error]).toEqual([at("16:00:00"), undefined]);
  });

  test("one that still tries keeps the slot that failed: a server that starts must not lose it", () => {
    const mended = stored(add(DIGEST, broken(2), at("16:00:20")).save, broken(2));
    expect([mended.nextAt, readStatus(mended).error]).toEqual([at("16:00:00"), undefined]);
  });

  test("one that cannot be read is replaced", () => {
    const record = { ...fresh(), definition: '{"v":9}', status: "no json" };
    expect(stored(add(DIGEST, record).save, record)).toMatchObject({ nextAt: at("16:00:00"), status: "{}" });
  });

  test("one whose status alone cannot be read is mended, even by the same definition", () => {
    const record = { ...stored(paused(fresh())), status: "{" };
    const { addition, save } = add(DIGEST, record);
    expect(addition).toBe("updated");
    expect(stored(save, record)).toMatchObject({ nextAt: at("16:00:00"), status: "{}" });
  });

  test("an expression that never matches has no instant, and can be triggered all the same", () => {
    const record = stored(add({ ...DIGEST, cron: "0 0 31 2 *" }).save);
    expect(record.nextAt).toBeNull();
    expect(triggered(record, NOW).save.jobs).toHaveLength(1);
  });
});

describe("pausing and resuming", () => {
  test("pause takes the instant away, resume gives the first one after now", () => {
    const stopped = stored(paused({ ...fresh(), nextAt: at("14:00:00") }));
    expect(stopped.nextAt).toBeNull();
    expect(paused(stopped)).toBeUndefined();
    const going = stored(resumed(stopped, NOW), stopped);
    expect([going.nextAt, readStatus(going).paused]).toEqual([at("16:00:00"), undefined]);
    expect(resumed(going, NOW)).toBeUndefined();
  });
});

test("resume begins anew: what failed before the pause is not caught up with", () => {
  const record = broken(2);
  const stopped = stored(paused(record), record);
  const going = stored(resumed(stopped, at("18:30:00")), stopped);
  expect([going.nextAt, readStatus(going).error]).toEqual([at("19:00:00"), undefined]);
});

describe("triggering", () => {
  test("begins a job beside the slots", () => {
    const record = { ...fresh(), nextAt: at("14:00:00") };
    const { save, job } = triggered(record, NOW);
    expect(save).toMatchObject({ version: record.version, state: { nextAt: at("14:00:00") } });
    expect(save.jobs).toMatchObject([{ id: job, name: "mail.digest" }]);
    expect(save.jobs?.[0]).not.toHaveProperty("plannedAt");
    expect(readStatus(stored(save))).toEqual({ lastRunAt: NOW, lastJobId: job });
  });
});

describe("firing", () => {
  test("stores a job for the slot, with the slot as its time, and tells what it did", () => {
    const record = fresh();
    const save = saveOfFiring(fireSlots(record, at("16:00:00"), 100));
    const [job] = save.jobs ?? [];
    expect(job).toMatchObject({ name: "mail.digest", queue: "default", plannedAt: at("16:00:00") });
    expect(job?.entry).toContain('"recurring":"digest"');
    expect(save.state?.nextAt).toBe(at("17:00:00"));
    expect(readStatus(stored(save))).toEqual({ lastRunAt: at("16:00:00"), lastJobId: job?.id });
  });

  test.each([
    ["a time zone that this machine does not know", { timeZone: "Mars/Olympus" }],
    ["an expression that this version cannot read", { cron: "at tea time" }],
    ["a definition of a later version", { v: 2 }],
  ])("%s is an error", (_, change) => {
    const record = { ...fresh(), definition: JSON.stringify({ ...DIGEST, ...change }) };
    expect(() => fireSlots(record, at("16:00:00"), 100)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^FL_/) }),
    );
  });

  test("a failure is tried again later and later, and disables the schedule at the fifth", () => {
    const waits = [1, 2, 3, 4, 5].map((times) => broken(times).nextAt);
    expect(waits).toEqual([at("16:00:15"), at("16:00:30") + 1, at("16:01:00") + 2, at("16:05:00") + 3, null]);
    expect(readStatus(broken(5)).error).toMatchObject({ message: "no such zone", failures: 5 });
  });

  test("what was missed while it failed is not lost, and the error goes with the first success", () => {
    const save = saveOfFiring(fireSlots(broken(2), at("16:00:40"), 100));
    expect(save.jobs).toMatchObject([{ plannedAt: at("16:00:00") }]);
    expect(readStatus(stored(save)).error).toBeUndefined();
  });
});
