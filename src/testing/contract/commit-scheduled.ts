import assert from "node:assert/strict";
import { entryTail, pastOf } from "../../storage/index.ts";
import { assertRow, historyOf } from "./expect.ts";
import { type Section, section } from "./section.ts";

/** What a commit to Scheduled makes of the times of a job. */
export const commitScheduled: Section<"commit-scheduled"> = section("commit-scheduled", {
  "a retry is Scheduled by the store's clock, after the Failed that it replaced": async (setup) => {
    const { blamed: _, ...job } = await setup.claimed();
    const failed = entryTail("Failed", "Error: no", { error: "no" });
    const entry = entryTail("Scheduled", "Retry attempt 1 of 10: no");
    const change = { entry, replaced: [failed], failed: true, keepsPlan: true, due: { in: 30_000 } };
    const row = await setup.enter(job, "Scheduled", change);
    assertRow(row, {
      ...job,
      seq: row.seq,
      state: "Scheduled",
      stateAt: row.stateAt,
      entry,
      hold: "due",
      dueAt: row.stateAt + 30_000,
      plannedAt: null,
      failures: 1,
      owner: null,
      fence: job.fence + 1,
      history: pastOf(job) + historyOf([row.stateAt, failed]),
    });
  },

  "what is Scheduled without a due time is due now": async ({ claimed, enter }) => {
    const { stateAt, dueAt } = await enter(await claimed(), "Scheduled");
    assert.equal(dueAt, stateAt);
  },

  "a due instant is kept as it is, and stays when the job goes on": async ({ claimed, enter, storage }) => {
    const at = (await storage.now()) + 77_777;
    const scheduled = await enter(await claimed(), "Scheduled", { due: { at } });
    assert.equal(scheduled.dueAt, at);
    const deleted = await enter(scheduled, "Deleted");
    assert.deepEqual([deleted.hold, deleted.dueAt], [null, at]);
  },

  "a job that is put off is still for its time, a person moves it": async (setup) => {
    const at = (await setup.storage.now()) + 77_777;
    const scheduled = await setup.enter(await setup.claimed(), "Scheduled", { due: { at } });
    assert.equal(scheduled.plannedAt, at);
    const retried = await setup.enter(scheduled, "Scheduled", {
      failed: true,
      keepsPlan: true,
      due: { in: 5 },
    });
    assert.deepEqual([retried.dueAt, retried.plannedAt], [retried.stateAt + 5, at]);
    const settled = await setup.enter(retried, "Failed", { failed: true });
    const moved = await setup.enter(settled, "Scheduled", { due: { in: 7 } });
    assert.equal(moved.plannedAt, moved.stateAt + 7);
    const requeued = await setup.enter(moved, "Enqueued");
    assert.equal(requeued.plannedAt, moved.plannedAt);
    const putOff = await setup.enter(requeued, "Scheduled", { keepsPlan: true, due: { in: 900 } });
    assert.deepEqual([putOff.dueAt, putOff.plannedAt], [putOff.stateAt + 900, moved.plannedAt]);
  },
});
