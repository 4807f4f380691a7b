import assert from "node:assert/strict";
import { type JobRecord, type StatisticsHour, type Storage, TAIL } from "../../storage/index.ts";
import { behind, behindWhen, changeOf, LONG_MS, limited, newJob, newJobs } from "./builders.ts";
import { releaseAll } from "./release-all.ts";
import { type Section, section } from "./section.ts";

const HOUR_MS = 3_600_000;
type Counts = Omit<StatisticsHour, "at">;
const NOTHING: Counts = { succeeded: 0, failed: 0, deleted: 0, retried: 0 };

/** What happened hour by hour. A test may run over the end of an hour: all hours together are what it looks at. */
export const statistics: Section<"statistics"> = section("statistics", {
  "where nothing has happened there are no hours": async ({ storage, insert, claimed }) => {
    await insert({}, { due: { in: LONG_MS } });
    await storage.giveBack([await claimed()]);
    assert.deepEqual(await hoursOf(storage), []);
  },

  "every job that enters Succeeded, Failed or Deleted is counted in the hour of its write": async (setup) => {
    const { storage, claimed, enter } = setup;
    const from = await storage.now();
    for (const state of ["Succeeded", "Succeeded", "Failed", "Deleted"] as const) {
      await enter(await claimed(), state);
    }
    const to = await storage.now();
    assert.deepEqual(await totalOf(storage), { ...NOTHING, succeeded: 2, failed: 1, deleted: 1 });
    for (const { at } of await hoursOf(storage)) {
      assert.equal(at % HOUR_MS, 0);
      assert(at > from - HOUR_MS && at <= to, "an hour in which nothing happened");
    }
  },

  "the range takes hours by their beginning: from, and before to": async ({ storage, enter, inserted }) => {
    await enter(await inserted(), "Deleted");
    const hours = await hoursOf(storage);
    const [first, last] = [hours[0]?.at ?? Number.NaN, hours.at(-1)?.at ?? Number.NaN];
    assert.deepEqual(await storage.statistics({ from: first, to: last + 1 }), hours);
    assert.deepEqual(await storage.statistics({ from: last + 1, to: last + HOUR_MS }), []);
    assert.deepEqual(await storage.statistics({ from: first - HOUR_MS, to: first }), []);
  },

  "counts never fall, and what happens twice counts twice": async ({ storage, inserted, enter }) => {
    const once = await enter(await inserted(), "Succeeded");
    const again = await enter(await enter(once, "Enqueued"), "Succeeded");
    await enter(again, "Deleted");
    await storage.expire({ retention: { state: "Deleted", ageMs: 0, count: null }, limit: 10 });
    assert.deepEqual(await totalOf(storage), { ...NOTHING, succeeded: 2, deleted: 1 });
  },

  "a failed run counts as retried unless it ends in Failed": async ({
    storage,
    claimed,
    claimAgain,
    enter,
  }) => {
    let job: JobRecord = await claimed();
    await enter(job, "Enqueued", { failed: true, keepSeq: true });
    job = await enter(await claimAgain(job), "Scheduled", { failed: true, due: { at: 1_000 } });
    await storage.promote(1);
    await enter(await claimAgain(job), "Failed", { failed: true });
    await enter(await claimed(), "Deleted", { failed: true });
    assert.deepEqual(await totalOf(storage), { ...NOTHING, failed: 1, deleted: 1, retried: 3 });
  },

  "a commit that is stale, gone or sent again counts nothing": async ({ storage, claimed, commit }) => {
    const change = changeOf(await claimed(), "Succeeded", { failed: true });
    assert.equal(await commit({ ...change, fence: 9 }), "stale");
    assert.equal(await commit({ ...change, id: newJob().id }), "gone");
    assert.deepEqual([await commit(change), await commit(change)], ["applied", "already"]);
    assert.deepEqual(await totalOf(storage), { ...NOTHING, succeeded: 1, retried: 1 });
  },

  "a quarantined job has failed, a recovered one has not": async ({ storage, claimed, lose }) => {
    await lose((await claimed()).owner ?? "", 1);
    await lose((await claimed()).owner ?? "", 3);
    assert.deepEqual(await totalOf(storage), { ...NOTHING, failed: 1 });
  },

  "jobs that gates and limits delete are counted, wherever it happens": async (setup) => {
    const { storage, insert, inserted, jobIn, enter } = setup;
    const deleted = await jobIn("Deleted");
    await insert(behind(deleted.id));
    const parent = await inserted();
    const many = newJobs(130, behindWhen("deleted", parent.id));
    for (let at = 0; at < many.length; at += 50) await insert(...many.slice(at, at + 50));
    await enter(parent, "Succeeded");
    await releaseAll(storage);
    assert.deepEqual(await totalOf(storage), { ...NOTHING, succeeded: 1, deleted: 132 });
    const skip = limited("k", 1, "skip");
    await insert(limited("k"), skip, { ...skip, due: { at: 1_000 } });
    await storage.promote(10);
    const failed = await enter(await inserted({ ...skip, due: { in: LONG_MS } }), "Failed");
    assert.equal((await enter(failed, "Enqueued")).entry, TAIL.skipped);
    assert.deepEqual(await totalOf(storage), { ...NOTHING, succeeded: 1, failed: 1, deleted: 135 });
  },

  "what several handles write at once is counted together": async ({
    storage,
    another,
    insert,
    server,
    claim,
  }) => {
    const handles = [storage, await another()] as const;
    await insert(...newJobs(40));
    const jobs = await claim(await server());
    await Promise.all(
      jobs.map((job, nth) => handles[nth % 2 === 0 ? 0 : 1].commit([changeOf(job, "Succeeded")])),
    );
    assert.deepEqual(await totalOf(handles[1]), { ...NOTHING, succeeded: 40 });
  },
});

async function hoursOf(storage: Storage): Promise<StatisticsHour[]> {
  const hours = await storage.statistics({ from: 0, to: Number.MAX_SAFE_INTEGER });
  const starts = hours.map(({ at }) => at);
  assert.deepEqual(
    starts,
    [...new Set(starts)].sort((a, b) => a - b),
    "hours come oldest first, each once",
  );
  return hours.map((hour) => ({ ...hour }));
}

async function totalOf(storage: Storage): Promise<Counts> {
  const total = { ...NOTHING };
  for (const { succeeded, failed, deleted, retried } of await hoursOf(storage)) {
    assert(succeeded + failed + deleted + retried > 0, "an hour in which nothing happened");
    total.succeeded += succeeded;
    total.failed += failed;
    total.deleted += deleted;
    total.retried += retried;
  }
  return total;
}
