import assert from "node:assert/strict";
import { type CommitState, type JobRecord, TAIL } from "../../storage/index.ts";
import { behindWhen, changeOf, LONG_MS, limited, newJobs } from "./builders.ts";
import { assertRow, historyOf } from "./expect.ts";
import { assertListed, isOnItsWay, placesOf, settled } from "./permits.ts";
import { releaseAll } from "./release-all.ts";
import { type Section, section } from "./section.ts";
import type { Setup } from "./setup.ts";

/** Waiters that one write of one change may admit at most. */
const MOST_AT_ONCE = 101;

/** What frees a permit, what keeps it, and who gets it. */
export const limitsFreed: Section<"limits-freed"> = section("limits-freed", {
  ...Object.fromEntries(
    (["Succeeded", "Failed", "Deleted", "Scheduled"] as const).map(
      (state) =>
        [
          `a job that enters ${state} frees its permit for the first that waits`,
          async (setup) => {
            const holder = await setup.claimed(limited("k"));
            const [id = ""] = await setup.insert(limited("k"), limited("k"));
            const [waiting] = await settled(setup, [id]);
            assert(waiting !== undefined);
            await enterLater(setup, holder, state);
            const [admitted] = await settled(setup, [id]);
            assert(admitted !== undefined);
            assertRow(admitted, {
              ...waiting,
              hold: null,
              stateAt: admitted.stateAt,
              fence: waiting.fence + 1,
              history: waiting.history + historyOf([admitted.stateAt, TAIL.admitted]),
            });
            const [claimed] = await setup.claim(await setup.server());
            assert.equal(claimed?.id, id);
          },
        ] satisfies [string, Section["tests"][number]["run"]],
    ),
  ),

  "permits go to who waits by (rank, seq), across queues": async (setup) => {
    const holder = await setup.claimed(limited("k"));
    const ids = await setup.insert(
      { ...limited("k"), queue: "b", rank: 1 },
      { ...limited("k"), queue: "c", rank: 0 },
      { ...limited("k"), queue: "a", rank: 0 },
      { ...limited("k"), queue: "z", rank: -7 },
      { ...limited("other"), queue: "a", rank: -9 },
    );
    const order: number[] = [];
    let job: JobRecord = holder;
    for (let nth = 0; nth < 4; nth++) {
      await setup.enter(job, "Succeeded");
      const rows = await settled(setup, ids.slice(0, 4));
      await assertListed(setup.storage, [holder.id, ...ids]);
      const ready = rows.filter(isOnItsWay);
      assert.equal(ready.length, 1);
      job = ready[0] ?? assert.fail();
      order.push(ids.indexOf(job.id));
    }
    assert.deepEqual(order, [3, 1, 2, 0]);
  },

  "a retry frees its permit, and needs one again": async (setup) => {
    const job = await setup.claimed(limited("k"));
    const [next = ""] = await setup.insert(limited("k"));
    await setup.enter(job, "Scheduled", { failed: true, due: { at: 1_000 } });
    assert.deepEqual(await placesOf(setup, [job.id, next]), ["Scheduled", "ready"]);
    await setup.storage.promote(10);
    assert.deepEqual(await placesOf(setup, [job.id, next]), ["waiting", "ready"]);
    await setup.enter(await setup.row(next), "Deleted");
    assert.deepEqual(await placesOf(setup, [job.id]), ["ready"]);
  },

  "a run that is interrupted, given back, parked or recovered keeps its permit": async (setup) => {
    let job = await setup.claimed({ ...limited("k"), name: "a.b" });
    const [next = ""] = await setup.insert(limited("k"));
    const keeps = async (place: string) =>
      assert.deepEqual(await placesOf(setup, [job.id, next]), [place, "waiting"]);
    await setup.enter(job, "Enqueued", { keepSeq: true });
    await keeps("ready");
    job = await setup.claimAgain(job);
    await setup.storage.giveBack([job]);
    await keeps("ready");
    job = await setup.claimAgain(job);
    await setup.storage.park([job]);
    await keeps("parked");
    const incarnation = await setup.server();
    const request = { incarnation, entry: job.entry, queues: [job.queue], names: ["a.b"], slots: 1 };
    await setup.storage.adopt(request);
    await keeps("Processing");
    await setup.lose(incarnation);
    await keeps("ready");
    await assertListed(setup.storage, [job.id, next]);
  },

  "a job that is quarantined frees its permit": async (setup) => {
    const job = await setup.claimed(limited("k"));
    const ids = await setup.insert(limited("k"), limited("k"));
    assert.equal((await setup.lose(job.owner ?? "", 1))[0]?.quarantined, true);
    assert.deepEqual(await placesOf(setup, [job.id, ...ids]), ["Failed", "ready", "waiting"]);
  },

  "deleting who waits frees nothing, deleting who is ready does": async (setup) => {
    const ids = await setup.insert(...newJobs(4, limited("k")));
    const [ready, waiting] = await settled(setup, ids);
    assert(ready !== undefined && waiting !== undefined);
    await setup.enter(waiting, "Deleted");
    assert.deepEqual(await placesOf(setup, ids), ["ready", "Deleted", "waiting", "waiting"]);
    await setup.enter(ready, "Deleted");
    assert.deepEqual(await placesOf(setup, ids), ["Deleted", "Deleted", "ready", "waiting"]);
    await assertListed(setup.storage, ids);
  },

  "who leaves the first place lets those in who have waited for it": async (setup) => {
    for (const [nth, state] of (["Deleted", "Scheduled", "Enqueued"] as const).entries()) {
      const key = `k${nth}`;
      await setup.insert(limited(key));
      const ids = await setup.insert(limited(key), limited(key, 3), limited(key, 3), limited(key, 3));
      const [first] = await settled(setup, ids);
      assert(first !== undefined);
      await enterLater(setup, first, state);
      const place = state === "Enqueued" ? "waiting" : state;
      assert.deepEqual(await placesOf(setup, ids), [place, "ready", "ready", "waiting"]);
    }
  },

  "a max that is raised counts for the jobs that were made with it, behind those of before": async (
    setup,
  ) => {
    const holder = await setup.claimed(limited("k"));
    const ids = await setup.insert(limited("k"), limited("k", 3), limited("k", 3), limited("k", 3));
    await setup.enter(holder, "Succeeded");
    assert.deepEqual(await placesOf(setup, ids), ["ready", "ready", "ready", "waiting"]);
  },

  "a max that is lowered lets the jobs of before end": async (setup) => {
    const ids = await setup.insert(...newJobs(3, limited("k", 3)), limited("k"));
    const rows = await settled(setup, ids);
    for (const [nth, row] of rows.slice(0, 3).entries()) {
      assert.equal((await placesOf(setup, ids))[3], "waiting", `with ${3 - nth} on their way`);
      await setup.enter(row, "Succeeded");
    }
    assert.deepEqual(await placesOf(setup, ids.slice(3)), ["ready"]);
  },

  "a parent that is skipped has ended: those behind it are told": async (setup) => {
    await setup.insert(limited("k"));
    const requeued = await setup.enter(await setup.inserted({ due: { at: 1_000 }, ...skip }), "Failed");
    const promoted = await setup.inserted({ due: { at: 1_000 }, ...skip });
    const gated = await setup.inserted({ ...skip, ...behindWhen("succeeded", (await setup.inserted()).id) });
    for (const parent of [requeued, promoted, gated]) {
      const conditions = ["succeeded", "deleted", "ended"] as const;
      const children = await setup.insert(...conditions.map((condition) => behindWhen(condition, parent.id)));
      if (parent === requeued) await setup.enter(parent, "Enqueued");
      if (parent === promoted) await setup.storage.promote(10);
      if (parent === gated) {
        const [first] = await setup.storage.parents([gated.id]).then((all) => all.get(gated.id) ?? []);
        await setup.enter(await setup.row(first?.id ?? ""), "Succeeded");
      }
      assert.deepEqual(await placesOf(setup, [parent.id, ...children]), [
        "Deleted",
        "Deleted",
        "ready",
        "ready",
      ]);
    }
  },

  "a parent's permit and its end: who waits goes before the child, a higher priority does not": async (
    setup,
  ) => {
    for (const rank of [0, -1]) {
      const key = `k${rank}`;
      const parent = await setup.claimed(limited(key));
      const ids = await setup.insert(
        { ...limited(key), ...behindWhen("ended", parent.id), rank },
        limited(key),
      );
      await setup.enter(parent, "Succeeded");
      assert.deepEqual(await placesOf(setup, ids), rank === 0 ? ["waiting", "ready"] : ["ready", "waiting"]);
    }
  },

  "changes of one call free what they free, in whatever order they come": async (setup) => {
    const jobs: JobRecord[] = [];
    for (const key of ["a", "a", "b"]) jobs.push(await setup.claimed(limited(key, 2)));
    const ids = await setup.insert(...["a", "b", "b", "a", "a"].map((key) => limited(key, 2)));
    assert.deepEqual(await placesOf(setup, ids), ["waiting", "ready", "waiting", "waiting", "waiting"]);
    await setup.storage.commit(jobs.map((job) => changeOf(job, "Succeeded")));
    assert.deepEqual(await placesOf(setup, ids), ["ready", "ready", "ready", "ready", "waiting"]);
  },

  "more who wait than one write may admit are admitted in bites, each once": async (setup) => {
    const { storage } = setup;
    await setup.insert(limited("k"));
    const [blocker = ""] = await setup.insert(limited("k"));
    const ids: string[] = [];
    while (ids.length < 150) ids.push(...(await setup.insert(...newJobs(50, limited("k", 200)))));
    const first = (await settled(setup, [blocker]))[0] ?? assert.fail();
    await setup.enter(first, "Deleted");
    const atOnce = (await Promise.all(ids.map(setup.row))).filter(isOnItsWay).length;
    assert(atOnce <= MOST_AT_ONCE, `one write admitted ${atOnce}`);
    assert.equal(await releaseAll(storage), ids.length - atOnce);
    for (const row of await settled(setup, ids)) assert.deepEqual([row.hold, row.fence], [null, 2]);
  },

  "a commit that is stale, or sent again, frees nothing": async (setup) => {
    const job = await setup.claimed(limited("k", 2));
    await setup.claimed(limited("k", 2));
    const ids = await setup.insert(...newJobs(3, limited("k", 2)));
    const change = changeOf(job, "Succeeded");
    assert.equal(await setup.commit({ ...change, fence: 9 }), "stale");
    assert.deepEqual(await placesOf(setup, ids), ["waiting", "waiting", "waiting"]);
    assert.deepEqual([await setup.commit(change), await setup.commit(change)], ["applied", "already"]);
    assert.deepEqual(await placesOf(setup, ids), ["ready", "waiting", "waiting"]);
  },
});

const skip = limited("k", 1, "skip");

async function enterLater({ enter }: Setup, job: JobRecord, state: CommitState): Promise<void> {
  await enter(job, state, state === "Scheduled" ? { due: { in: LONG_MS } } : {});
}
