import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import { type QueueRecord, READY_COUNTED, type Signal } from "../../storage/index.ts";
import { LONG_MS, limited, newJobs, PROCESSING } from "./builders.ts";
import { assertWithin, clockPasses, during, eventually } from "./expect.ts";
import { type Section, section } from "./section.ts";
import type { Setup } from "./setup.ts";

/** Queues as people see and pause them. */
export const queues: Section<"queues"> = section("queues", {
  "those in which something is ready, with how much, and since when": async (setup) => {
    const { storage, insert } = setup;
    const early = await setup.inserted({ queue: "b", rank: 5 });
    await insert(
      ...newJobs(4, { queue: "b", rank: -5 }),
      { queue: "a" },
      { queue: "c", due: { in: LONG_MS } },
    );
    await insert({ ...limited("k"), queue: "d" }, { ...limited("k"), queue: "e" });
    const records = await storage.admin.queues();
    assert.deepEqual(
      records.map(({ queue, ready, paused }) => [queue, ready, paused]),
      [
        ["a", 1, null],
        ["b", 5, null],
        ["d", 1, null],
      ],
    );
    assert.equal(records[1]?.oldestAt, early.stateAt);
  },

  "nothing is claimed from a paused queue, and nothing adopted, until it is resumed": async (setup) => {
    const { storage } = setup;
    const other = await setup.another();
    await setup.insert({ queue: "mail" }, { queue: "mail" }, { queue: "slow" });
    const server = await setup.server();
    const parked = await setup.claimed({ queue: "shelf", name: "un.known" }, server);
    await storage.park([parked]);
    await other.admin.pauseQueue("mail", "the provider is down");
    await other.admin.pauseQueue("shelf", "");
    const claim = async () =>
      (await setup.claim(server, { queues: ["mail", "slow"] })).map(({ queue }) => queue);
    assert.deepEqual(await claim(), ["slow"]);
    assert.deepEqual(await claim(), []);
    const adoption = {
      incarnation: server,
      entry: '"state":"Processing"',
      names: ["un.known"],
      queues: ["shelf"],
      slots: 5,
    };
    assert.deepEqual(await storage.adopt(adoption), []);
    assert.equal(await storage.admin.resumeQueue("mail"), true);
    assert.equal(await storage.admin.resumeQueue("shelf"), true);
    assert.deepEqual(await claim(), ["mail", "mail"]);
    assert.deepEqual(
      (await storage.adopt(adoption)).map(({ id }) => id),
      [parked.id],
    );
  },

  "once a queue is paused nothing is taken from it, by a claim that is under way either": async (setup) => {
    const { storage, insert, server } = setup;
    const other = await setup.another();
    const owner = await server();
    const request = { incarnation: owner, entry: PROCESSING, queues: ["mail"], slots: 1, buffer: 0 };
    for (let round = 0; round < 15; round++) {
      await insert(...newJobs(20, { queue: "mail" }));
      const claims = Array.from({ length: 6 }, () => storage.claim(request));
      await clockPasses(storage, await storage.now());
      for (let nth = 0; nth < 4; nth++) claims.push(storage.claim(request));
      await other.admin.pauseQueue("mail", "");
      const left = (await other.list({ state: "Enqueued", limit: 100 })).rows.length;
      await Promise.all(claims);
      assert.equal((await storage.list({ state: "Enqueued", limit: 100 })).rows.length, left);
      await other.admin.resumeQueue("mail");
      while ((await setup.claim(owner, { queues: ["mail"] })).length > 0);
    }
  },

  "a pause has a time and a note, and is seen with nothing in the queue": async (setup) => {
    const { storage } = setup;
    const [, span] = await during(storage, () => storage.admin.pauseQueue("mail", "one 😀"));
    const paused = await only(setup);
    assert.deepEqual([paused.queue, paused.ready, paused.oldestAt], ["mail", 0, null]);
    assert.equal(paused.paused?.note, "one 😀");
    assertWithin(paused.paused?.at ?? null, span, "at");
    await storage.admin.pauseQueue("mail", "two");
    assert.equal((await only(setup)).paused?.note, "two");
    assert.equal(await storage.admin.resumeQueue("mail"), true);
    assert.equal(await storage.admin.resumeQueue("mail"), false);
    assert.deepEqual(await storage.admin.queues(), []);
  },

  "jobs come into a paused queue, are promoted there, given back and recovered": async (setup) => {
    const { storage } = setup;
    const server = await setup.server();
    const [running, second] = [
      await setup.claimed({ queue: "mail" }, server),
      await setup.claimed({ queue: "mail" }, server),
    ];
    await storage.admin.pauseQueue("mail", "");
    await setup.insert({ queue: "mail" }, { queue: "mail", due: { in: 0 } });
    assert.equal((await storage.promote(5)).promoted, 1);
    assert.deepEqual(await storage.giveBack([running]), ["applied"]);
    await setup.enter(second, "Succeeded");
    assert.equal((await only(setup)).ready, 3);
  },

  "whoever waits hears that a queue is resumed": async (setup) => {
    const { storage, insert } = setup;
    await insert({ queue: "mail" });
    await storage.admin.pauseQueue("mail", "");
    const heard: Signal[] = [];
    storage.subscribe((signal) => heard.push(signal));
    await storage.admin.resumeQueue("mail");
    await eventually("it is heard", async () =>
      heard.some((signal) => signal.kind === "ready" && signal.queues.includes("mail")) ? true : undefined,
    );
  },

  "ready jobs are counted as far as the contract says, or all": async ({ storage, insert }) => {
    const chunk = Math.min(storage.manifest.maxRows, 100);
    for (let stored = 0; stored < READY_COUNTED; stored += chunk)
      await insert(...newJobs(chunk, { queue: "many" }));
    await insert({ queue: "many" }, { queue: "few" });
    const [few, many] = await storage.admin.queues();
    assert.deepEqual([few?.ready, few?.isBound], [1, false]);
    assert.equal(many?.ready, many?.isBound ? READY_COUNTED : READY_COUNTED + 1);
  },

  "many queues are listed by name": async ({ storage, insert }) => {
    const names = Array.from({ length: 30 }, () => `q-${newId()}`);
    await insert(...names.map((queue) => ({ queue })));
    const listed = (await storage.admin.queues()).map(({ queue }) => queue);
    assert.deepEqual(listed, [...names].sort());
  },
});

async function only({ storage }: Setup): Promise<QueueRecord> {
  const [record, ...others] = await storage.admin.queues();
  assert(record !== undefined && others.length === 0);
  return record;
}
