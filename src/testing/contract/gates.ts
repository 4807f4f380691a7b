import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import { entryTail, FLAG, type JobRecord, TAIL } from "../../storage/index.ts";
import { behind, changeOf, newJob } from "./builders.ts";
import { assertRow, assertWithin, during, historyOf } from "./expect.ts";
import { type Section, section } from "./section.ts";

export const gates: Section<"gates"> = section("gates", {
  "a job behind a gate is Awaiting; flags are set, the parent's fence stays": async (setup) => {
    const parent = await setup.inserted();
    const job = newJob({ ...behind(parent.id), entry: entryTail("Awaiting", null, { parents: 1 }) });
    const [row, span] = await during(setup.storage, () => setup.inserted(job));
    assertWithin(row.stateAt, span, "stateAt");
    assertRow(row, {
      ...parent,
      id: job.id,
      seq: row.seq,
      state: "Awaiting",
      stateAt: row.stateAt,
      createdAt: row.stateAt,
      entry: job.entry,
      hold: "gate",
      flags: FLAG.gated,
      history: "",
    });
    assertRow(await setup.row(parent.id), { ...parent, flags: FLAG.parent });
  },

  "the last parent to succeed readies the job, with both entries in its history": async (setup) => {
    const parents = [await setup.inserted(), await setup.inserted(), await setup.inserted()] as const;
    const child = await setup.inserted(behind(...parents.map(({ id }) => id)));
    await setup.enter(parents[1], "Succeeded");
    await setup.enter(parents[0], "Succeeded");
    assertRow(await setup.row(child.id), child);
    const last = await setup.inserted();
    await setup.enter(parents[2], "Succeeded");
    const row = await setup.row(child.id);
    assertRow(row, {
      ...child,
      seq: row.seq,
      state: "Enqueued",
      stateAt: row.stateAt,
      entry: "",
      hold: null,
      fence: child.fence + 1,
      history: historyOf([child.stateAt, child.entry], [row.stateAt, TAIL.released]),
    });
    assert(row.seq > last.seq, "a new seq is higher than all before it");
  },

  "the first parent that is deleted deletes the job": async ({ inserted, enter, row }) => {
    const [first, second] = [await inserted(), await inserted()];
    const child = await inserted(behind(first.id, second.id));
    await enter(second, "Deleted");
    const after = await row(child.id);
    assertRow(after, {
      ...child,
      state: "Deleted",
      stateAt: after.stateAt,
      entry: TAIL.conditionNotMet,
      hold: null,
      fence: child.fence + 1,
      history: historyOf([child.stateAt, child.entry]),
    });
    await enter(first, "Succeeded");
    assertRow(await row(child.id), after);
  },

  "a parent that failed leaves the job waiting for what becomes of it": async ({ inserted, enter, row }) => {
    const parent = await inserted();
    const child = await inserted(behind(parent.id));
    const failed = await enter(parent, "Failed");
    const requeued = await enter(failed, "Enqueued");
    assertRow(await row(child.id), child);
    await enter(requeued, "Succeeded");
    assert.equal((await row(child.id)).state, "Enqueued");
  },

  "parents that have succeeded before count: the job is ready at once, with both entries": async (setup) => {
    const parent = await setup.jobIn("Succeeded");
    const job = newJob(behind(parent.id));
    const row = await setup.inserted(job);
    assert.deepEqual([row.state, row.hold, row.entry, row.fence], ["Enqueued", null, "", 1]);
    assert.equal(row.history, historyOf([row.stateAt, job.entry], [row.stateAt, TAIL.released]));
    assert.deepEqual([row.flags, (await setup.row(parent.id)).flags], [FLAG.gated, FLAG.parent]);
    assert.equal((await setup.claim(await setup.server()))[0]?.id, job.id);
  },

  "of several parents only those that are left are waited for": async ({ inserted, jobIn, enter, row }) => {
    const [done, open] = [await jobIn("Succeeded"), await inserted()];
    const child = await inserted(behind(done.id, open.id));
    assert.equal(child.state, "Awaiting");
    await enter(open, "Succeeded");
    assert.equal((await row(child.id)).state, "Enqueued");
  },

  "behind a parent that is deleted a job is Deleted at once": async ({ inserted, jobIn }) => {
    const job = newJob(behind((await inserted()).id, (await jobIn("Deleted")).id));
    const row = await inserted(job);
    assert.deepEqual([row.state, row.hold, row.entry, row.fence], ["Deleted", null, TAIL.conditionNotMet, 1]);
    assert.equal(row.history, historyOf([row.stateAt, job.entry]));
  },

  "a parent that is not there: nothing of the job is written": async ({ storage, inserted, row }) => {
    const parent = await inserted();
    const missing = newId();
    const job = newJob(behind(parent.id, missing));
    const [outcome] = await storage.insert([job]);
    assert.deepEqual({ ...outcome }, { outcome: "parent-not-found", parent: missing });
    assert.deepEqual(await storage.get([job.id]), []);
    assertRow(await row(parent.id), parent);
  },

  "of several parents that are not there the first is named, in the order given": async ({ storage }) => {
    const missing = [newId(), newId(), newId()].reverse();
    const [outcome] = await storage.insert([newJob(behind(...missing))]);
    assert.deepEqual({ ...outcome }, { outcome: "parent-not-found", parent: missing[0] });
  },

  "an id that exists is told before a parent that does not": async ({ storage, inserted }) => {
    const { id } = await inserted();
    const [outcome] = await storage.insert([newJob({ id, ...behind(newId()) })]);
    assert.equal(outcome?.outcome, "exists");
  },

  "a job is no parent of its own": async ({ storage }) => {
    const id = newId();
    const [outcome] = await storage.insert([newJob({ id, ...behind(id) })]);
    assert.equal(outcome?.outcome, "parent-not-found");
  },

  "a parent stored earlier in the same call counts, one stored later does not": async ({ storage, row }) => {
    const [parent, later] = [newJob(), newJob()];
    const [child, grandchild] = [newJob(behind(parent.id)), newJob()];
    const jobs = [parent, child, { ...grandchild, ...behind(child.id) }, newJob(behind(later.id)), later];
    const outcomes = (await storage.insert(jobs)).map(({ outcome }) => outcome);
    assert.deepEqual(outcomes, ["inserted", "inserted", "inserted", "parent-not-found", "inserted"]);
    assert.equal((await row(child.id)).flags, FLAG.gated | FLAG.parent);
    assert.equal((await row(grandchild.id)).state, "Awaiting");
  },

  "a parent that is named twice counts once": async ({ inserted, enter, row }) => {
    const [first, second] = [await inserted(), await inserted()];
    const child = await inserted(behind(first.id, second.id, first.id));
    await enter(first, "Succeeded");
    assert.equal((await row(child.id)).state, "Awaiting");
    await enter(second, "Succeeded");
    assert.equal((await row(child.id)).state, "Enqueued");
  },

  "a parent counts once for ever, however often it succeeds": async ({ inserted, enter, row }) => {
    const [first, second] = [await inserted(), await inserted()];
    const child = await inserted(behind(first.id, second.id));
    const once = await enter(first, "Succeeded");
    await enter(await enter(once, "Enqueued"), "Succeeded");
    assertRow(await row(child.id), child);
    await enter(second, "Succeeded");
    assert.equal((await row(child.id)).state, "Enqueued");
  },

  "a parent that is deleted after it succeeded has succeeded": async ({ inserted, enter, row }) => {
    const [first, second] = [await inserted(), await inserted()];
    const child = await inserted(behind(first.id, second.id));
    await enter(await enter(first, "Succeeded"), "Deleted");
    assertRow(await row(child.id), child);
    await enter(second, "Succeeded");
    assert.equal((await row(child.id)).state, "Enqueued");
  },

  "a replayed commit counts no parent twice": async ({ inserted, commit, row }) => {
    const [first, second] = [await inserted(), await inserted()];
    const child = await inserted(behind(first.id, second.id));
    const change = changeOf(await row(first.id), "Succeeded");
    assert.deepEqual([await commit(change), await commit(change)], ["applied", "already"]);
    assertRow(await row(child.id), child);
  },

  "a stale commit opens no gate": async ({ inserted, commit, row }) => {
    const parent = await inserted();
    const child = await inserted(behind(parent.id));
    assert.equal(await commit(changeOf(parent, "Succeeded", { fence: 9 })), "stale");
    assertRow(await row(child.id), child);
  },

  "a waiter that has gone on by other ways is left alone": async ({ inserted, enter, row }) => {
    const [opened, broken] = [await inserted(), await inserted()];
    const waiters: JobRecord[] = [
      await enter(await inserted(behind(opened.id)), "Enqueued"),
      await enter(await inserted(behind(opened.id)), "Deleted"),
      await enter(await inserted(behind(broken.id)), "Enqueued"),
      await enter(await inserted(behind(broken.id)), "Succeeded"),
    ];
    await enter(opened, "Succeeded");
    await enter(broken, "Deleted");
    for (const before of waiters) assertRow(await row(before.id), before);
  },

  "a waiter that is deleted by hand deletes those behind it": async ({ inserted, enter, row }) => {
    const child = await inserted(behind((await inserted()).id));
    const grandchild = await inserted(behind(child.id));
    await enter(await row(child.id), "Deleted");
    assert.equal((await row(grandchild.id)).entry, TAIL.conditionNotMet);
  },

  "a deleted parent deletes a whole chain in one write": async ({ inserted, enter, row }) => {
    const first = await inserted();
    const chain = [first];
    for (let link = 0; link < 5; link++) chain.push(await inserted(behind(chain.at(-1)?.id ?? "")));
    await enter(first, "Deleted");
    for (const { id, fence } of chain.slice(1)) {
      const after = await row(id);
      assert.deepEqual([after.state, after.entry, after.fence], ["Deleted", TAIL.conditionNotMet, fence + 1]);
    }
  },

  "jobs that wait for several parents are each released once": async ({ storage, insert, inserted, row }) => {
    const parents = [await inserted(), await inserted()];
    const children = await insert(
      ...Array.from({ length: 10 }, () => behind(...parents.map(({ id }) => id))),
    );
    await storage.commit(parents.map((parent) => changeOf(parent, "Succeeded")));
    for (const id of children) {
      const { state, fence } = await row(id);
      assert.deepEqual([state, fence], ["Enqueued", 2]);
    }
  },
});
