import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import { type CommitOutcome, entryTail, type JobRecord, type Storage, TAIL } from "../../storage/index.ts";
import { behind, changeOf, newJob, PROCESSING } from "./builders.ts";
import { type Section, section } from "./section.ts";
import { settle } from "./settle.ts";

/** Rounds of a race: what goes wrong one time in ten is seen, and an engine behind a network is still quick. */
const ROUNDS = 15;
/** Looks between two turns of the event loop: what lies between two writes may be gone within one. */
const LOOKS_IN_A_TURN = 8;

export const races: Section<"races"> = section("races", {
  "two parents that end at once never leave their child waiting": async ({
    storage,
    another,
    inserted,
    row,
  }) => {
    const other = await another();
    for (let round = 0; round < ROUNDS; round++) {
      const [first, second] = [await inserted(), await inserted()];
      const child = await inserted(behind(first.id, second.id));
      await Promise.all([
        settle(storage, changeOf(first, "Succeeded")),
        settle(other, changeOf(second, "Succeeded")),
      ]);
      const { state, fence } = await row(child.id);
      assert.deepEqual([state, fence], ["Enqueued", 2]);
    }
  },

  "who sees the end of a parent sees what became of its child": async ({ storage, another, inserted }) => {
    const other = await another();
    for (let round = 0; round < ROUNDS; round++) {
      const parent = await inserted();
      const ids = [parent.id, (await inserted(behind(parent.id))).id];
      let isOver = false;
      let looks = 0;
      const committing = settle(storage, changeOf(parent, "Succeeded")).finally(() => (isOver = true));
      let seen: (string | undefined)[] = [];
      for (let isLast = false; seen[0] !== "Succeeded" && !isLast; ) {
        isLast = isOver;
        if (++looks % LOOKS_IN_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
        const rows = await other.get(ids);
        seen = ids.map((id) => rows.find((row) => row.id === id)?.state);
      }
      assert.deepEqual(seen, ["Succeeded", "Enqueued"]);
      await committing;
    }
  },

  "of two parents that end at once, one of them deleted, the child is deleted": async (setup) => {
    const other = await setup.another();
    for (let round = 0; round < ROUNDS; round++) {
      const [first, second] = [await setup.inserted(), await setup.inserted()];
      const child = await setup.inserted(behind(first.id, second.id));
      await Promise.all([
        settle(setup.storage, changeOf(first, "Deleted")),
        settle(other, changeOf(second, "Succeeded")),
      ]);
      const { state, entry, fence } = await setup.row(child.id);
      assert.deepEqual([state, entry, fence], ["Deleted", TAIL.conditionNotMet, 2]);
    }
  },

  "a child that is added while its parent commits sees the end or is seen by it": async (setup) => {
    const other = await setup.another();
    for (let round = 0; round < ROUNDS; round++) {
      const parent = await setup.inserted();
      const state = round % 2 === 0 ? "Succeeded" : "Deleted";
      const children = Array.from({ length: 4 }, () => newJob(behind(parent.id)));
      await Promise.all([
        setup.storage.insert(children.slice(0, 2)),
        settle(other, changeOf(parent, state)),
        setup.storage.insert(children.slice(2)),
      ]);
      for (const { id } of children) {
        assert.equal((await setup.row(id)).state, state === "Succeeded" ? "Enqueued" : "Deleted");
      }
    }
  },

  "claims at once take every job once": async ({ storage, another, insert, server }) => {
    const handles = [storage, await another()];
    const ids = await insert(...Array.from({ length: 90 }, () => ({})));
    const incarnation = await server();
    const request = { incarnation, entry: PROCESSING, queues: ["default"], slots: 4, buffer: 3 };
    const taken = await Promise.all([0, 1, 2, 3].map((nth) => claimUntilEmpty(handles[nth % 2], request)));
    assert.deepEqual(taken.flat().sort(), ids.sort());
  },

  "a job that is claimed and given back by many is held by one at a time": async (setup) => {
    const other = await setup.another();
    const { id } = await setup.inserted();
    const incarnation = await setup.server();
    const request = { incarnation, entry: PROCESSING, queues: ["default"], slots: 1, buffer: 0 };
    let claims = 0;
    const worker = async (storage: Storage): Promise<void> => {
      for (let turn = 0; turn < ROUNDS; turn++) {
        const held = await storage.claim(request);
        claims += held.length;
        if (held.length > 0) assert.deepEqual(await storage.giveBack(held), ["applied"]);
      }
    };
    await Promise.all([setup.storage, other, setup.storage].map(worker));
    assert.equal((await setup.row(id)).fence, 1 + 2 * claims);
  },

  "a commit and a recovery at once: one of them has the job": async (setup) => {
    const other = await setup.another();
    const judge = await setup.server();
    for (let round = 0; round < ROUNDS; round++) {
      const job = await setup.claimed();
      const request = { incarnation: judge, dead: [job.owner ?? ""], limit: 9, quarantineAt: 3 };
      const [outcome, { recovered }] = await Promise.all([
        settle(setup.storage, changeOf(job, "Succeeded")),
        other.recover(request),
      ]);
      const { state, fence } = await setup.row(job.id);
      assert.equal(outcome, recovered.length === 0 ? "applied" : "stale");
      assert.deepEqual([state, fence], [recovered.length === 0 ? "Succeeded" : "Enqueued", job.fence + 1]);
    }
  },

  "changes and parents named in opposite orders do not lock each other out": async (setup) => {
    const handles = [setup.storage, await setup.another()];
    for (let round = 0; round < ROUNDS; round++) {
      const jobs = [await setup.inserted(), await setup.inserted(), await setup.inserted()];
      const orders = [jobs, [...jobs].reverse()];
      await Promise.all(orders.map((order, nth) => addChild(handles[nth], order)));
      const outcomes = await Promise.all(orders.map((order, nth) => settleAll(handles[nth], order)));
      const applied = outcomes.flat().filter((outcome) => outcome === "applied");
      assert.equal(applied.length, jobs.length);
      for (const { id, fence } of jobs) assert.equal((await setup.row(id)).fence, fence + 1);
    }
    assert.equal((await setup.claim(await setup.server())).length, 2 * ROUNDS);
  },

  "an id that many store at once is stored by one of them": async ({ storage, another, row }) => {
    const handles = [storage, await another()];
    for (let round = 0; round < ROUNDS; round++) {
      const ids = [newId(), newId()];
      const calls = [ids, [...ids].reverse(), ids].map(async (order, nth) => {
        return (await handles[nth % 2]?.insert(order.map((id) => newJob({ id })))) ?? [];
      });
      const outcomes = (await Promise.all(calls)).flat().map(({ outcome }) => outcome);
      assert.equal(outcomes.filter((outcome) => outcome === "inserted").length, ids.length);
      assert.equal((await row(ids[0] ?? "")).fence, 1);
    }
  },
});

/** Commits the end of several jobs in one call, then those alone that were busy. */
async function settleAll(storage: Storage | undefined, jobs: readonly JobRecord[]): Promise<CommitOutcome[]> {
  assert(storage !== undefined);
  const changes = jobs.map((job) => changeOf(job, "Succeeded", { entry: entryTail("Succeeded", newId()) }));
  const outcomes = await storage.commit(changes);
  return await Promise.all(
    changes.map((change, nth) => {
      const outcome = outcomes[nth];
      return outcome === undefined || outcome === "busy" ? settle(storage, change) : outcome;
    }),
  );
}

async function addChild(storage: Storage | undefined, parents: readonly JobRecord[]): Promise<void> {
  const [answer] = (await storage?.insert([newJob(behind(...parents.map(({ id }) => id)))])) ?? [];
  assert.equal(answer?.outcome, "inserted");
}

async function claimUntilEmpty(
  storage: Storage | undefined,
  request: Parameters<Storage["claim"]>[0],
): Promise<string[]> {
  assert(storage !== undefined);
  const ids: string[] = [];
  for (let claims = 0; claims < 200; claims++) {
    const jobs = await storage.claim(request);
    if (jobs.length === 0) return ids;
    ids.push(...jobs.map(({ id }) => id));
  }
  assert.fail("the ready jobs never come to an end");
}
