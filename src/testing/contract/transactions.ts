import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import { type InsertOutcome, type JobRecord, type NewJob, TAIL } from "../../storage/index.ts";
import { behind, behindWhen, changeOf, LONG_MS, limited, newJob, newJobs } from "./builders.ts";
import { assertRow, eventually, historyOf } from "./expect.ts";
import type { BegunTransaction } from "./fixture.ts";
import { assertListed, placesOf } from "./permits.ts";
import { releaseAll } from "./release-all.ts";
import { type Section, section } from "./section.ts";
import type { Setup } from "./setup.ts";

const INSERTED: InsertOutcome = { outcome: "inserted" };
const EXISTS: InsertOutcome = { outcome: "exists" };

/** `insert` within a transaction of the caller's: it begins to be true at the commit, and never after a rollback. */
export const transactions: Section<"transactions"> = section("transactions", {
  "a job is there when its caller has committed, and before that for nobody": async (setup) => {
    const { storage, row } = setup;
    const other = await setup.another();
    const job = newJob({ displayName: "Ünï \u0001", parameters: '{"a":1}', tags: ["b", "a"], plannedAt: 7 });
    const tx = await setup.begin();
    assert.deepEqual(await tx.insert([job]), [INSERTED]);
    assert.deepEqual([await storage.get([job.id]), await other.get([job.id])], [[], []]);
    assert.equal((await storage.counts()).Enqueued, 0);
    await tx.commit();
    const stored = await row(job.id);
    const plain = await setup.inserted({ ...job, id: newId() });
    assertRow(stored, {
      ...plain,
      id: job.id,
      seq: stored.seq,
      stateAt: stored.stateAt,
      createdAt: stored.createdAt,
      history: historyOf([stored.stateAt, job.entry]),
    });
    assert.equal((await other.counts()).Enqueued, 2);
    const claimed = await setup.claim(await setup.server());
    assert.deepEqual(new Set(claimed.map(({ id }) => id)), new Set([job.id, plain.id]));
  },

  "after a rollback nothing was there": async (setup) => {
    const { storage } = setup;
    const jobs = [
      newJob(),
      newJob({ due: { in: 0 } }),
      newJob(limited("k", 1, "skip")),
      newJob(limited("k")),
    ];
    const tx = await setup.begin();
    await tx.insert([...jobs, newJob(behind(jobs[0]?.id ?? ""))]);
    await tx.rollback();
    assert.equal(await releaseAll(storage), 0);
    assert.deepEqual(await storage.get(jobs.map(({ id }) => id)), []);
    assert.deepEqual(new Set(Object.values(await storage.counts())), new Set([0]));
    assert.equal((await storage.promote(10)).promoted, 0);
    assert.deepEqual(await placesOf(setup, await setup.insert(limited("k"))), ["ready"]);
  },

  "an id that exists stores nothing, in the same transaction and outside": async (setup) => {
    const [known = ""] = await setup.insert({});
    const job = newJob();
    const tx = await setup.begin();
    assert.deepEqual(await tx.insert([newJob({ id: known }), job, job]), [EXISTS, INSERTED, EXISTS]);
    assert.deepEqual(await tx.insert([job]), [EXISTS]);
    await tx.commit();
    assert.deepEqual(await setup.storage.insert([job]), [EXISTS]);
    await assertListed(setup.storage, [known, job.id]);
  },

  "a job that has finished keeps its id": async (setup) => {
    const done = await setup.jobIn("Succeeded");
    const tx = await setup.begin();
    assert.deepEqual(await tx.insert([newJob({ id: done.id })]), [EXISTS]);
    await tx.commit();
    assertRow(await setup.row(done.id), done);
  },

  "a due time counts from the insert, by the store's clock": async (setup) => {
    const { storage } = setup;
    const tx = await setup.begin();
    const before = await storage.now();
    const jobs = [newJob({ due: { in: LONG_MS } }), newJob({ due: { at: 5 } })] as const;
    await tx.insert(jobs);
    const after = await storage.now();
    await tx.commit();
    const [{ dueAt }, late] = await Promise.all([setup.row(jobs[0].id), setup.row(jobs[1].id)]);
    assert(
      dueAt !== null && dueAt >= before + LONG_MS && dueAt <= after + LONG_MS,
      "a time of another clock",
    );
    assert.equal(late.dueAt, 5);
    assert.equal((await storage.promote(10)).promoted, 1);
  },

  "as many as a call may carry, in their order": async (setup) => {
    const { storage } = setup;
    const queue = `only-${newId()}`;
    const jobs = newJobs(storage.manifest.maxRows, { queue });
    const tx = await setup.begin();
    const outcomes = await tx.insert(jobs);
    await tx.commit();
    assert.deepEqual(new Set(outcomes.map(({ outcome }) => outcome)), new Set(["inserted"]));
    const claimed = await setup.claim(await setup.server(), { queues: [queue], slots: 100 });
    assert.deepEqual(
      claimed.map(({ id }) => id),
      jobs.slice(0, claimed.length).map(({ id }) => id),
    );
    assert(claimed.length > 0);
  },

  "whoever listens hears of it once it is committed": async (setup) => {
    const heard: string[] = [];
    (await setup.another()).subscribe(({ kind }) => heard.push(kind));
    const isHeard = () =>
      eventually("it is heard", async () =>
        heard.some((kind) => kind === "ready" || kind === "changed") ? true : undefined,
      );
    // Whoever begins to listen may be told first that anything may have changed before.
    await setup.insert({});
    await isHeard();
    const tx = await setup.begin();
    await tx.insert([newJob()]);
    heard.length = 0;
    await tx.commit();
    await isHeard();
  },

  "a continuation waits for its parent, or sees how it has ended": async (setup) => {
    const running = await setup.claimed();
    const [succeeded, deleted] = [await setup.jobIn("Succeeded"), await setup.jobIn("Deleted")];
    const jobs = [running, succeeded, deleted].map(({ id }) => newJob(behind(id)));
    jobs.push(newJob(behindWhen("ended", running.id, succeeded.id, deleted.id)));
    await within(setup, jobs);
    assert.deepEqual(await statesOf(setup, jobs), ["Awaiting", "Enqueued", "Deleted", "Awaiting"]);
    await setup.enter(running, "Succeeded");
    assert.deepEqual(await statesOf(setup, jobs), ["Enqueued", "Enqueued", "Deleted", "Enqueued"]);
    assert.equal((await setup.row(jobs[2]?.id ?? "")).entry, TAIL.conditionNotMet);
  },

  "a continuation of a job of the same transaction": async (setup) => {
    const parent = newJob({ queue: "parents" });
    const [child, grandchild] = [newJob(behind(parent.id)), newJob()] as const;
    await within(setup, [parent, child, { ...grandchild, ...behind(child.id) }]);
    const [claimed] = await setup.claim(await setup.server(), { queues: ["parents"] });
    assert(claimed !== undefined);
    await setup.enter(claimed, "Deleted");
    assert.deepEqual(await statesOf(setup, [child, grandchild]), ["Deleted", "Deleted"]);
  },

  "without its parent a continuation is not stored, the others are": async (setup) => {
    const missing = newId();
    const other = newJob();
    const tx = await setup.begin();
    const outcomes = await tx.insert([newJob(behind(missing)), other]);
    await tx.commit();
    assert.deepEqual(outcomes, [{ outcome: "parent-not-found", parent: missing }, INSERTED]);
    await assertListed(setup.storage, [other.id]);
  },

  "a parent that ends while the transaction is open": async (setup) => {
    for (const end of ["commit", "rollback"] as const) {
      const parent = await setup.claimed();
      const child = newJob(behind(parent.id));
      const tx = await setup.begin();
      await tx.insert([child]);
      const ending = endedAtLast(setup, parent);
      await tx[end]();
      assert.equal((await ending).state, "Succeeded");
      await releaseAll(setup.storage);
      const [row] = await setup.storage.get([child.id]);
      assert.equal(row?.state, end === "commit" ? "Enqueued" : undefined);
    }
  },

  "a limit lets its jobs in, wait or be skipped as soon as the transaction is committed": async (setup) => {
    const jobs = [
      newJob(limited("a", 2)),
      newJob(limited("a", 2)),
      newJob(limited("a", 2)),
      newJob(limited("b")),
      newJob(limited("b", 1, "skip")),
      newJob({ ...limited("c"), due: { in: LONG_MS } }),
    ];
    await within(setup, jobs);
    const ids = jobs.map(({ id }) => id);
    assert.deepEqual(await placesOf(setup, ids), [
      "ready",
      "ready",
      "waiting",
      "ready",
      "Deleted",
      "Scheduled",
    ]);
    await assertListed(setup.storage, ids);
  },

  "a limit counts those that came before the commit": async (setup) => {
    const tx = await setup.begin();
    const [waits, skipped] = [newJob(limited("k")), newJob(limited("k", 1, "skip"))] as const;
    await tx.insert([waits]);
    await tx.insert([skipped]);
    await tx.commit();
    const before = await setup.insert(limited("k"), limited("k", 1, "skip"));
    const places = await placesOf(setup, [waits.id, skipped.id, ...before]);
    assert.equal(places.filter((place) => place === "ready").length, 1);
    assert.deepEqual([places[1], places[3]], ["Deleted", "Deleted"]);
  },
});

async function within(setup: Setup, jobs: readonly NewJob[]): Promise<void> {
  const tx: BegunTransaction = await setup.begin();
  const outcomes = await tx.insert(jobs);
  assert.deepEqual(
    outcomes,
    jobs.map(() => INSERTED),
  );
  await tx.commit();
}

async function statesOf(setup: Setup, jobs: readonly NewJob[]): Promise<string[]> {
  await releaseAll(setup.storage);
  return await Promise.all(jobs.map(async ({ id }) => (await setup.row(id)).state));
}

/** A neighbour's transaction may hold the parent: its end is accepted at the latest when that is over. */
async function endedAtLast(setup: Setup, job: JobRecord): Promise<JobRecord> {
  return await eventually("the parent has ended", async () => {
    const outcome = await setup.commit(changeOf(job, "Succeeded"));
    return outcome === "busy" ? undefined : await setup.row(job.id);
  });
}
