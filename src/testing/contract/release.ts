import assert from "node:assert/strict";
import { type JobRecord, type JobState, TAIL } from "../../storage/index.ts";
import { behind } from "./builders.ts";
import { assertRow } from "./expect.ts";
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
    assert.equal(await releaseAll(setup), waiters.length - atOnce);
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
    assert.equal(await releaseAll(setup), all.length - atOnce);
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
    await releaseAll(setup);
    assertRow(await setup.row(deleted.id), deleted);
    assert.equal(await countIn(setup, waiters, "Enqueued"), waiters.length - 1);
  },

  "what is left over stands whatever becomes of the parent": async (setup) => {
    const parent = await setup.inserted();
    const waiters = await waitersOf(setup, parent.id, 130);
    const succeeded = await setup.enter(parent, "Succeeded");
    await setup.enter(succeeded, "Deleted");
    await releaseAll(setup);
    assert.equal(await countIn(setup, waiters, "Enqueued"), waiters.length);
  },

  "two that release at once release each waiter once": async (setup) => {
    const other = await setup.another();
    const parent = await setup.inserted();
    const waiters = await waitersOf(setup, parent.id, 200);
    await setup.enter(parent, "Succeeded");
    const handles = [setup.storage, other, setup.storage, other];
    await Promise.all(handles.map((handle) => handle.release(BITE)));
    await releaseAll(setup);
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

/** Releases until nothing is left; how many were released. */
async function releaseAll({ storage }: Setup): Promise<number> {
  let total = 0;
  for (let bite = 0; bite < 50; bite++) {
    const { released, more } = await storage.release(BITE);
    assert(released <= BITE, "more than the limit");
    total += released;
    if (!more) return total;
  }
  assert.fail("there is always more to release");
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
