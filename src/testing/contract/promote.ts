import assert from "node:assert/strict";
import { type JobRecord, TAIL } from "../../storage/index.ts";
import { changeOf, LONG_MS } from "./builders.ts";
import { assertRow, assertWithin, during, eventually, historyOf } from "./expect.ts";
import { type Section, section } from "./section.ts";
import type { Setup } from "./setup.ts";

export const promote: Section<"promote"> = section("promote", {
  "with nothing scheduled there is nothing to promote": async ({ storage, insert }) => {
    await insert({});
    const [answer, span] = await during(storage, () => storage.promote(10));
    assertWithin(answer.now, span, "now");
    assert.deepEqual({ ...answer }, { promoted: 0, nextDueAt: null, now: answer.now });
  },

  "a promoted job is Enqueued at the end, both entries in its history": async (setup) => {
    const before = await setup.inserted({ due: { at: 1_000 } });
    const later = await setup.inserted();
    const [answer, span] = await during(setup.storage, () => setup.storage.promote(10));
    assert.deepEqual([answer.promoted, answer.nextDueAt], [1, null]);
    const after = await setup.row(before.id);
    assertWithin(after.stateAt, span, "stateAt");
    assertRow(after, {
      ...before,
      seq: after.seq,
      state: "Enqueued",
      stateAt: after.stateAt,
      entry: "",
      hold: null,
      fence: before.fence + 1,
      history: historyOf([before.stateAt, before.entry], [after.stateAt, TAIL.promoted]),
    });
    assert(after.seq > later.seq, "a new seq is higher than all before it");
    const jobs = await setup.claim(await setup.server());
    assert.deepEqual(
      jobs.map(({ id }) => id),
      [later.id, before.id],
    );
  },

  "no job is promoted before its due time": async (setup) => {
    const ids = await setup.insert(...[20, 35, 50, 65].map((delay) => ({ due: { in: delay } })));
    const rows = await eventually("all are promoted", async () => {
      await setup.storage.promote(10);
      const rows = await Promise.all(ids.map((id) => setup.row(id)));
      return rows.every(({ state }) => state === "Enqueued") ? rows : undefined;
    });
    for (const { stateAt, dueAt } of rows) assert(dueAt !== null && stateAt >= dueAt, "promoted too early");
  },

  "a job that is not due stays, and the answer tells when it will be": async ({ storage, inserted, row }) => {
    const later = await inserted({ due: { in: 2 * LONG_MS } });
    const sooner = await inserted({ due: { in: LONG_MS } });
    const { promoted, nextDueAt } = await storage.promote(10);
    assert.deepEqual([promoted, nextDueAt], [0, sooner.dueAt]);
    assertRow(await row(later.id), later);
    assertRow(await row(sooner.id), sooner);
  },

  "a bite takes the earliest, up to its limit, and tells of the next": async ({ storage, insert, row }) => {
    const ids = await insert(...[3_000, 1_000, 4_000, 2_000].map((at) => ({ due: { at } })));
    const first = await storage.promote(2);
    assert.deepEqual([first.promoted, first.nextDueAt], [2, 3_000]);
    const states = await Promise.all(ids.map(async (id) => (await row(id)).state));
    assert.deepEqual(states, ["Scheduled", "Enqueued", "Scheduled", "Enqueued"]);
    const second = await storage.promote(2);
    assert.deepEqual([second.promoted, second.nextDueAt], [2, null]);
  },

  "jobs of one bite are ready in the order in which they were due": async ({
    storage,
    insert,
    claim,
    server,
  }) => {
    const ids = await insert(...[3_000, 1_000, 2_000].map((at) => ({ due: { at } })));
    await storage.promote(10);
    assert.deepEqual(
      (await claim(await server())).map(({ id }) => id),
      [ids[1], ids[2], ids[0]],
    );
  },

  "a retry is promoted like any other, its failures kept": async ({ storage, claimed, enter, row }) => {
    const failed = await enter(await claimed(), "Scheduled", { failed: true, due: { in: 0 } });
    assert.equal((await storage.promote(10)).promoted, 1);
    const { state, failures, crashes, fence } = await row(failed.id);
    assert.deepEqual(
      { state, failures, crashes, fence },
      { state: "Enqueued", failures: 1, crashes: 0, fence: 4 },
    );
  },

  "a retry that was moved is ready in its new queue": async ({ storage, claimed, enter, claim, server }) => {
    const { id } = await enter(await claimed(), "Scheduled", { due: { in: 0 }, queue: "slow" });
    await storage.promote(10);
    assert.equal((await claim(await server(), { queues: ["slow"] }))[0]?.id, id);
  },

  "a job that was moved on before it was due is left alone": async (setup) => {
    const { storage, enter, row } = setup;
    const rows: JobRecord[] = [
      await enter(await dueJob(setup), "Deleted"),
      await enter(await dueJob(setup), "Enqueued"),
      await enter(await dueJob(setup), "Scheduled", { due: { in: LONG_MS } }),
    ];
    assert.equal((await storage.promote(10)).promoted, 0);
    for (const before of rows) assertRow(await row(before.id), before);
  },

  "a promoted job is promoted once, whoever asks": async ({ storage, another, insert, row }) => {
    const ids = await insert(...Array.from({ length: 20 }, () => ({ due: { at: 1_000 } })));
    const other = await another();
    const answers = await Promise.all([storage, other, storage, other].map((handle) => handle.promote(20)));
    assert.equal(
      answers.reduce((sum, { promoted }) => sum + promoted, 0),
      20,
    );
    for (const id of ids) assert.equal((await row(id)).fence, 2);
  },

  "what its owner knew of a job before it was promoted is stale": async ({ storage, inserted, commit }) => {
    const before = await inserted({ due: { at: 1_000 } });
    await storage.promote(1);
    assert.equal(await commit(changeOf(before, "Deleted")), "stale");
  },
});

function dueJob({ inserted }: Setup): Promise<JobRecord> {
  return inserted({ due: { at: 1_000 } });
}
