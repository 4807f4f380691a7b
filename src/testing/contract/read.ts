import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import {
  entryTail,
  JOB_STATES,
  type JobRecord,
  type JobState,
  type StateCounts,
  type Storage,
} from "../../storage/index.ts";
import { behind, LONG_MS, newJobs } from "./builders.ts";
import { assertRow, clockPasses } from "./expect.ts";
import { type Section, section } from "./section.ts";
import type { Setup } from "./setup.ts";

const SETTLED = ["Awaiting", "Succeeded", "Failed", "Deleted"] as const;

export const read: Section<"read"> = section("read", {
  "get answers with the jobs that are there": async ({ storage, insert }) => {
    const [first, second] = await insert({}, {});
    const rows = await storage.get([second ?? "", newId(), first ?? ""]);
    assert.deepEqual(rows.map(({ id }) => id).sort(), [first, second].sort());
    assert.deepEqual(await storage.get([]), []);
  },

  "get takes as many ids as the manifest says": async ({ storage }) => {
    const jobs = newJobs(storage.manifest.maxRows);
    await storage.insert(jobs);
    assert.equal((await storage.get(jobs.map(({ id }) => id))).length, jobs.length);
  },

  "what a caller does to a row that it was given does not reach the store": async ({
    storage,
    inserted,
    row,
  }) => {
    const before = await inserted();
    for (const found of await storage.get([before.id])) Reflect.set(found, "state", "Deleted");
    const { rows } = await storage.list({ state: "Enqueued", limit: 1 });
    for (const found of rows) Reflect.set(found, "args", "[]");
    assertRow(await row(before.id), before);
  },

  "Enqueued jobs are listed as they will be claimed, parked ones last": async (setup) => {
    const { insert, claim, server, storage } = setup;
    const parked = await insert({ queue: "b" }, { queue: "a", rank: 3 });
    await storage.park(await claim(await server(), { queues: ["a", "b"] }));
    const ready = await insert(
      { queue: "b", rank: -1 },
      { queue: "a", rank: 2 },
      { queue: "a" },
      { queue: "a" },
    );
    const expected = [ready[2], ready[3], ready[1], ready[0], parked[1], parked[0]];
    await assertListed(storage, "Enqueued", expected);
  },

  "Scheduled jobs are listed by their due time": async ({ storage, insert }) => {
    const ids = await insert(...[3, 1, 2, 4].map((hours) => ({ due: { in: hours * LONG_MS } })));
    await assertListed(storage, "Scheduled", [ids[1], ids[2], ids[0], ids[3]]);
  },

  "Processing jobs are listed by their claim, the longest first": async ({ storage, claimed }) => {
    const ids: string[] = [];
    for (let nth = 0; nth < 4; nth++) {
      const { id, stateAt } = await claimed();
      await clockPasses(storage, stateAt);
      ids.push(id);
    }
    await assertListed(storage, "Processing", ids);
  },

  ...Object.fromEntries(
    SETTLED.map(
      (state) =>
        [
          `${state} jobs are listed newest first`,
          async (setup) => {
            const ids: string[] = [];
            for (let nth = 0; nth < 4; nth++) {
              const { id, stateAt } = await setup.jobIn(state);
              await clockPasses(setup.storage, stateAt);
              ids.unshift(id);
            }
            await assertListed(setup.storage, state, ids);
          },
        ] satisfies [string, Section["tests"][number]["run"]],
    ),
  ),

  "jobs of one instant are listed once each, however small the pages": async ({ storage, insert }) => {
    const [parent] = await insert({});
    const ids = await insert(...Array.from({ length: 7 }, () => behind(parent ?? "")));
    for (const limit of [1, 2, 3, 7, 8]) {
      const listed = await listAll(storage, "Awaiting", limit);
      assert.deepEqual(listed.map(({ id }) => id).sort(), ids.sort());
    }
  },

  "a page holds whole rows": async ({ storage, jobIn }) => {
    for (const state of JOB_STATES) {
      const expected = await jobIn(state);
      const { rows } = await storage.list({ state, limit: 1_000 });
      const found = rows.find(({ id }) => id === expected.id);
      assert(found !== undefined);
      assertRow(found, expected);
    }
  },

  "a state without jobs has one empty page": async ({ storage }) => {
    for (const state of JOB_STATES) {
      assert.deepEqual(
        { ...(await storage.list({ state, limit: 10 })) },
        { rows: [], places: [], next: null },
      );
    }
  },

  "jobs that come while somebody pages do not repeat those that were seen": async ({ storage, jobIn }) => {
    const seen: string[] = [];
    for (let nth = 0; nth < 4; nth++) seen.push((await jobIn("Succeeded")).id);
    const first = await storage.list({ state: "Succeeded", limit: 2 });
    await jobIn("Succeeded");
    assert(first.next !== null);
    const second = await storage.list({ state: "Succeeded", limit: 10, after: first.next });
    const listed = [...first.rows, ...second.rows].map(({ id }) => id);
    assert.deepEqual(listed.sort(), seen.sort());
  },

  "counts are those of a full scan, after every kind of write": async (setup) => {
    const { storage } = setup;
    assert.deepEqual({ ...(await storage.counts()) }, await scan(storage));
    for (const state of JOB_STATES) await setup.jobIn(state);
    await moveJobsAbout(setup);
    const counts = await scan(storage);
    assert(Object.values(counts).every((count) => count > 0));
    assert.deepEqual({ ...(await storage.counts()) }, counts);
    assert.deepEqual({ ...(await (await setup.another()).counts()) }, counts);
  },

  "parents come in the order in which the job was given them, with their state and result": async (setup) => {
    const { storage, inserted, enter } = setup;
    const [first, second, third] = [await inserted(), await inserted(), await inserted()];
    const child = await inserted(behind(third.id, first.id, second.id));
    const entry = entryTail("Succeeded", null, { result: "42" });
    await enter(first, "Succeeded", { entry });
    const parents = (await storage.parents([child.id])).get(child.id);
    assert.deepEqual(
      parents?.map((parent) => ({ ...parent })),
      [
        { id: third.id, state: "Enqueued", entry: "" },
        { id: first.id, state: "Succeeded", entry },
        { id: second.id, state: "Enqueued", entry: "" },
      ],
    );
  },

  "parents are answered after the gate has opened, and of jobs that never waited": async (setup) => {
    const { storage, inserted, jobIn, enter } = setup;
    const [parent, before] = [await inserted(), await jobIn("Succeeded")];
    const children = [await inserted(behind(parent.id)), await inserted(behind(before.id))];
    await enter(parent, "Succeeded");
    const answers = await storage.parents(children.map(({ id }) => id));
    assert.deepEqual(
      children.map(({ id }) => answers.get(id)?.map((parent) => [parent.id, parent.state])),
      [[[parent.id, "Succeeded"]], [[before.id, "Succeeded"]]],
    );
  },

  "a parent that stands twice has a record at each place, and is waited for once": async (setup) => {
    const twice = await setup.inserted();
    const other = await setup.inserted();
    const child = await setup.inserted(behind(twice.id, other.id, twice.id));
    const parents = (await setup.storage.parents([child.id])).get(child.id);
    assert.deepEqual(
      parents?.map(({ id }) => id),
      [twice.id, other.id, twice.id],
    );
    await setup.enter(twice, "Succeeded");
    assert.equal((await setup.row(child.id)).state, "Awaiting");
    await setup.enter(other, "Succeeded");
    assert.equal((await setup.row(child.id)).state, "Enqueued");
  },

  "a job without a gate has no parents": async ({ storage, inserted }) => {
    const { id } = await inserted();
    const missing = newId();
    const answers = await storage.parents([id, missing]);
    assert.deepEqual([answers.get(id) ?? [], answers.get(missing) ?? []], [[], []]);
  },

  "the clock of the store moves on, in whole milliseconds": async ({ storage }) => {
    const first = await storage.now();
    assert(Number.isInteger(first) && first > Date.UTC(2020, 0));
    await clockPasses(storage, first);
  },
});

