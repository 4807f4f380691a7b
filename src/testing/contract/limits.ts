import assert from "node:assert/strict";
import { entryTail, FLAG, type JobRecord, TAIL } from "../../storage/index.ts";
import { behind, changeOf, limited, newJob, newJobs } from "./builders.ts";
import { assertRow, historyOf } from "./expect.ts";
import { assertListed, placesOf, settled } from "./permits.ts";
import { releaseAll } from "./release-all.ts";
import { type Section, section } from "./section.ts";
import type { Setup } from "./setup.ts";

/** Who is admitted, waits or is skipped, where a job would become ready. */
export const limits: Section<"limits"> = section("limits", {
  "with a permit a job is ready, without one it waits, Enqueued": async (setup) => {
    const jobs = [newJob(limited("k")), newJob({ ...limited("k"), queue: "slow", name: "b.c" })] as const;
    const [ready, waiting] = await settled(setup, await setup.insert(...jobs));
    assert(ready !== undefined && waiting !== undefined);
    assert.deepEqual([ready.state, ready.hold, ready.flags], ["Enqueued", null, FLAG.limited]);
    assert.deepEqual({ ...ready.limit }, jobs[0].limit);
    assertRow(waiting, {
      ...ready,
      id: jobs[1].id,
      queue: "slow",
      name: "b.c",
      seq: waiting.seq,
      stateAt: waiting.stateAt,
      createdAt: waiting.createdAt,
      hold: "limit",
      fence: 1,
      history: historyOf([waiting.stateAt, jobs[1].entry]),
    });
    assert(waiting.seq > ready.seq);
    const server = await setup.server();
    const claimed = await setup.claim(server, { queues: ["default", "slow"] });
    assert.deepEqual(
      claimed.map(({ id, limit }) => [id, limit]),
      [[ready.id, ready.limit]],
    );
  },

  "without a permit a job is skipped: Deleted, with the reason": async (setup) => {
    await setup.insert(limited("k", 1, "skip"));
    const job = newJob(limited("k", 1, "skip"));
    const skipped = await setup.inserted(job);
    assert.deepEqual([skipped.state, skipped.hold, skipped.entry], ["Deleted", null, TAIL.skipped]);
    assert.deepEqual([skipped.fence, skipped.flags], [1, FLAG.limited]);
    assert.equal(skipped.history, historyOf([skipped.stateAt, job.entry]));
    assert.deepEqual(
      (await setup.storage.watch([job.id])).map(({ state, entry }) => [state, entry]),
      [["Deleted", TAIL.skipped]],
    );
  },

  "a key has as many permits as max says, in one call or in several": async (setup) => {
    const inOneCall = await setup.insert(...newJobs(5, limited("a", 3)));
    const inSeveral: string[] = [];
    for (let nth = 0; nth < 4; nth++) inSeveral.push(...(await setup.insert(limited("b", 2, "skip"))));
    assert.deepEqual(await placesOf(setup, inOneCall), ["ready", "ready", "ready", "waiting", "waiting"]);
    assert.deepEqual(await placesOf(setup, inSeveral), ["ready", "ready", "Deleted", "Deleted"]);
    await assertListed(setup.storage, [...inOneCall, ...inSeveral]);
  },

  "keys are told apart to the letter, and plain jobs need no permit": async (setup) => {
    const keys = ["k", "K", "k ", "ключ", "k\u0000", "x".repeat(200)];
    const ids = await setup.insert(...keys.map((key) => limited(key)), {}, {});
    const rows = await settled(setup, ids);
    assert(rows.every(({ state, hold }) => state === "Enqueued" && hold === null));
    assert.deepEqual(
      rows.map(({ limit }) => limit?.key),
      [...keys, undefined, undefined],
    );
    assert.deepEqual([rows[6]?.limit, rows[6]?.flags], [null, 0]);
    assert.equal((await setup.claim(await setup.server())).length, ids.length);
  },

  "an id that exists takes no permit": async (setup) => {
    const { id } = await setup.inserted();
    const [outcome] = await setup.storage.insert([newJob({ id, ...limited("k") })]);
    assert.equal(outcome?.outcome, "exists");
    assert.deepEqual(await placesOf(setup, await setup.insert(limited("k"))), ["ready"]);
  },

  "a job that is Scheduled needs no permit until it is promoted": async (setup) => {
    const due = { due: { at: 1_000 } };
    const ids = await setup.insert({ ...limited("k"), ...due }, { ...limited("k", 1, "skip"), ...due });
    const before = await setup.row(ids[0] ?? "");
    const [holder] = await setup.insert(limited("k"));
    assert.deepEqual(await placesOf(setup, [holder ?? ""]), ["ready"]);
    assert.equal((await setup.storage.promote(10)).promoted, 2);
    const [waiting, skipped] = await settled(setup, ids);
    assert(waiting !== undefined && skipped !== undefined);
    assertRow(waiting, {
      ...before,
      seq: waiting.seq,
      state: "Enqueued",
      stateAt: waiting.stateAt,
      entry: "",
      hold: "limit",
      fence: 2,
      history: historyOf([before.stateAt, before.entry], [waiting.stateAt, TAIL.promoted]),
    });
    assert(waiting.seq > before.seq);
    assert.deepEqual([skipped.state, skipped.entry, skipped.fence], ["Deleted", TAIL.skipped, 2]);
    assert(skipped.history.endsWith(`${TAIL.promoted}}\n`));
  },

  "of jobs that are promoted at once only as many are ready as may be": async (setup) => {
    const ids = await setup.insert(...newJobs(4, { ...limited("k", 2), due: { at: 1_000 } }));
    assert.equal((await setup.storage.promote(10)).promoted, 4);
    assert.deepEqual(await placesOf(setup, ids), ["ready", "ready", "waiting", "waiting"]);
  },

  "a gate that opens admits": async (setup) => {
    const parents = [await setup.inserted(), await setup.inserted()] as const;
    await setup.insert(limited("k"));
    const ids = [
      (await setup.inserted({ ...limited("k"), ...behind(parents[0].id) })).id,
      (await setup.inserted({ ...limited("k", 1, "skip"), ...behind(parents[1].id) })).id,
      (await setup.inserted({ ...limited("free"), ...behind(parents[1].id) })).id,
    ] as const;
    for (const parent of parents) await setup.enter(parent, "Succeeded");
    const rows = await settled(setup, ids);
    assert.deepEqual(
      rows.map(({ state, hold, flags }) => [state, hold, flags]),
      [
        ["Enqueued", "limit", FLAG.gated | FLAG.limited],
        ["Deleted", null, FLAG.gated | FLAG.limited],
        ["Enqueued", null, FLAG.gated | FLAG.limited],
      ],
    );
    assert.deepEqual([rows[0]?.fence, rows[1]?.fence, rows[1]?.entry], [2, 2, TAIL.skipped]);
    for (const { history } of rows.slice(0, 2)) assert(history.endsWith(`${TAIL.released}}\n`));
  },

  "a gate that is open at once admits": async (setup) => {
    const parent = await setup.jobIn("Succeeded");
    const ids: string[] = [];
    for (const whenFull of ["wait", "wait", "skip"] as const) {
      ids.push(...(await setup.insert({ ...limited("k", 1, whenFull), ...behind(parent.id) })));
    }
    const rows = await settled(setup, ids);
    assert.deepEqual(await placesOf(setup, ids), ["ready", "waiting", "Deleted"]);
    assert.deepEqual([rows[1]?.fence, rows[2]?.fence], [1, 1]);
    assert(rows[2]?.history.endsWith(`${TAIL.released}}\n`));
  },

  "a job that is requeued by hand is admitted like any": async (setup) => {
    const done = [
      await failed(setup, limited("k")),
      await failed(setup, limited("k")),
      await failed(setup, limited("k", 1, "skip")),
    ] as const;
    const entry = entryTail("Enqueued", "Once more");
    assert.equal((await setup.enter(done[0], "Enqueued")).hold, null);
    const waiting = await setup.enter(done[1], "Enqueued", { entry });
    assert.deepEqual([waiting.state, waiting.hold, waiting.fence], ["Enqueued", "limit", done[1].fence + 1]);
    assert(waiting.history.endsWith(`,${entry}}\n`));
    const skipped = await setup.enter(done[2], "Enqueued", { entry });
    assert.deepEqual([skipped.state, skipped.entry], ["Deleted", TAIL.skipped]);
    assert(skipped.history.endsWith(`,${entry}}\n`));
  },

  "a requeue without a permit, sent again after a lost answer, is already there": async (setup) => {
    await setup.insert(limited("k"));
    for (const whenFull of ["wait", "skip"] as const) {
      const job = await failed(setup, { ...limited("k", 1, whenFull), due: { at: 1_000 } });
      const change = changeOf(job, "Enqueued", { entry: entryTail("Enqueued", "Once more") });
      assert.equal(await setup.commit(change), "applied");
      const before = await setup.row(job.id);
      assert.equal(await setup.commit(change), "already");
      assertRow(await setup.row(job.id), before);
      assert.equal(await setup.commit({ ...change, entry: entryTail("Enqueued", "Otherwise") }), "stale");
    }
  },

  "a job that is on its way and requeued keeps its permit": async (setup) => {
    const ready = await setup.inserted({ ...limited("ready"), queue: "q" });
    const parked = await setup.claimed(limited("parked"));
    await setup.storage.park([parked]);
    const processing = await setup.claimed(limited("processing"));
    for (const job of [ready, await setup.row(parked.id), processing]) {
      await setup.insert(limited(job.limit?.key ?? ""));
      const after = await setup.enter(job, "Enqueued");
      assert.deepEqual([after.state, after.hold], ["Enqueued", null]);
    }
  },

  "a job that waits and is requeued waits at the end, or in its place": async (setup) => {
    const holder = await setup.claimed(limited("k"));
    const ids = await setup.insert(...newJobs(3, limited("k")));
    const [first, second, third] = await settled(setup, ids);
    assert(first !== undefined && second !== undefined && third !== undefined);
    const last = await setup.enter(first, "Enqueued", { queue: "moved" });
    assert.deepEqual([last.hold, last.queue, last.seq > third.seq], ["limit", "moved", true]);
    const kept = await setup.enter(second, "Enqueued", { keepSeq: true });
    assert.deepEqual([kept.hold, kept.seq], ["limit", second.seq]);
    await setup.enter(holder, "Succeeded");
    assert.deepEqual(await placesOf(setup, ids), ["waiting", "ready", "waiting"]);
  },

  "who waits goes first, whatever max a later job has; only a higher priority goes before": async (setup) => {
    await setup.insert(limited("k"));
    const early = await setup.insert(limited("k"));
    const late = await setup.insert(limited("k", 5), limited("k", 5, "skip"));
    assert.deepEqual(await placesOf(setup, [...early, ...late]), ["waiting", "waiting", "Deleted"]);
    const urgent = await setup.insert({ ...limited("k", 5), rank: -1 });
    assert.deepEqual(await placesOf(setup, [...urgent, ...early]), ["ready", "waiting"]);
  },

  "a limited job is claimed for a slot, never for the buffer": async (setup) => {
    const ids = await setup.insert(limited("a"), {}, limited("b"), {}, limited("c"));
    await releaseAll(setup.storage);
    const server = await setup.server();
    const claims = async (slots: number, buffer: number) =>
      (await setup.claim(server, { slots, buffer })).map(({ id }) => ids.indexOf(id));
    assert.deepEqual(await claims(0, 1), [1]);
    assert.deepEqual(await claims(1, 5), [0, 3]);
    assert.deepEqual(await claims(0, 5), []);
    assert.deepEqual(await claims(5, 0), [2, 4]);
  },

  "a job that a recurring job begins is admitted like any": async (setup) => {
    const jobs = [
      newJob({ ...limited("k"), plannedAt: 5 }),
      newJob({ ...limited("k", 1, "skip"), plannedAt: 6 }),
    ];
    const state = { nextAt: null, definition: "", status: "" };
    await setup.storage.saveRecurring([{ id: "digest", version: 0, state, jobs }]);
    const ids = jobs.map(({ id }) => id);
    assert.deepEqual(await placesOf(setup, ids), ["ready", "Deleted"]);
  },
});

/** A job that has failed: off its way. */
async function failed({ inserted, enter }: Setup, job: Parameters<Setup["inserted"]>[0]): Promise<JobRecord> {
  return await enter(await inserted({ ...job, due: { at: 1_000 } }), "Failed");
}
