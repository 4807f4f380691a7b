import assert from "node:assert/strict";
import { entryTail, pastOf } from "../../storage/index.ts";
import { behind, changeOf, LONG_MS, limited, newJob } from "./builders.ts";
import { assertRow } from "./expect.ts";
import { placesOf } from "./permits.ts";
import { releaseAll } from "./release-all.ts";
import { type Section, section } from "./section.ts";
import { settle } from "./settle.ts";

/** `commit` within a transaction of the caller's: what a job writes, and its own end, are committed together. */
export const transactionsOfRuns: Section<"transactions-of-runs"> = section("transactions-of-runs", {
  "a job has ended when its caller has committed; told again it is a replay": async (setup) => {
    const { blamed: _, ...job } = await setup.claimed();
    const change = changeOf(job, "Succeeded", { entry: entryTail("Succeeded", null, { duration: 3 }) });
    const tx = await setup.begin();
    assert.deepEqual(await tx.change([change]), ["applied"]);
    assert.equal((await setup.row(job.id)).state, "Processing");
    await tx.commit();
    const row = await setup.row(job.id);
    const entered = { state: "Succeeded", stateAt: row.stateAt, entry: change.entry } as const;
    assertRow(row, { ...job, ...entered, owner: null, fence: job.fence + 1, history: pastOf(job) });
    assert.equal(await setup.commit(change), "already");
    assert.equal((await setup.storage.counts()).Succeeded, 1);
  },

  "after a rollback it still runs, and ends as it likes": async (setup) => {
    const job = await setup.claimed();
    const tx = await setup.begin();
    await tx.change([changeOf(job, "Succeeded")]);
    await tx.rollback();
    assert.equal((await setup.storage.counts()).Processing, 1);
    const failed = await setup.enter(job, "Scheduled", { failed: true, due: { in: LONG_MS } });
    assert.deepEqual([failed.state, failed.failures], ["Scheduled", 1]);
  },

  "whoever tells the end meanwhile is told to come again, or waits": async (setup) => {
    const job = await setup.claimed();
    const change = changeOf(job, "Succeeded");
    const tx = await setup.begin();
    await tx.change([change]);
    const told = settle(setup.storage, change);
    await tx.commit();
    assert.equal(await told, "already");
  },

  "a lost claim is stale, and a job that is gone is gone": async (setup) => {
    const { storage } = setup;
    const job = await setup.claimed();
    await setup.enter(job, "Deleted");
    const gone = { ...job, id: newJob().id };
    const tx = await setup.begin();
    assert.deepEqual(await tx.change([changeOf(job, "Succeeded"), changeOf(gone, "Succeeded")]), [
      "stale",
      "gone",
    ]);
    await tx.commit();
    assert.deepEqual(
      (await storage.get([job.id])).map(({ state }) => state),
      ["Deleted"],
    );
  },

  "into every other state, with what hangs on it": async (setup) => {
    const [failed, later, again, deleted] = [
      await setup.claimed(),
      await setup.claimed(),
      await setup.claimed(),
      await setup.claimed(),
    ];
    const tx = await setup.begin();
    const outcomes = await tx.change([
      changeOf(failed, "Failed", { failed: true }),
      changeOf(later, "Scheduled", { due: { in: LONG_MS }, parameters: '{"a":1}' }),
      changeOf(again, "Enqueued", { queue: "slow" }),
      changeOf(deleted, "Deleted", { replaced: [entryTail("Failed")] }),
    ]);
    await tx.commit();
    assert.deepEqual(new Set(outcomes), new Set(["applied"]));
    const rows = await Promise.all([failed, later, again, deleted].map(({ id }) => setup.row(id)));
    assert.deepEqual(
      rows.map(({ state, queue, parameters, failures }) => [state, queue, parameters, failures]),
      [
        ["Failed", failed.queue, null, 1],
        ["Scheduled", later.queue, '{"a":1}', 0],
        ["Enqueued", "slow", null, 0],
        ["Deleted", deleted.queue, null, 0],
      ],
    );
    const { Processing, Failed, Scheduled, Enqueued, Deleted } = await setup.storage.counts();
    assert.deepEqual([Processing, Failed, Scheduled, Enqueued, Deleted], [0, 1, 1, 1, 1]);
  },

  "continuations begin after the commit, and not after a rollback": async (setup) => {
    for (const end of ["rollback", "commit"] as const) {
      const parent = await setup.claimed();
      const child = await setup.inserted(behind(parent.id));
      const grandchild = await setup.inserted(behind(child.id));
      const tx = await setup.begin();
      assert.deepEqual(await tx.change([changeOf(parent, "Deleted")]), ["applied"]);
      await tx[end]();
      await releaseAll(setup.storage);
      const states = [await setup.row(child.id), await setup.row(grandchild.id)].map(({ state }) => state);
      const expected = end === "commit" ? "Deleted" : "Awaiting";
      assert.deepEqual(states, [expected, expected]);
    }
  },

  "a job continues itself in the transaction in which it ends": async (setup) => {
    const parent = await setup.claimed();
    const child = newJob(behind(parent.id));
    const tx = await setup.begin();
    await tx.insert([child]);
    assert.deepEqual(await tx.change([changeOf(parent, "Succeeded")]), ["applied"]);
    await tx.commit();
    await releaseAll(setup.storage);
    assert.equal((await setup.row(child.id)).state, "Enqueued");
  },

  "its permit is free after the commit": async (setup) => {
    const job = await setup.claimed(limited("k"));
    const [waiting = ""] = await setup.insert(limited("k"));
    const tx = await setup.begin();
    await tx.change([changeOf(job, "Succeeded")]);
    await tx.commit();
    assert.deepEqual(await placesOf(setup, [job.id, waiting]), ["Succeeded", "ready"]);
  },
});
