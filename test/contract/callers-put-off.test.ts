import assert from "node:assert/strict";
import { afterAll, describe, test } from "vitest";
import { type Storage, TAIL } from "../../src/storage/index.ts";
import {
  behind,
  behindWhen,
  changeOf,
  LONG_MS,
  limited,
  newJob,
} from "../../src/testing/contract/builders.ts";
import { assertListed, placesOf } from "../../src/testing/contract/permits.ts";
import { releaseAll } from "../../src/testing/contract/release-all.ts";
import { callersOfEngines } from "./callers-of-engines.ts";
import { dropDatabases } from "./mysql-server.ts";

afterAll(dropDatabases);

describe.each(await callersOfEngines())("what a caller's transaction on %s puts off", (_, open) => {
  test("a parent goes on as if nothing were: it is claimed, logs, gets other children and ends", async () => {
    await using opened = await open();
    const { setup, storage } = opened;
    const [ready, running] = [await setup.inserted(), await setup.claimed()];
    const done = await setup.jobIn("Succeeded");
    const tx = await opened.begun();
    const child = newJob(behind(ready.id, running.id, done.id, ready.id));
    await tx.insert([child]);
    const said = { id: running.id, fence: running.fence, attempt: 1 };
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
    await using opened = await open();
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
    await using opened = await open();
    const { setup } = opened;
    const parent = await setup.claimed();
    const jobs = (["succeeded", "deleted", "ended"] as const).map((condition) =>
      newJob(behindWhen(condition, parent.id)),
    );
    const tx = await opened.begun();
    await tx.insert(jobs);
    await setup.enter(parent, "Succeeded");
    assert.equal(await expired(opened), 1);
    await tx.commit();
    const places = await placesOf(
      setup,
      jobs.map(({ id }) => id),
    );
    assert.deepEqual(places, ["Deleted", "Deleted", "ready"]);
  });

  test("a parent that has ended is kept for a child that has not", async () => {
    await using opened = await open();
    const { setup } = opened;
    const parent = await setup.jobIn("Succeeded");
    const tx = await opened.begun();
    const child = newJob(behind(parent.id));
    await tx.insert([child]);
    await tx.commit();
    assert.deepEqual(await placesOf(setup, [child.id]), ["ready"]);
    assert.equal(await expired(opened), 0);
  });

  test("a parent that a neighbour holds is looked at later", async () => {
    await using opened = await open();
    const { setup, storage } = opened;
    const parent = await setup.claimed();
    const tx = await opened.begun();
    const child = newJob(behind(parent.id));
    await tx.insert([child]);
    await tx.commit();
    const letGo = await opened.hold(parent.id);
    assert.deepEqual(await storage.release(10), { released: 0, more: true });
    await letGo();
    await setup.enter(parent, "Succeeded");
    assert.deepEqual(await placesOf(setup, [child.id]), ["ready"]);
  });

  test("an edge belongs to the ending that it was looked at after", async () => {
    await using opened = await open();
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

  test("who is to be skipped has ended as a parent, too", async () => {
    await using opened = await open();
    const { setup, storage } = opened;
    const holder = await setup.inserted(limited("k"));
    const tx = await opened.begun();
    const [skipped, child] = [newJob(limited("k", 1, "skip")), newJob()];
    await tx.insert([skipped, { ...child, ...behindWhen("deleted", skipped.id) }]);
    await tx.commit();
    const before = await setup.row(skipped.id);
    assert.deepEqual([before.state, before.hold], ["Enqueued", "limit"]);
    await releaseAll(storage);
    const row = await setup.row(skipped.id);
    assert.deepEqual([row.state, row.entry, row.fence], ["Deleted", TAIL.skipped, before.fence + 1]);
    assert.equal(row.history, before.history);
    assert.equal((await setup.row(child.id)).state, "Enqueued");
    await assertListed(storage, [holder.id, skipped.id, child.id]);
    const { Enqueued, Deleted } = await storage.counts();
    assert.deepEqual([Enqueued, Deleted], [2, 1]);
  });

  test("one that a neighbour holds is skipped later, one that is gone meanwhile is left alone", async () => {
    await using opened = await open();
    const { setup, storage } = opened;
    await setup.inserted(limited("k"));
    const tx = await opened.begun();
    const [held, gone] = [newJob(limited("k", 1, "skip")), newJob(limited("k", 1, "skip"))];
    await tx.insert([held, gone]);
    await tx.commit();
    await setup.enter(await setup.row(gone.id), "Failed");
    const letGo = await opened.hold(held.id);
    assert.equal((await storage.release(10)).more, true);
    await letGo();
    assert.deepEqual(await placesOf(setup, [held.id, gone.id]), ["Deleted", "Failed"]);
  });

  test("who is skipped no longer keeps those behind it, in bites of one, too", async () => {
    await using opened = await open();
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
    await using opened = await open();
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
    await using opened = await open();
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

  test("a due or gated job of a key that nobody had before is let in when its time has come", async () => {
    await using opened = await open();
    const { setup, storage } = opened;
    const parent = await setup.claimed();
    const tx = await opened.begun();
    const due = newJob({ ...limited("due", 1, "skip"), due: { in: 0 } });
    const gated = newJob({ ...limited("gated", 1, "skip"), ...behind(parent.id) });
    await tx.insert([due, gated]);
    await tx.commit();
    await releaseAll(storage);
    assert.equal((await storage.promote(10)).promoted, 1);
    await setup.enter(parent, "Succeeded");
    assert.deepEqual(await placesOf(setup, [due.id, gated.id]), ["ready", "ready"]);
  });
});

async function expired({ storage }: { readonly storage: Storage }): Promise<number> {
  const retention = { state: "Succeeded", ageMs: 0, count: null } as const;
  return (await storage.expire({ retention, limit: 10 })).expired;
}
