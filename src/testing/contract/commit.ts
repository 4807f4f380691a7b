import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import { type Change, entryLine, entryTail, FLAG, JOB_STATES, pastOf } from "../../storage/index.ts";
import { changeOf, LONG_MS, PROCESSING } from "./builders.ts";
import { assertRow, assertWithin, during, historyOf } from "./expect.ts";
import { type Section, section } from "./section.ts";

export const commit: Section<"commit"> = section("commit", {
  "a job that ends leaves its Processing entry in the history, its own in the columns": async (setup) => {
    const { blamed: _, ...job } = await setup.claimed();
    const entry = entryTail("Succeeded", null, { result: '{"json":42}', duration: 5 });
    const [row, span] = await during(setup.storage, () => setup.enter(job, "Succeeded", { entry }));
    assertWithin(row.stateAt, span, "stateAt");
    assertRow(row, {
      ...job,
      state: "Succeeded",
      stateAt: row.stateAt,
      entry,
      owner: null,
      fence: job.fence + 1,
      history: job.history + historyOf([job.stateAt, PROCESSING]),
    });
  },

  ...Object.fromEntries(
    (["Failed", "Deleted"] as const).map(
      (state) =>
        [
          `a job that enters ${state} has neither owner nor hold`,
          async ({ claimed, enter }) => {
            const { blamed: _, ...job } = await claimed();
            const row = await enter(job, state);
            const past = pastOf(job);
            const expected = { ...job, state, entry: entryTail(state), owner: null, history: past };
            assertRow(row, { ...expected, stateAt: row.stateAt, fence: job.fence + 1 });
          },
        ] satisfies [string, Section["tests"][number]["run"]],
    ),
  ),

  "a crash that its server tells of is counted, and is no failed run": async (setup) => {
    const job = await setup.claimed();
    const back = await setup.enter(job, "Enqueued", { crashed: true, keepSeq: true });
    assert.deepEqual([back.crashes, back.failures, back.seq], [1, 0, job.seq]);
    const quarantined = await setup.enter(await setup.claimAgain(back), "Failed", { crashed: true });
    assert.deepEqual([quarantined.crashes, quarantined.failures], [2, 0]);
    const requeued = await setup.enter(quarantined, "Enqueued");
    assert.equal(requeued.crashes, 2);
  },

  "the history is the past that was given, then each replaced candidate, stamped now": async (setup) => {
    const job = await setup.claimed();
    const past = '{"dropped":7}\n{"at":5,"state":"Enqueued"}\n';
    const replaced = [entryTail("Failed", "first"), entryTail("Failed", "second")];
    const row = await setup.enter(job, "Deleted", { past, replaced });
    assert.equal(row.history, past + replaced.map((tail) => entryLine(row.stateAt, tail)).join(""));
    assert.equal((await setup.enter(row, "Failed", { past: "" })).history, "");
  },

  "a job that is Enqueued again has its entry in the history and goes to the end": async (setup) => {
    const { claimed, insert, enter, row, claim, server } = setup;
    const { blamed: _, ...job } = await claimed({ queue: "default" });
    const [next] = await insert({});
    const entry = entryTail("Enqueued", "Once more");
    const after = await enter(job, "Enqueued", { entry, failed: true });
    assertRow(after, {
      ...job,
      seq: after.seq,
      state: "Enqueued",
      stateAt: after.stateAt,
      entry: "",
      hold: null,
      failures: 1,
      owner: null,
      fence: job.fence + 1,
      history: pastOf(job) + historyOf([after.stateAt, entry]),
    });
    assert(after.seq > (await row(next ?? "")).seq, "a new seq is higher than all before it");
    const jobs = await claim(await server());
    assert.deepEqual(
      jobs.map(({ id }) => id),
      [next, job.id],
    );
  },

  "a job that was interrupted keeps its seq and goes back where it stood": async (setup) => {
    const job = await setup.claimed({ queue: "default" });
    const [next] = await setup.insert({});
    const after = await setup.enter(job, "Enqueued", { keepSeq: true });
    assert.equal(after.seq, job.seq);
    assert.deepEqual(
      (await setup.claim(await setup.server())).map(({ id }) => id),
      [job.id, next],
    );
  },

  "a queue in the change moves the job": async ({ claimed, enter, claim, server }) => {
    const job = await claimed({ queue: "default" });
    assert.equal((await enter(job, "Enqueued", { queue: "slow" })).queue, "slow");
    const owner = await server();
    assert.deepEqual(await claim(owner), []);
    assert.equal((await claim(owner, { queues: ["slow"] }))[0]?.id, job.id);
  },

  ...Object.fromEntries(
    JOB_STATES.map(
      (state) =>
        [
          `a job in state ${state} can be Enqueued again, its fence going on from where it was`,
          async ({ jobIn, enter, claim, server }) => {
            const job = await jobIn(state);
            const after = await enter(job, "Enqueued", { queue: "again" });
            assert.deepEqual(
              [after.state, after.hold, after.owner, after.entry],
              ["Enqueued", null, null, ""],
            );
            assert.equal(after.fence, job.fence + 1);
            assert.equal(after.failures, job.failures);
            assert.equal((await claim(await server(), { queues: ["again"] }))[0]?.id, job.id);
          },
        ] satisfies [string, Section["tests"][number]["run"]],
    ),
  ),

  "a job that leaves the ready set is not claimed": async ({ inserted, enter, claim, server }) => {
    await enter(await inserted(), "Deleted");
    await enter(await inserted(), "Scheduled", { due: { in: LONG_MS } });
    await enter(await inserted(), "Failed");
    assert.deepEqual(await claim(await server()), []);
  },

  "a commit settles a recovery: the job may be buffered again": async (setup) => {
    const { claimed, lose, row, enter, claim, server } = setup;
    const job = await claimed();
    await lose(job.owner ?? "");
    const recovered = await row(job.id);
    assert.equal(recovered.flags & FLAG.recovered, FLAG.recovered);
    const again = await enter(recovered, "Enqueued");
    assert.equal(again.flags & FLAG.recovered, 0);
    assert.equal(again.crashes, 1);
    const [buffered] = await claim(await server(), { queues: [job.queue], slots: 0, buffer: 1 });
    assert.equal(buffered?.id, job.id);
  },

  ...Object.fromEntries(
    JOB_STATES.filter((state) => state !== "Processing" && state !== "Awaiting").map(
      (state) =>
        [
          `${state}, sent again after a lost answer, is already there`,
          async ({ claimed, commit, row }) => {
            const due: Partial<Change> = state === "Scheduled" ? { due: { in: LONG_MS } } : {};
            const change = changeOf(await claimed(), state, { failed: true, ...due });
            assert.equal(await commit(change), "applied");
            const before = await row(change.id);
            assert.equal(await commit(change), "already");
            assertRow(await row(change.id), before);
          },
        ] satisfies [string, Section["tests"][number]["run"]],
    ),
  ),

  "another change under the same fence is stale, not already": async ({ claimed, commit, row }) => {
    const job = await claimed();
    assert.equal(await commit(changeOf(job, "Succeeded")), "applied");
    const before = await row(job.id);
    const otherEntry = changeOf(job, "Succeeded", { entry: entryTail("Succeeded", "otherwise") });
    assert.equal(await commit(otherEntry), "stale");
    assert.equal(await commit(changeOf(job, "Failed")), "stale");
    assert.equal(await commit(changeOf(job, "Enqueued")), "stale");
    assertRow(await row(job.id), before);
  },

  "a requeue with another reason is stale, not already": async ({ claimed, commit }) => {
    const job = await claimed();
    const requeue = (reason: string) => changeOf(job, "Enqueued", { entry: entryTail("Enqueued", reason) });
    assert.equal(await commit(requeue("one")), "applied");
    assert.equal(await commit(requeue("another")), "stale");
    assert.equal(await commit(requeue("one")), "already");
  },

  "a replay that came too late is stale: the job has gone on": async ({ claimed, commit, row, enter }) => {
    const job = await claimed();
    const change = changeOf(job, "Succeeded");
    await commit(change);
    await enter(await enter(await row(job.id), "Enqueued"), "Succeeded");
    assert.equal(await commit(change), "stale");
  },

  "a change under an older or a newer fence is stale and changes nothing": async (setup) => {
    const { blamed: _, ...job } = await setup.claimed();
    for (const fence of [job.fence - 1, job.fence + 1, job.fence + 100]) {
      assert.equal(await setup.commit(changeOf(job, "Succeeded", { fence })), "stale");
    }
    assertRow(await setup.row(job.id), job);
  },

  "a change of a job that is not there is gone": async ({ claimed, commit }) => {
    assert.equal(await commit({ ...changeOf(await claimed(), "Succeeded"), id: newId() }), "gone");
  },

  "each change is judged by itself, outcomes in order": async ({ storage, claimed, row }) => {
    const jobs = [await claimed(), await claimed(), await claimed()] as const;
    const changes = [
      changeOf(jobs[0], "Succeeded"),
      changeOf(jobs[1], "Succeeded", { fence: 1 }),
      { ...changeOf(jobs[1], "Deleted"), id: newId() },
      changeOf(jobs[2], "Scheduled", { due: { in: LONG_MS } }),
    ];
    assert.deepEqual(await storage.commit(changes), ["applied", "stale", "gone", "applied"]);
    const states = await Promise.all(jobs.map(async ({ id }) => (await row(id)).state));
    assert.deepEqual(states, ["Succeeded", "Processing", "Scheduled"]);
  },

  "of two changes of one job in a call the first is applied": async ({ storage, claimed, row }) => {
    const job = await claimed();
    const changes = [changeOf(job, "Succeeded"), changeOf(job, "Failed")];
    assert.deepEqual(await storage.commit(changes), ["applied", "stale"]);
    const { state, fence } = await row(job.id);
    assert.deepEqual([state, fence], ["Succeeded", job.fence + 1]);
  },

  "no changes, no outcomes": async ({ storage }) => {
    assert.deepEqual(await storage.commit([]), []);
  },

  "of commits of one claim at once one is applied": async ({ storage, another, claimed, row }) => {
    const other = await another();
    const job = await claimed();
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, async (_, nth) => {
        const change = changeOf(job, "Succeeded", { entry: entryTail("Succeeded", `run ${nth}`) });
        return (await (nth % 2 === 0 ? storage : other).commit([change]))[0];
      }),
    );
    assert.equal(outcomes.filter((outcome) => outcome === "applied").length, 1);
    assert(outcomes.every((outcome) => outcome !== "already" && outcome !== "gone"));
    assert.equal((await row(job.id)).fence, job.fence + 1);
  },

  "as many changes as the manifest says in one call": async ({ storage, insert, server, claim }) => {
    const { maxRows } = storage.manifest;
    await insert(...Array.from({ length: maxRows }, () => ({})));
    const jobs = await claim(await server(), { slots: maxRows });
    const outcomes = await storage.commit(jobs.map((job) => changeOf(job, "Succeeded")));
    assert.equal(jobs.length, maxRows);
    assert.deepEqual(new Set(outcomes), new Set(["applied"]));
  },
});
