import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { TAIL } from "../../src/storage/index.ts";
import { behindWhen, limited, newJob } from "../../src/testing/contract/builders.ts";
import { assertRejects, eventually } from "../../src/testing/contract/expect.ts";
import { assertListed, placesOf } from "../../src/testing/contract/permits.ts";
import { releaseAll } from "../../src/testing/contract/release-all.ts";
import { type Callers, openBeside } from "../postgres-callers.ts";
import { isReachable } from "../postgres-schema.ts";

describe.skipIf(!(await isReachable()))("what a caller's transaction on PostgreSQL puts off", () => {
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
