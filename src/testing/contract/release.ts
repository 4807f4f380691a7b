import assert from "node:assert/strict";
import { type JobRecord, type JobState, MAX_PARENTS, TAIL } from "../../storage/index.ts";
import { behind, changeOf, newJobs } from "./builders.ts";
import { assertRow } from "./expect.ts";
import { releaseAll } from "./release-all.ts";
import { type Section, section } from "./section.ts";
import type { Setup } from "./setup.ts";

/** Waiters that one write may reach at most. */
const BUDGET = 100;
const BITE = 40;

export const release: Section<"release"> = section("release", {
  "with nothing left over there is nothing to release": async ({ storage, inserted, enter }) => {
    const parent = await inserted();
    await inserted(behind(parent.id));
    await enter(parent, "Succeeded");
    assert.deepEqual({ ...(await storage.release(10)) }, { released: 0, more: false });
  },

  "waiters that one write may not ready are readied in bites, each once": async (setup) => {
    const parent = await setup.inserted();
    const waiters = await waitersOf(setup, parent.id, 250);
    await setup.enter(parent, "Succeeded");
    const atOnce = await countIn(setup, waiters, "Enqueued");
    assert(atOnce <= BUDGET, `one write readied ${atOnce} waiters`);
    assert.equal(await releaseAll(setup.storage), waiters.length - atOnce);
    for (const row of await rowsOf(setup, waiters)) {
      assert.deepEqual([row.state, row.hold, row.fence], ["Enqueued", null, 2]);
      assert(row.history.endsWith(`${TAIL.released}}\n`));
    }
  },

  "waiters of a broken gate are deleted in bites, with those behind them, each once": async (setup) => {
    const parent = await setup.inserted();
    const children = await waitersOf(setup, parent.id, 70);
    const grandchildren: string[] = [];
    for (const id of children) grandchildren.push(...(await setup.insert(behind(id))));
    await setup.enter(parent, "Deleted");
    const all = [...children, ...grandchildren];
    const atOnce = await countIn(setup, all, "Deleted");
    assert(atOnce <= BUDGET, `one write deleted ${atOnce} waiters`);
    assert.equal(await releaseAll(setup.storage), all.length - atOnce);
    for (const row of await rowsOf(setup, all)) {
      assert.deepEqual([row.state, row.entry, row.fence], ["Deleted", TAIL.conditionNotMet, 2]);
    }
  },

  "a waiter that has gone on before its turn is left alone": async (setup) => {
    const parent = await setup.inserted();
    const waiters = await waitersOf(setup, parent.id, 150);
    await setup.enter(parent, "Succeeded");
    const waiting = (await rowsOf(setup, waiters)).find(({ state }) => state === "Awaiting");
    assert(waiting !== undefined, "all were readied in one write");
    const deleted = await setup.enter(waiting, "Deleted");
    await releaseAll(setup.storage);
    assertRow(await setup.row(deleted.id), deleted);
    assert.equal(await countIn(setup, waiters, "Enqueued"), waiters.length - 1);
  },

  "what is left over stands whatever becomes of the parent": async (setup) => {
    const parent = await setup.inserted();
    const waiters = await waitersOf(setup, parent.id, 130);
    const succeeded = await setup.enter(parent, "Succeeded");
    await setup.enter(succeeded, "Deleted");
    await releaseAll(setup.storage);
    assert.equal(await countIn(setup, waiters, "Enqueued"), waiters.length);
  },

  "a child that is tied to the parent later waits for its next ending": async (setup) => {
    const parent = await setup.inserted();
    const waiters = await waitersOf(setup, parent.id, 150);
    const succeeded = await setup.enter(parent, "Succeeded");
    const requeued = await setup.enter(succeeded, "Enqueued");
    const later = await setup.inserted(behind(parent.id));
    await releaseAll(setup.storage);
    assert.equal(await countIn(setup, waiters, "Enqueued"), waiters.length);
    assertRow(await setup.row(later.id), later);
    await setup.enter(requeued, "Deleted");
    await releaseAll(setup.storage);
    assert.equal((await setup.row(later.id)).entry, TAIL.conditionNotMet);
    assert.equal(await countIn(setup, waiters, "Enqueued"), waiters.length);
  },

  "all changes of one call together settle no more waiters than one write may": async (setup) => {
    const parents = [await setup.inserted(), await setup.inserted(), await setup.inserted()];
    const waiters: string[] = [];
    for (const { id } of parents) waiters.push(...(await waitersOf(setup, id, 60)));
    await setup.storage.commit(parents.map((parent) => changeOf(parent, "Succeeded")));
    const atOnce = await countIn(setup, waiters, "Enqueued");
    assert(atOnce <= BUDGET, `one write readied ${atOnce} waiters`);
    assert.equal(await releaseAll(setup.storage), waiters.length - atOnce);
    assert.equal(await countIn(setup, waiters, "Enqueued"), waiters.length);
  },

  "a job that waits for as many parents as may be is released when all have succeeded": async (setup) => {
    const { storage, insert, inserted, row } = setup;
    const { maxRows } = storage.manifest;
    const parents: string[] = [];
    while (parents.length < MAX_PARENTS) {
      parents.push(...(await insert(...newJobs(Math.min(maxRows, MAX_PARENTS - parents.length)))));
    }
    const child = await inserted(behind(...parents));
    for (let at = 0; at < parents.length; at += maxRows) {
      assertRow(await row(child.id), child);
      const rows = await storage.get(parents.slice(at, at + maxRows));
      await storage.commit(rows.map((parent) => changeOf(parent, "Succeeded")));
    }
    await releaseAll(setup.storage);
    assert.deepEqual([(await row(child.id)).state, (await row(child.id)).fence], ["Enqueued", 2]);
  },

  "two that release at once release each waiter once": async (setup) => {
    const other = await setup.another();
    const parent = await setup.inserted();
    const waiters = await waitersOf(setup, parent.id, 200);
    await setup.enter(parent, "Succeeded");
    const handles = [setup.storage, other, setup.storage, other];
    await Promise.all(handles.map((handle) => handle.release(BITE)));
    await releaseAll(setup.storage);
    for (const row of await rowsOf(setup, waiters)) assert.deepEqual([row.state, row.fence], ["Enqueued", 2]);
  },
});

async function waitersOf({ storage, insert }: Setup, parent: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const chunk = Math.min(storage.manifest.maxRows, count - ids.length);
    ids.push(...(await insert(...Array.from({ length: chunk }, () => behind(parent)))));
  }
  return ids;
}

async function rowsOf({ storage }: Setup, ids: readonly string[]): Promise<JobRecord[]> {
  const rows: JobRecord[] = [];
  for (let at = 0; at < ids.length; at += storage.manifest.maxRows) {
    rows.push(...(await storage.get(ids.slice(at, at + storage.manifest.maxRows))));
  }
  assert.equal(rows.length, ids.length);
  return rows;
}

async function countIn(setup: Setup, ids: readonly string[], state: JobState): Promise<number> {
  return (await rowsOf(setup, ids)).filter((row) => row.state === state).length;
}
