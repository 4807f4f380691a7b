import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import { entryTail, JOB_STATES, type JobRecord, type NewJob, type Signal } from "../../storage/index.ts";
import { behind, limited, newJob, newJobs } from "./builders.ts";
import { assertRow, assertWithin, during, eventually, historyOf } from "./expect.ts";
import { type Section, section } from "./section.ts";

export const insert: Section<"insert"> = section("insert", {
  "a ready job is Enqueued without a hold, its entry the only line of its history": async (setup) => {
    const job = newJob({
      queue: "critical",
      rank: -5,
      name: "Reports.build",
      args: "[2026]",
      displayName: "Build 2026",
      entry: entryTail("Enqueued", "By hand", { by: "me" }),
    });
    const [row, span] = await during(setup.storage, () => setup.inserted(job));
    assertWithin(row.stateAt, span, "stateAt");
    assertRow(row, {
      id: job.id,
      queue: "critical",
      rank: -5,
      seq: row.seq,
      state: "Enqueued",
      stateAt: row.stateAt,
      entry: "",
      hold: null,
      createdAt: row.stateAt,
      dueAt: null,
      plannedAt: null,
      name: "Reports.build",
      args: "[2026]",
      displayName: "Build 2026",
      failures: 0,
      crashes: 0,
      fence: 1,
      owner: null,
      limit: null,
      parameters: null,
      tags: [],
      flags: 0,
      history: historyOf([row.stateAt, job.entry]),
    });
  },

  "inserts under way at the same time are done in the order in which they were asked for": async (setup) => {
    const { insertsAtOnce = 1, maxRows } = setup.storage.manifest;
    const calls = Array.from({ length: insertsAtOnce }, (_, nth) => newJobs(nth === 0 ? maxRows : 2));
    await Promise.all(calls.map((jobs) => setup.storage.insert(jobs)));
    const found = await Promise.all(calls.map((jobs) => setup.storage.get(jobs.map(({ id }) => id))));
    assert.deepEqual(
      found
        .flat()
        .toSorted((a, b) => a.seq - b.seq)
        .map(({ id }) => id),
      calls.flat().map(({ id }) => id),
    );
  },

  "of two inserts under way at the same time the later one finds the parents that the first one stores":
    async (setup) => {
      const { insertsAtOnce = 1, maxRows } = setup.storage.manifest;
      if (insertsAtOnce === 1) return;
      const parents = newJobs(maxRows);
      const last = parents.at(-1);
      assert(last !== undefined);
      const child = newJob(behind(last.id));
      const [, outcomes] = await Promise.all([setup.storage.insert(parents), setup.storage.insert([child])]);
      assert.deepEqual(outcomes, [{ outcome: "inserted" }]);
    },

  "a delayed job is Scheduled for the store's now and the delay, its entry in the columns": async (setup) => {
    const job = newJob({ due: { in: 90_000 }, entry: entryTail("Scheduled", "Later") });
    const [row, span] = await during(setup.storage, () => setup.inserted(job));
    assertWithin(row.stateAt, span, "stateAt");
    assertRow(row, {
      id: job.id,
      queue: job.queue,
      rank: 0,
      seq: row.seq,
      state: "Scheduled",
      stateAt: row.stateAt,
      entry: job.entry,
      hold: "due",
      createdAt: row.stateAt,
      dueAt: row.stateAt + 90_000,
      plannedAt: row.stateAt + 90_000,
      name: job.name,
      args: job.args,
      displayName: null,
      failures: 0,
      crashes: 0,
      fence: 1,
      owner: null,
      limit: null,
      parameters: null,
      tags: [],
      flags: 0,
      history: "",
    });
  },

  "a job may be for another time than that of its insert, and is ready all the same": async (setup) => {
    const row = await setup.inserted({ plannedAt: 1_234 });
    assert.deepEqual([row.state, row.hold, row.dueAt, row.plannedAt], ["Enqueued", null, null, 1_234]);
    const [claimed] = await setup.claim(await setup.server());
    assert.deepEqual([claimed?.id, claimed?.plannedAt], [row.id, 1_234]);
    const putOff = await setup.inserted({ plannedAt: 1_234, due: { in: 90_000 } });
    assert.deepEqual([putOff.dueAt, putOff.plannedAt], [putOff.stateAt + 90_000, 1_234]);
  },

  "a job scheduled for an instant keeps that very instant": async ({ storage, inserted }) => {
    const at = (await storage.now()) + 86_400_123;
    assert.equal((await inserted({ due: { at } })).dueAt, at);
  },

  "jobs that are said to be new are stored as all others": async ({ storage, inserted }) => {
    const at = (await storage.now()) + 90_000;
    const kinds: Partial<NewJob>[] = [
      {},
      { displayName: "Build 2026", rank: -5 },
      { due: { at } },
      { due: { at: 1_000 }, plannedAt: 1_234 },
      { plannedAt: 1_234 },
      { tags: ["eu"], parameters: '{"a":1}' },
      { ...limited("k", 9), due: { at } },
      limited("k", 9),
    ];
    for (const kind of kinds) {
      const [row, ofNew] = [await inserted(kind), await inserted({ ...kind, isNew: true })];
      assert(ofNew.seq > row.seq && ofNew.stateAt >= row.stateAt, JSON.stringify(kind));
      assertRow(timeless(ofNew), timeless(row));
    }
  },

  "new jobs are counted, told and claimed in their order": async (setup) => {
    const { storage } = setup;
    const told: Signal[] = [];
    storage.subscribe((signal) => told.push(signal));
    const jobs = newJobs(3, { isNew: true });
    const due = newJob({ isNew: true, due: { at: 1_000 } });
    await storage.insert(jobs);
    await storage.insert([due]);
    const { Enqueued, Scheduled } = await storage.counts();
    assert.deepEqual([Enqueued, Scheduled], [3, 1]);
    await eventually("both signals", async () =>
      told.some(({ kind }) => kind === "ready") && told.some(({ kind }) => kind === "due") ? true : undefined,
    );
    const claimed = await setup.claim(await setup.server(), { slots: 3 });
    assert.deepEqual(
      claimed.map(({ id }) => id),
      jobs.map(({ id }) => id),
    );
  },

  "a job that is there is never overwritten by one of its id that is said to be new": async ({
    storage,
    claimed,
    row,
  }) => {
    const before = await claimed();
    const [other, late] = newJobs(2, { isNew: true });
    assert(other !== undefined && late !== undefined);
    const again = newJob({ id: before.id, isNew: true, args: '["another"]' });
    assert.deepEqual(
      (await storage.insert([other, again, late])).map(({ outcome }) => outcome),
      ["inserted", "exists", "inserted"],
    );
    const { state, fence, args } = await row(before.id);
    assert.deepEqual([state, fence, args], ["Processing", before.fence, before.args]);
    assert.equal((await row(late.id)).state, "Enqueued");
  },

  "a due time that has passed is stored all the same": async ({ inserted }) => {
    const { state, hold, dueAt } = await inserted({ due: { at: 1_000 } });
    assert.deepEqual({ state, hold, dueAt }, { state: "Scheduled", hold: "due", dueAt: 1_000 });
    assert.equal((await inserted({ due: { in: 0 } })).state, "Scheduled");
  },

  "outcomes come in the order of the jobs": async ({ storage, insert }) => {
    const [known] = await insert({});
    const missing = newId();
    const outcomes = await storage.insert([
      newJob(),
      newJob({ id: known ?? "" }),
      newJob({ gate: { parents: [missing], condition: "succeeded" } }),
      newJob({ due: { in: 5_000 } }),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => ({ ...outcome })),
      [
        { outcome: "inserted" },
        { outcome: "exists" },
        { outcome: "parent-not-found", parent: missing },
        { outcome: "inserted" },
      ],
    );
  },

  "no jobs, no outcomes": async ({ storage }) => {
    assert.deepEqual(await storage.insert([]), []);
  },

  ...Object.fromEntries(
    JOB_STATES.map(
      (state) =>
        [
          `an id that exists in state ${state} stays as it is`,
          async (setup) => {
            const before = await setup.jobIn(state);
            const again = newJob({ id: before.id, queue: "other", rank: 7, args: "[]", due: { in: 5 } });
            assert.deepEqual(await outcomesOf(setup.storage.insert([again])), ["exists"]);
            assertRow(await setup.row(before.id), before);
          },
        ] satisfies [string, Section["tests"][number]["run"]],
    ),
  ),

  "of one id twice in a call the first is stored": async ({ storage, row }) => {
    const job = newJob({ args: "[1]" });
    const outcomes = await outcomesOf(storage.insert([job, newJob(), { ...job, args: "[2]" }]));
    assert.deepEqual(outcomes, ["inserted", "inserted", "exists"]);
    assert.equal((await row(job.id)).args, "[1]");
  },

  "one id in two calls at once is stored by one of them": async ({ storage, another, row }) => {
    const other = await another();
    const job = newJob();
    const outcomes = await Promise.all(
      [storage, other, storage].map(async (handle) => (await outcomesOf(handle.insert([job])))[0]),
    );
    assert.deepEqual(outcomes.sort(), ["exists", "exists", "inserted"]);
    assert.equal((await row(job.id)).fence, 1);
  },

  "seq rises within a call and across calls, whatever the ids say": async ({ storage, insert, row }) => {
    const ids = Array.from({ length: 6 }, () => newId()).reverse();
    await insert(...ids.slice(0, 3).map((id) => ({ id })));
    await insert(...ids.slice(3).map((id, nth) => ({ id, rank: -nth, due: { in: 5_000 } })));
    const seqs = await Promise.all(ids.map(async (id) => (await row(id)).seq));
    assert.deepEqual(
      seqs,
      [...new Set(seqs)].sort((a, b) => a - b),
    );
    assert.equal((await storage.get(ids)).length, 6);
  },

  "a call takes as many jobs as the manifest says": async ({ storage }) => {
    const jobs = newJobs(storage.manifest.maxRows);
    const outcomes = await outcomesOf(storage.insert(jobs));
    assert.deepEqual(new Set(outcomes), new Set(["inserted"]));
    assert.equal((await storage.get(jobs.map(({ id }) => id))).length, jobs.length);
  },

  "a stored job is seen through another handle": async ({ insert, another }) => {
    const other = await another();
    const ids = await insert({}, {});
    assert.equal((await other.get(ids)).length, 2);
  },
});

async function outcomesOf(answer: Promise<{ readonly outcome: string }[]>): Promise<string[]> {
  return (await answer).map(({ outcome }) => outcome);
}

/** What two jobs of one kind have in common. */
function timeless(row: JobRecord): JobRecord {
  const history = row.history.replaceAll(/"at":\d+/g, '"at":0');
  return { ...row, id: "", seq: 0, stateAt: 0, createdAt: 0, history };
}
