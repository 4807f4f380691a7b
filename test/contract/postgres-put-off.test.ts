import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { TAIL } from "../../src/storage/index.ts";
import {
  behind,
  behindWhen,
  changeOf,
  LONG_MS,
  limited,
  newJob,
} from "../../src/testing/contract/builders.ts";
import { assertRejects, eventually } from "../../src/testing/contract/expect.ts";
import { assertListed, placesOf } from "../../src/testing/contract/permits.ts";
import { releaseAll } from "../../src/testing/contract/release-all.ts";
import { type Callers, openBeside } from "../postgres-callers.ts";
import { isReachable } from "../postgres-schema.ts";

describe.skipIf(!(await isReachable()))("what a caller's transaction on PostgreSQL puts off", () => {
  test("a parent goes on as if nothing were: it is claimed, logs, gets other children and ends", async () => {
    await using opened = openBeside();
    const { setup, storage } = opened;
    const [ready, running] = [await setup.inserted(), await setup.claimed()];
    const done = await setup.jobIn("Succeeded");
    const tx = await opened.begun();
    const child = newJob(behind(ready.id, running.id, done.id));
    await tx.insert([child]);
    const { id, fence } = running;
    const said = { id, fence, attempt: 1 };
    const outcomes = await storage.append([
      { ...said, kind: "log", text: "one", data: null },
      { ...said, kind: "parameters", text: "{}" },
    ]);
    assert.deepEqual(outcomes, ["applied", "applied"]);
    const other = await setup.inserted(behind(ready.id, running.id, done.id));
    const [claimed] = await setup.claim(await setup.server());
    assert.equal(claimed?.id, ready.id);
    for (const job of [claimed, running]) await setup.enter(job, "Succeeded");
    await tx.commit();
    assert.deepEqual(await placesOf(setup, [child.id, other.id]), ["ready", "ready"]);
    await assertListed(storage, [child.id, other.id, ready.id, running.id, done.id]);
  });

  test("an end leaves the gates to others: the other parent of a child is not busy", async () => {
    await using opened = openBeside();
    const { setup } = opened;
    const [one, two] = [await setup.claimed(), await setup.claimed()];
    const child = await setup.inserted(behind(one.id, two.id));
    const tx = await opened.begun();
    await tx.change([changeOf(one, "Succeeded")]);
    await setup.enter(two, "Succeeded");
    assert.deepEqual(await placesOf(setup, [child.id]), ["Awaiting"]);
    await tx.commit();
    assert.deepEqual(await placesOf(setup, [child.id]), ["ready"]);
  });

  test("a parent that has ended and is gone when it is looked for: only who wants its end alone begins", async () => {
    await using opened = openBeside();
    const { setup, storage } = opened;
    const parent = await setup.claimed();
    const jobs = (["succeeded", "deleted", "ended"] as const).map((condition) =>
      newJob(behindWhen(condition, parent.id)),
    );
    const tx = await opened.begun();
    await tx.insert(jobs);
    await setup.enter(parent, "Succeeded");
    const retention = { state: "Succeeded", ageMs: 0, count: null } as const;
    assert.equal((await storage.expire({ retention, limit: 10 })).expired, 1);
    await tx.commit();
    const places = await placesOf(
      setup,
      jobs.map(({ id }) => id),
    );
    assert.deepEqual(places, ["Deleted", "Deleted", "ready"]);
  });

  test("a parent that a neighbour holds is looked at later", async () => {
    await using opened = openBeside();
    const { setup, storage } = opened;
    const parent = await setup.claimed();
    const tx = await opened.begun();
    const child = newJob(behind(parent.id));
    await tx.insert([child]);
    await tx.commit();
    const neighbour = await opened.begun();
    await neighbour.client.query(`SELECT FROM ${opened.schema}.job WHERE id = $1 FOR UPDATE`, [parent.id]);
    assert.deepEqual(await storage.release(10), { released: 0, more: true });
    await neighbour.rollback();
    await setup.enter(parent, "Succeeded");
    assert.deepEqual(await placesOf(setup, [child.id]), ["ready"]);
  });

  test("an edge belongs to the ending that it was looked at after", async () => {
    await using opened = openBeside();
    const { setup } = opened;
    const parent = await setup.claimed();
    const tx = await opened.begun();
    const child = newJob(behind(parent.id));
    await tx.insert([child]);
    const again = await setup.enter(await setup.enter(parent, "Deleted"), "Enqueued");
    await tx.commit();
    assert.deepEqual(await placesOf(setup, [child.id]), ["Awaiting"]);
    await setup.enter(again, "Succeeded");
    assert.deepEqual(await placesOf(setup, [child.id]), ["ready"]);
  });

  test("who is to be skipped is not decided while somebody else has the key", async () => {
    await using opened = openBeside();
    const { setup, storage } = opened;
    const holder = await setup.inserted(limited("k"));
    const tx = await opened.begun();
    const [skipped, child] = [newJob(limited("k", 1, "skip")), newJob()];
    await tx.insert([skipped, { ...child, ...behindWhen("deleted", skipped.id) }]);
    await tx.commit();
    const before = await setup.row(skipped.id);
    assert.deepEqual([before.state, before.hold], ["Enqueued", "limit"]);
    const neighbour = await opened.begun();
    await neighbour.client.query("SELECT pg_advisory_xact_lock(hashtext($1), hashtext('k'))", [
      `"${opened.schema}".permits`,
    ]);
    assert.deepEqual(await storage.release(10), { released: 0, more: true });
    assert.equal((await setup.row(skipped.id)).hold, "limit");
    await neighbour.rollback();
    await releaseAll(storage);
    const row = await setup.row(skipped.id);
    assert.deepEqual([row.state, row.entry, row.fence], ["Deleted", TAIL.skipped, before.fence + 1]);
    assert.equal(row.history, before.history);
    assert.equal((await setup.row(child.id)).state, "Enqueued");
    await assertListed(storage, [holder.id, skipped.id, child.id]);
  });

  test("one that a neighbour holds is skipped later, one that is gone meanwhile is left alone", async () => {
    await using opened = openBeside();
    const { setup, storage } = opened;
    await setup.inserted(limited("k"));
    const tx = await opened.begun();
    const [held, gone] = [newJob(limited("k", 1, "skip")), newJob(limited("k", 1, "skip"))];
    await tx.insert([held, gone]);
    await tx.commit();
    await setup.enter(await setup.row(gone.id), "Failed");
    const neighbour = await opened.begun();
    await neighbour.client.query(`SELECT FROM ${opened.schema}.job WHERE id = $1 FOR UPDATE`, [held.id]);
    assert.equal((await storage.release(10)).more, true);
    await neighbour.rollback();
    assert.deepEqual(await placesOf(setup, [held.id, gone.id]), ["Deleted", "Failed"]);
  });

  test("who is skipped no longer keeps those behind it, in bites of one, too", async () => {
    await using opened = openBeside();
    const { setup, storage } = opened;
    const [holder = ""] = await setup.insert(limited("k", 1));
    const tx = await opened.begun();
    const jobs = [limited("k", 1, "skip"), limited("k", 3), limited("k", 3, "skip"), limited("k", 3, "skip")];
    const rows = jobs.map((job) => newJob(job));
    await tx.insert(rows);
    await tx.commit();
    for (let bites = 0; (await storage.release(1)).more; bites++) assert(bites < 50);
    const places = await placesOf(setup, [holder, ...rows.map(({ id }) => id)]);
    assert.deepEqual(places, ["ready", "Deleted", "ready", "ready", "Deleted"]);
  });

  test("who is skipped lets those in that came meanwhile and are content with less", async () => {
    await using opened = openBeside();
    const { setup } = opened;
    await setup.inserted(limited("k", 1));
    const tx = await opened.begun();
    const skipped = newJob(limited("k", 1, "skip"));
    await tx.insert([skipped]);
    await tx.commit();
    const behindIt = await setup.inserted(limited("k", 3));
    assert.equal(behindIt.hold, "limit");
    assert.deepEqual(await placesOf(setup, [skipped.id, behindIt.id]), ["Deleted", "ready"]);
  });

  test("a job that a change brings back asks for its permit after the commit", async () => {
    await using opened = openBeside();
    const { setup } = opened;
    const [wait, skip] = [limited("a"), limited("b", 1, "skip")];
    const later = { due: { in: LONG_MS } };
    const jobs = [
      await setup.inserted({ ...wait, ...later }),
      await setup.inserted({ ...skip, ...later }),
      await setup.enter(await setup.claimed(limited("c", 1, "skip")), "Failed"),
    ];
    for (const job of [wait, skip]) await setup.inserted(job);
    const tx = await opened.begun();
    const outcomes = await tx.change(jobs.map((job) => changeOf(job, "Enqueued")));
    assert.deepEqual(outcomes, ["applied", "applied", "applied"]);
    await tx.commit();
    const places = await placesOf(
      setup,
      jobs.map(({ id }) => id),
    );
    assert.deepEqual(places, ["waiting", "Deleted", "ready"]);
  });

  test("a decision that others have made void is not committed", async () => {
    await using opened = openBeside();
    const { setup, storage } = opened;
    const [same, other] = [newJob(limited("k")), newJob(limited("k"))];
    await storage.ready;
    const [neighbour, tx] = [await opened.begun(), await opened.begun()];
    await neighbour.insert([newJob({ id: same.id })]);
    const waiting = tx.insert([same, other]);
    await untilSomebodyWaits(opened);
    const refused = assertRejects(waiting, "FL_STORAGE_BUSY");
    await neighbour.commit();
    await refused;
    await tx.commit();
    assert.equal((await storage.counts()).Enqueued, 1);
    assert.deepEqual(await placesOf(setup, [same.id]), ["ready"]);
  });

  test("jobs wake servers at the commit, those of the same storage too, and by one message", async () => {
    await using opened = openBeside();
    const listeners = [await heardBy(opened.storage), await heardBy(opened.another())];
    const observer = await opened.caller();
    const messages: string[] = [];
    observer.on("notification", ({ payload = "" }) => messages.push(payload));
    await observer.query(`LISTEN "firelater.""${opened.schema}"""`);
    const tx = await opened.begun();
    await tx.insert([newJob({ queue: "a" })]);
    await tx.insert([newJob({ queue: "a" }), newJob({ queue: "a" })]);
    const before = await opened.begun();
    await before.insert([newJob({ queue: "before" })]);
    await before.commit();
    for (const heard of listeners)
      await eventually("before is heard", async () => heard.has("before") || undefined);
    assert(listeners.every((heard) => !heard.has("a")));
    await tx.commit();
    for (const heard of listeners) await eventually("a is heard", async () => heard.has("a") || undefined);
    await observer.query("SELECT 1");
    assert.equal(messages.filter((text) => text.includes('"a"')).length, 1);
  });

  test("what is rolled back wakes nobody, and with notifyInTransaction: false nothing does", async () => {
    for (const options of [{}, { notifyInTransaction: false }]) {
      await using opened = openBeside(options);
      const heard = await heardBy(opened.storage);
      const [lost, kept] = [await opened.begun(), await opened.begun()];
      await lost.insert([newJob({ queue: "lost" })]);
      await lost.rollback();
      await kept.insert([newJob({ queue: "kept" })]);
      await kept.commit();
      await opened.another().insert([newJob({ queue: "marker" })]);
      await eventually("the marker is heard", async () => heard.has("marker") || undefined);
      assert.equal(heard.has("lost"), false);
      assert.equal(heard.has("kept"), options.notifyInTransaction !== false);
    }
  });
});

/** The queues in which jobs are said to be ready, from now on. */
async function heardBy(storage: Callers["storage"]) {
  const queues = new Set<string>();
  let isListening = false;
  storage.subscribe((signal) => {
    if (signal.kind === "changed") isListening = true;
    if (signal.kind === "ready") for (const queue of signal.queues) queues.add(queue);
  });
  await eventually("it listens", async () => isListening || undefined);
  return queues;
}

async function untilSomebodyWaits({ caller, schema }: Callers): Promise<void> {
  const client = await caller();
  await eventually("somebody waits", async () => {
    const { rowCount } = await client.query(
      "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'",
      [schema],
    );
    return rowCount === 0 ? undefined : true;
  });
}