async function listAll(storage: Storage, state: JobState, limit: number): Promise<JobRecord[]> {
  const rows: JobRecord[] = [];
  let after: string | null = null;
  do {
    const page = await storage.list({ state, limit, ...(after === null ? {} : { after }) });
    assert(page.rows.length <= limit, "a page is longer than its limit");
    rows.push(...page.rows);
    assert(rows.length < 10_000, "the pages never come to an end");
    after = page.next;
  } while (after !== null);
  return rows;
}

async function assertListed(
  storage: Storage,
  state: JobState,
  ids: readonly (string | undefined)[],
): Promise<void> {
  for (const limit of [1, 2, ids.length, ids.length + 1]) {
    const listed = await listAll(storage, state, limit);
    assert.deepEqual(
      listed.map(({ id }) => id),
      ids,
    );
  }
}

async function scan(storage: Storage): Promise<StateCounts> {
  const counts = {
    Enqueued: 0,
    Scheduled: 0,
    Awaiting: 0,
    Processing: 0,
    Succeeded: 0,
    Failed: 0,
    Deleted: 0,
  };
  for (const state of JOB_STATES) counts[state] = (await listAll(storage, state, 1_000)).length;
  return counts;
}

/** One of every write that moves a job from state to state. */
async function moveJobsAbout(setup: Setup): Promise<void> {
  const { storage, insert, inserted, claimed, enter, lose, server, claim } = setup;
  await lose((await claimed()).owner ?? "");
  await lose((await claimed()).owner ?? "", 1);
  await storage.giveBack([await claimed()]);
  await storage.park([await claimed(), await claimed()]);
  const parked = { entry: entryTail("Processing"), queues: ["default"], names: ["mail.welcome"], slots: 1 };
  await storage.adopt({ ...parked, incarnation: await server() });
  await insert({ due: { at: 1_000 } }, { due: { at: 2_000 } });
  await storage.promote(1);
  const [opened, broken] = [await inserted(), await inserted()];
  await insert(behind(opened.id), behind(opened.id), behind(broken.id));
  await enter(await enter(await enter(opened, "Succeeded"), "Enqueued"), "Failed");
  await enter(broken, "Deleted");
  await storage.insert([...newJobs(2), ...newJobs(2, { id: opened.id })]);
  await claim(await server(), { slots: 1, buffer: 1 });
  await storage.expire({ retention: { state: "Deleted", ageMs: null, count: 1 }, limit: 10 });
}
