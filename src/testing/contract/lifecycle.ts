import assert from "node:assert/strict";
import { entryTail, type Storage } from "../../storage/index.ts";
import { announcement, newJob } from "./builders.ts";
import { assertRejects } from "./expect.ts";
import { type Section, section } from "./section.ts";

export const lifecycle: Section<"lifecycle"> = section("lifecycle", {
  "the manifest and the durability say what the storage is": async ({ storage }) => {
    const { engine, maxRows, shared, persistent } = storage.manifest;
    assert(engine !== "" && Number.isInteger(maxRows) && maxRows >= 100);
    assert(typeof shared === "boolean" && typeof persistent === "boolean");
    assert(["fsync", "os", "none"].includes(storage.durability.level));
    assert.notEqual(storage.durability.setting, "");
    if (persistent) assert.notEqual(storage.durability.level, "none");
  },

  "the name is the same in every handle on the same jobs": async ({ storage, another }) => {
    assert.notEqual(storage.name, "");
    assert.equal((await another()).name, storage.name);
  },

  "ready resolves once the storage is open, whenever it is asked": async ({ storage, another }) => {
    await storage.ready;
    await (await another()).ready;
    await storage.ready;
  },

  "verbs called before the storage is ready wait for it": async ({ another }) => {
    const other = await another();
    const job = newJob();
    const [outcomes, now] = await Promise.all([other.insert([job]), other.now()]);
    assert.equal(outcomes[0]?.outcome, "inserted");
    assert(now > 0);
  },

  "every verb of a closed storage is refused": async ({ storage }) => {
    await storage.close();
    for (const [verb, call] of Object.entries(callsOf(storage))) {
      await assertRejects(call(), "FL_STORAGE_CLOSED").catch((error: unknown) => {
        throw new Error(`${verb} of a closed storage`, { cause: error });
      });
    }
  },

  "a limit above the rows that a call may carry is read as these": async ({ storage, insert, server }) => {
    const limit = 100 * storage.manifest.maxRows;
    await insert({ due: { at: 1_000 } }, { due: { at: 1_000 } });
    assert.equal((await storage.promote(limit)).promoted, 2);
    const incarnation = await server();
    const request = { incarnation, entry: entryTail("Processing"), queues: ["default"] };
    assert((await storage.claim({ ...request, slots: limit, buffer: limit })).length > 0);
    assert.deepEqual(await storage.adopt({ ...request, names: ["a.b"], slots: limit }), []);
    assert.equal((await storage.release(limit)).more, false);
    const judge = await server();
    const lost = { incarnation: judge, dead: [incarnation], limit, quarantineAt: 3 };
    assert((await storage.recover(lost)).recovered.length > 0);
    const { rows } = await storage.list({ state: "Enqueued", limit });
    const deleted = { state: "Deleted", entry: entryTail("Deleted"), past: "" } as const;
    await storage.commit(rows.map(({ id, fence }) => ({ id, fence, ...deleted })));
    const retention = { state: "Deleted", ageMs: null, count: 0 } as const;
    assert.equal((await storage.expire({ retention, limit })).expired, 2);
  },

  "closing twice is harmless, at once or later": async ({ storage }) => {
    await Promise.all([storage.close(), storage.close()]);
    await storage.close();
    await storage[Symbol.asyncDispose]();
  },

  "disposing closes": async ({ storage }) => {
    await storage[Symbol.asyncDispose]();
    await assertRejects(storage.now(), "FL_STORAGE_CLOSED");
  },

  "writes under way are finished before a storage closes": async ({ storage, another }) => {
    const other = await another();
    const jobs = Array.from({ length: 5 }, () => newJob());
    const writes = jobs.map((job) => storage.insert([job]));
    await storage.close();
    assert.equal((await Promise.all(writes)).length, jobs.length);
    assert.equal((await other.get(jobs.map(({ id }) => id))).length, jobs.length);
  },

  "a closed handle leaves the others open": async ({ storage, another, insert }) => {
    const other = await another();
    const ids = await insert({}, {});
    await storage.close();
    assert.equal((await other.get(ids)).length, 2);
    assert.equal((await other.insert([newJob()]))[0]?.outcome, "inserted");
  },

  "a closed handle hears nothing": async ({ storage, another }) => {
    const other = await another();
    let heard = 0;
    other.subscribe(() => heard++);
    await other.close();
    await storage.insert([newJob()]);
    await storage.now();
    assert.equal(heard, 0);
  },
});

function callsOf(storage: Storage): Readonly<Record<string, () => Promise<unknown>>> {
  const claims = [{ id: newJob().id, fence: 1 }];
  const { incarnation } = announcement();
  const entry = entryTail("Processing");
  return {
    insert: () => storage.insert([newJob()]),
    claim: () => storage.claim({ incarnation, entry, queues: ["default"], slots: 1, buffer: 0 }),
    held: () => storage.held(incarnation),
    park: () => storage.park(claims),
    adopt: () => storage.adopt({ incarnation, entry, queues: ["default"], names: ["a.b"], slots: 1 }),
    giveBack: () => storage.giveBack(claims),
    blame: () => storage.blame(claims),
    commit: () => storage.commit(claims.map((claim) => ({ ...claim, state: "Deleted", entry, past: "" }))),
    append: () =>
      storage.append(claims.map((claim) => ({ ...claim, attempt: 1, kind: "log", text: "", data: null }))),
    announce: () => storage.announce(announcement()),
    heartbeat: () => storage.heartbeat(incarnation),
    retire: () => storage.retire(incarnation),
    recover: () => storage.recover({ incarnation, dead: [], limit: 1, quarantineAt: 3 }),
    check: () => storage.check(claims),
    promote: () => storage.promote(1),
    release: () => storage.release(1),
    get: () => storage.get(claims.map(({ id }) => id)),
    appendices: () => storage.appendices(newJob().id),
    parents: () => storage.parents(claims.map(({ id }) => id)),
    list: () => storage.list({ state: "Enqueued", limit: 1 }),
    counts: () => storage.counts(),
    statistics: () => storage.statistics({ from: 0, to: 1 }),
    servers: () => storage.servers(),
    expire: () => storage.expire({ retention: { state: "Deleted", ageMs: 0, count: 0 }, limit: 1 }),
    now: () => storage.now(),
  };
}
