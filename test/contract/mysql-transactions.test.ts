import assert from "node:assert/strict";
import { afterAll, describe, test } from "vitest";
import { newId } from "../../src/base/ids.ts";
import { behind, changeOf, limited, newJob, newJobs } from "../../src/testing/contract/builders.ts";
import { assertRejects, eventually } from "../../src/testing/contract/expect.ts";
import { placesOf } from "../../src/testing/contract/permits.ts";
import {
  type Begun,
  beginTransaction,
  type Callers,
  LEVELS,
  type Level,
  openBeside,
} from "./mysql-callers.ts";
import { connect, dropDatabases, reach } from "./mysql-server.ts";

const INSERTED = { outcome: "inserted" };
const EXISTS = { outcome: "exists" };

describe.skipIf((await reach()) !== undefined)("transactions of MySQL's callers", () => {
  afterAll(dropDatabases);

  test.each(LEVELS)("%s: an id that has come and gone since it began stays one job", async (level) => {
    await using opened = await openBeside();
    const { setup, storage } = opened;
    const tx = await begunLongAgo(opened, level);
    // By their ids in front of the others and behind them: an insert is cut in halves until each is found.
    const done = await setup.jobIn("Succeeded");
    const jobs = newJobs(5);
    const last = await setup.jobIn("Succeeded");
    const [first, ...rest] = jobs;
    assert(first !== undefined);
    const outcomes = await tx.insert([first, ...[done, last].map(({ id }) => newJob({ id })), ...rest]);
    assert.deepEqual(outcomes, [INSERTED, EXISTS, EXISTS, ...rest.map(() => INSERTED)]);
    await tx.commit();
    assert.deepEqual(await placesOf(setup, [done.id, last.id]), ["Succeeded", "Succeeded"]);
    const { Enqueued, Succeeded } = await storage.counts();
    assert.deepEqual([Enqueued, Succeeded], [5, 2]);
    const claimed = await setup.claim(await setup.server());
    assert.deepEqual(
      claimed.map(({ id }) => id),
      jobs.map(({ id }) => id),
    );
  });

  test.each(LEVELS)("%s: a parent that is younger than the transaction is found", async (level) => {
    await using opened = await openBeside();
    const { setup } = opened;
    const tx = await begunLongAgo(opened, level);
    const parent = await setup.claimed();
    const child = newJob(behind(parent.id));
    assert.deepEqual(await tx.insert([child]), [INSERTED]);
    await tx.commit();
    assert.deepEqual(await placesOf(setup, [child.id]), ["Awaiting"]);
    await setup.enter(parent, "Succeeded");
    assert.deepEqual(await placesOf(setup, [child.id]), ["ready"]);
  });

  test.each(LEVELS)("%s: a child that others have tied since it began is released", async (level) => {
    await using opened = await openBeside();
    const { setup } = opened;
    const parent = await setup.claimed();
    const tx = await begunLongAgo(opened, level);
    const child = await setup.inserted(behind(parent.id));
    assert.deepEqual(await tx.change([changeOf(parent, "Succeeded")]), ["applied"]);
    await tx.commit();
    assert.deepEqual(await placesOf(setup, [child.id]), ["ready"]);
  });

  test.each(LEVELS)("%s: jobs that were claimed, or stored, since it began end in it", async (level) => {
    await using opened = await openBeside();
    const { setup } = opened;
    const ready = await setup.inserted({ queue: "older" });
    const tx = await begunLongAgo(opened, level);
    const [older] = await setup.claim(await setup.server(), { queues: ["older"] });
    assert.equal(older?.id, ready.id);
    const [younger, lost] = [await setup.claimed(), await setup.claimed()];
    await setup.enter(lost, "Deleted");
    const outcomes = await tx.change([older, younger, lost].map((job) => changeOf(job, "Succeeded")));
    assert.deepEqual(outcomes, ["applied", "applied", "stale"]);
    assert.deepEqual(await tx.change([changeOf(older, "Succeeded")]), ["already"]);
    await tx.commit();
    assert.deepEqual(await placesOf(setup, [older.id, younger.id, lost.id]), [
      "Succeeded",
      "Succeeded",
      "Deleted",
    ]);
  });

  test.each(LEVELS)("%s: what is not there and what is not its own it does not lock", async (level) => {
    await using opened = await openBeside();
    const { setup, storage } = opened;
    const [known, lost] = [await setup.inserted(), await setup.claimed()];
    const tx = await opened.begun(level);
    const [low, high] = ["00000000", "ffffffff"].map((start) => start + newId().slice(8));
    assert(low !== undefined && high !== undefined);
    // Ids in front of all others and behind them: whoever looks for them with a lock locks the gaps in which they are not.
    const [a, b] = [low, high].map((id) => ({ ...lost, id }));
    assert(a !== undefined && b !== undefined);
    const changes = [changeOf(a, "Succeeded"), changeOf(b, "Succeeded"), changeOf(lost, "Failed")];
    changes.push({ ...changeOf(known, "Deleted"), fence: 0 });
    assert.deepEqual(await tx.change(changes), ["gone", "gone", "applied", "stale"]);
    const outcomes = await tx.insert([newJob({ id: known.id }), newJob(behind(low)), newJob(behind(high))]);
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ["exists", "parent-not-found", "parent-not-found"],
    );
    await storage.insert([newJob({ id: low }), newJob({ id: high }), newJob()]);
    await setup.enter(known, "Deleted");
    await tx.rollback();
    assert.equal((await storage.counts()).Enqueued, 3);
  });

  test("what MySQL cannot hold: nothing of the call is stored, and the transaction goes on", async () => {
    await using opened = await openBeside();
    const tx = await opened.begun();
    await tx.insert([newJob()]);
    // More than one statement takes: the first of them have stored their rows when the last one fails.
    const many = newJobs(600).sort((a, b) => (a.id < b.id ? -1 : 1));
    const bad = newJob({ id: `ffffffff${newId().slice(8)}`, queue: "q".repeat(300) });
    await assertRejects(tx.insert([...many, bad]), "FL_STORAGE_REFUSED");
    assert.deepEqual(await tx.insert([newJob(), ...many.slice(0, 1)]), [INSERTED, INSERTED]);
    await tx.commit();
    assert.equal((await opened.storage.counts()).Enqueued, 3);
  });

  test("back at a savepoint of the caller's nothing of the calls behind it is left", async () => {
    await using opened = await openBeside();
    const { setup, storage } = opened;
    const job = await setup.claimed(limited("k"));
    const tx = await opened.begun();
    await tx.insert([newJob()]);
    await tx.connection.query("SAVEPOINT earlier");
    await tx.insert([newJob(), newJob(limited("k"))]);
    await tx.change([changeOf(job, "Succeeded")]);
    await tx.connection.query("ROLLBACK TO earlier");
    await tx.commit();
    assert.deepEqual(await placesOf(setup, [job.id]), ["Processing"]);
    const { Enqueued, Processing, Succeeded } = await storage.counts();
    assert.deepEqual([Enqueued, Processing, Succeeded], [1, 1, 0]);
  });

  test("a connection that dies in the middle leaves nothing, and the storage goes on", async () => {
    await using opened = await openBeside();
    const { setup, storage } = opened;
    const job = await setup.claimed();
    const tx = await opened.begun();
    await tx.insert([newJob()]);
    await tx.change([changeOf(job, "Succeeded")]);
    await connect((server) => server.query(`KILL ${tx.connection.threadId}`));
    await assertRejects(tx.insert([newJob()]), "FL_STORAGE_FAILED");
    const ended = await eventually("the job is free", async () => {
      const outcome = await setup.commit(changeOf(job, "Succeeded"));
      return outcome === "busy" ? undefined : outcome;
    });
    assert.equal(ended, "applied");
    assert.equal((await storage.counts()).Enqueued, 0);
    assert.deepEqual(await storage.insert([newJob()]), [INSERTED]);
  });

  test("calls at the same time in one transaction do not mix", async () => {
    await using opened = await openBeside();
    const { setup } = opened;
    const parent = await setup.inserted();
    const tx = await opened.begun();
    const [same] = newJobs(1, behind(parent.id));
    assert(same !== undefined);
    const calls = [[same, newJob(limited("k"))], [same], [newJob(), same]];
    const outcomes = await Promise.all(calls.map((jobs) => tx.insert(jobs)));
    await tx.commit();
    assert.deepEqual(outcomes.flat(), [INSERTED, INSERTED, EXISTS, INSERTED, EXISTS]);
  });

  test("a call that fails takes nothing of another one at the same time along", async () => {
    await using opened = await openBeside();
    const tx = await opened.begun();
    const bad = newJob({ queue: "q".repeat(300) });
    const calls = [[newJob()], [newJob(), bad], [newJob()]];
    const results = await Promise.allSettled(calls.map((jobs) => tx.insert(jobs)));
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    await tx.commit();
    assert.equal((await opened.storage.counts()).Enqueued, 2);
  });

  test("two callers that wait for each other: one is told to begin anew, and has nothing left", async () => {
    await using opened = await openBeside();
    const [a, b] = newJobs(2);
    assert(a !== undefined && b !== undefined);
    const [one, two] = [await opened.begun(), await opened.begun()];
    await one.insert([a]);
    await two.insert([b]);
    const results = await Promise.allSettled([one.insert([b]), two.insert([a])]);
    const error = results.find(({ status }) => status === "rejected");
    assert(error?.status === "rejected");
    assert.equal(error.reason.code, "FL_STORAGE_BUSY");
    assert.equal(error.reason.cause.errno, 1213);
    assert.equal("sql" in error.reason.cause, false);
    const loser = results.indexOf(error) === 0 ? one : two;
    await assertRejects(loser.insert([newJob()]), "FL_INVALID_TRANSACTION");
    await Promise.all([one, two].map((tx) => tx.commit()));
    assert.equal((await opened.storage.counts()).Enqueued, 2);
  });

  test("an id that another one is about to store is waited for as long as the session says", async () => {
    await using opened = await openBeside();
    const [same, other] = newJobs(2);
    assert(same !== undefined && other !== undefined);
    const [one, two] = [await opened.begun(), await opened.begun()];
    await two.connection.query("SET SESSION innodb_lock_wait_timeout = 1");
    await one.insert([same]);
    await two.insert([other]);
    await assertRejects(two.insert([newJob(), same]), "FL_STORAGE_BUSY");
    await two.commit();
    await one.rollback();
    assert.equal((await opened.storage.counts()).Enqueued, 1);
  });

  test("a server that keeps snapshots apart tells of what has changed since: the whole transaction is over", async (ctx) => {
    await using opened = await openBeside();
    const { setup, storage } = opened;
    const ready = await setup.inserted({ queue: "older" });
    const connection = await opened.caller();
    // MariaDB only, where it is the default from 11.6 on.
    const isKnown = await connection.query("SET SESSION innodb_snapshot_isolation = 1").then(
      () => true,
      () => false,
    );
    if (!isKnown) ctx.skip();
    const tx = await beginTransaction(storage, connection, "REPEATABLE READ");
    await connection.query("SELECT COUNT(*) FROM firelater_job");
    await tx.insert([newJob()]);
    const [claimed] = await setup.claim(await setup.server(), { queues: ["older"] });
    assert.equal(claimed?.id, ready.id);
    await assertRejects(tx.change([changeOf(claimed, "Succeeded")]), "FL_STORAGE_BUSY");
    await assertRejects(tx.insert([newJob()]), "FL_INVALID_TRANSACTION");
    await tx.commit();
    assert.deepEqual(await placesOf(setup, [claimed.id]), ["Processing"]);
    assert.equal((await storage.counts()).Enqueued, 0);
  });

  test("a job that is committed long after others have gone past it is claimed", async () => {
    await using opened = await openBeside();
    const { setup, storage } = opened;
    const server = await setup.server();
    const tx = await opened.begun();
    const late = newJob();
    await tx.insert([late]);
    // More writes than a look at the latest ones shows.
    for (let writes = 0; writes < 250; writes++) await storage.insert([newJob()]);
    for (let left = 250; left > 0; ) left -= (await setup.claim(server, { slots: 50 })).length;
    await tx.commit();
    const claimed = await eventually("it is claimed", async () => {
      const [job] = await setup.claim(server, { slots: 1 });
      return job;
    });
    assert.equal(claimed.id, late.id);
  });

  test("as many transactions as the pool has connections: none waits for another one", async () => {
    await using opened = await openBeside(2);
    const { setup, storage } = opened;
    const [job, parent] = [await setup.claimed(limited("k")), await setup.inserted()];
    const [one, two] = [await opened.begun(), await opened.begun()];
    await one.insert([newJob(), newJob(behind(parent.id)), newJob(limited("k"))]);
    await two.change([changeOf(job, "Succeeded")]);
    await one.commit();
    await two.commit();
    for (const { connection } of [one, two]) connection.destroy();
    const { Enqueued, Awaiting, Succeeded } = await storage.counts();
    assert.deepEqual([Enqueued, Awaiting, Succeeded], [3, 1, 1]);
  });
});

/** Where it keeps a snapshot, that is from now. */
async function begunLongAgo(opened: Callers, level: Level): Promise<Begun> {
  const tx = await opened.begun(level);
  await tx.connection.query("SELECT COUNT(*) FROM firelater_job");
  return tx;
}
