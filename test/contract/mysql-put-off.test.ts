import assert from "node:assert/strict";
import { afterAll, describe, test } from "vitest";
import { behind, newJob } from "../../src/testing/contract/builders.ts";
import { eventually } from "../../src/testing/contract/expect.ts";
import { placesOf } from "../../src/testing/contract/permits.ts";
import { type Callers, openBeside } from "./mysql-callers.ts";
import { dropDatabases, reach } from "./mysql-server.ts";

describe.skipIf((await reach()) !== undefined)("what a caller's transaction on MySQL puts off", () => {
  afterAll(dropDatabases);

  test("a gate that a neighbour holds is looked at later", async () => {
    await using opened = await openBeside();
    const { setup, storage } = opened;
    const parent = await setup.claimed();
    const tx = await opened.begun();
    const child = newJob(behind(parent.id));
    await tx.insert([child]);
    await tx.commit();
    const neighbour = await opened.begun();
    await neighbour.connection.query("SELECT id FROM firelater_gate WHERE id = UNHEX(?) FOR UPDATE", [
      child.id.replaceAll("-", ""),
    ]);
    assert.deepEqual(await storage.release(10), { released: 0, more: true });
    await neighbour.rollback();
    await setup.enter(parent, "Succeeded");
    assert.deepEqual(await placesOf(setup, [child.id]), ["ready"]);
  });

  // On PostgreSQL the child sees how its parent has ended when it is inserted.
  test("what is left of an ending takes no edge along that came after it", async () => {
    await using opened = await openBeside();
    const { setup, storage } = opened;
    const parent = await setup.claimed();
    // More than one write resolves: the rest is a record of this ending.
    await setup.insert(...Array.from({ length: 120 }, () => behind(parent.id)));
    const tx = await opened.begun();
    const deleted = await setup.enter(parent, "Deleted");
    const child = newJob(behind(parent.id));
    await tx.insert([child]);
    const again = await setup.enter(deleted, "Enqueued");
    await tx.commit();
    for (let bites = 0; (await storage.release(1)).more; bites++) assert(bites < 500);
    assert.deepEqual(await placesOf(setup, [child.id]), ["Awaiting"]);
    await setup.enter(again, "Succeeded");
    assert.deepEqual(await placesOf(setup, [child.id]), ["ready"]);
  });

  test("whoever listens hears of the commit, at the storage that has written too", async () => {
    await using opened = await openBeside();
    const heard = await Promise.all([opened.storage, await opened.another()].map(heardBy));
    const tx = await opened.begun();
    await tx.insert([newJob()]);
    const before = heard.map(({ times }) => times);
    await tx.commit();
    for (const [nth, times] of before.entries()) {
      await eventually("it is heard", async () => ((heard[nth]?.times ?? 0) > times ? true : undefined));
    }
  });
});

/** How often it is said that others have written, from now on. */
async function heardBy(storage: Callers["storage"]): Promise<{ times: number }> {
  const heard = { times: 0 };
  storage.subscribe(({ kind }) => {
    if (kind === "changed") heard.times++;
  });
  await eventually("it listens", async () => (heard.times > 0 ? true : undefined));
  return heard;
}
