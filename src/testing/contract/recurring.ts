import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import type { RecurringRecord, RecurringSave, RecurringState, Storage } from "../../storage/index.ts";
import { LONG_MS, newJob } from "./builders.ts";
import { assertWithin, during } from "./expect.ts";
import { type Section, section } from "./section.ts";

const STATE: RecurringState = { nextAt: 1_000, definition: '{"cron":"@daily"}', status: "{}" };

export const recurring: Section<"recurring"> = section("recurring", {
  "a new one is there as it was given, created by the store's clock": async ({ storage }) => {
    const state = { nextAt: 1_234, definition: "what\u0000, \ud83d\udc1d", status: "" };
    const [row, span] = await during(storage, () => saved(storage, { id: "digest", version: 0, state }));
    assertWithin(row.createdAt, span, "createdAt");
    const { createdAt, version } = row;
    assert.deepEqual({ ...row }, { id: "digest", version, createdAt, ...state });
    assert(version > 0);
  },

  "one that is there already is not added again, one that is not there not changed": async ({ storage }) => {
    const first = await add(storage, "digest");
    assert.equal(await save(storage, { id: "digest", version: 0, state: STATE }), "stale");
    assert.equal(await save(storage, { id: "other", version: 1, state: STATE }), "stale");
    assert.equal(await save(storage, { id: "digest", version: 0, state: null }), "stale");
    assert.deepEqual(await find(storage, "digest"), first);
  },

  "a change needs the version that is there, and gives a higher one": async ({ storage }) => {
    const first = await add(storage, "digest");
    const state = { nextAt: null, definition: "new", status: "paused" };
    const second = await saved(storage, { id: "digest", version: first.version, state });
    assert.deepEqual(second, { ...first, ...state, version: second.version });
    assert(second.version > first.version);
    assert.equal(await save(storage, { id: "digest", version: first.version, state: STATE }), "stale");
    assert.deepEqual(await find(storage, "digest"), second);
  },

  "a version never comes again, not even after a removal": async ({ storage }) => {
    const first = await add(storage, "digest");
    assert.equal(await save(storage, { id: "digest", version: first.version, state: null }), "applied");
    assert.equal(await find(storage, "digest"), undefined);
    assert.equal(await save(storage, { id: "digest", version: first.version, state: null }), "stale");
    const anew = await add(storage, "digest");
    assert(anew.version > first.version);
  },

  "with an accepted save its jobs are stored, each for its slot": async (setup) => {
    const { storage, row } = setup;
    const { version } = await add(storage, "digest");
    const jobs = [newJob({ plannedAt: 1_000 }), newJob({ plannedAt: 2_000 })];
    await saved(storage, { id: "digest", version, state: STATE, jobs });
    for (const { id, plannedAt } of jobs) {
      const { state, hold, plannedAt: stored } = await row(id);
      assert.deepEqual([state, hold, stored], ["Enqueued", null, plannedAt]);
    }
    assert.equal((await setup.claim(await setup.server())).length, 2);
  },

  "with a stale save no job is stored": async ({ storage }) => {
    const { version } = await add(storage, "digest");
    await saved(storage, { id: "digest", version, state: STATE });
    const job = newJob();
    assert.equal(await save(storage, { id: "digest", version, state: STATE, jobs: [job] }), "stale");
    assert.deepEqual([...(await storage.get([job.id]))], []);
  },

  "each save of a call is judged by itself": async ({ storage }) => {
    const { version } = await add(storage, "digest");
    const [good, bad] = [newJob(), newJob()];
    const outcomes = await storage.saveRecurring([
      { id: "digest", version: version + 99, state: STATE, jobs: [bad] },
      { id: "digest", version, state: STATE, jobs: [good] },
      { id: "fresh", version: 0, state: STATE },
    ]);
    assert.deepEqual([...outcomes], ["stale", "applied", "applied"]);
    const stored = await storage.get([good.id, bad.id]);
    assert.deepEqual(
      stored.map(({ id }) => id),
      [good.id],
    );
  },

  "of many that have seen the same version one is accepted, and its jobs alone are stored": async (setup) => {
    const handles = [setup.storage, await setup.another(), await setup.another()];
    for (let slot = 0; slot < 5; slot++) {
      const id = `slot-${slot}`;
      const { version } = await add(setup.storage, id);
      const racers = Array.from({ length: 12 }, () => newJob());
      const outcomes = await Promise.all(
        racers.map((job, nth) => {
          const handle = handles[nth % handles.length] ?? setup.storage;
          return save(handle, { id, version, state: STATE, jobs: [job] });
        }),
      );
      const winners = racers.filter((_, nth) => outcomes[nth] === "applied").map((job) => job.id);
      const stored = (await setup.storage.get(racers.map((job) => job.id))).map((job) => job.id);
      assert.equal(winners.length, 1);
      assert.deepEqual(stored, winners);
    }
  },

  "what is due comes in order, never early, no more than asked": async ({ storage }) => {
    const now = await storage.now();
    await add(storage, "later", { nextAt: now + LONG_MS });
    await add(storage, "second", { nextAt: now - 1 });
    await add(storage, "first", { nextAt: now - 1_000 });
    await add(storage, "third", { nextAt: now });
    await add(storage, "never", { nextAt: null });
    const all = await storage.dueRecurring(10);
    assert.deepEqual(ids(all.due), ["first", "second", "third"]);
    assert.deepEqual([all.nextAt, all.now >= now], [now - 1_000, true]);
    const some = await storage.dueRecurring(2);
    assert.deepEqual(ids(some.due), ["first", "second"]);
    assert.equal(some.nextAt, now - 1_000);
  },

  "without anything due it says when to look again": async ({ storage }) => {
    assert.deepEqual((await storage.dueRecurring(10)).nextAt, null);
    const at = (await storage.now()) + LONG_MS;
    await add(storage, "paused", { nextAt: null });
    await add(storage, "later", { nextAt: at });
    const { due, nextAt } = await storage.dueRecurring(10);
    assert.deepEqual([[...due], nextAt], [[], at]);
  },

  "they are listed in pages, each once": async ({ storage }) => {
    const names = Array.from({ length: 25 }, (_, nth) => `job-${nth}`);
    for (const id of names) await add(storage, id);
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await storage.listRecurring({ limit: 7, ...(after === undefined ? {} : { after }) });
      seen.push(...ids(page));
      after = page.at(-1)?.id;
      if (page.length < 7) break;
    }
    assert.deepEqual(seen.toSorted(), names.toSorted());
    assert.deepEqual(ids(await storage.getRecurring(["job-3", "gone", "job-1"])).toSorted(), [
      "job-1",
      "job-3",
    ]);
  },

  "one that is saved with an instant is told of": async ({ storage }) => {
    const heard = new Promise<number>((resolve) => {
      storage.subscribe((signal) => {
        if (signal.kind === "recurring") resolve(signal.at);
      });
    });
    await add(storage, "digest", { nextAt: 77 });
    assert.equal(await heard, 77);
  },
});

async function save(storage: Storage, one: RecurringSave): Promise<string | undefined> {
  return (await storage.saveRecurring([one]))[0];
}

async function saved(storage: Storage, one: RecurringSave): Promise<RecurringRecord> {
  assert.equal(await save(storage, one), "applied");
  const found = await find(storage, one.id);
  assert(found !== undefined, "what was saved is not there");
  return found;
}

function add(storage: Storage, id = newId(), over: Partial<RecurringState> = {}): Promise<RecurringRecord> {
  return saved(storage, { id, version: 0, state: { ...STATE, ...over } });
}

async function find(storage: Storage, id: string): Promise<RecurringRecord | undefined> {
  const [found] = await storage.getRecurring([id]);
  return found === undefined ? undefined : { ...found };
}

function ids(records: readonly RecurringRecord[]): string[] {
  return records.map(({ id }) => id);
}
