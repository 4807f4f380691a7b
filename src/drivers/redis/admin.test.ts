import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeEach, describe, test } from "vitest";
import { newId } from "../../base/ids.ts";
import { entryTail, type JobWhere, type ListQuery, type NewJob } from "../../storage/index.ts";
import {
  announcement,
  behind,
  changeOf,
  newJob,
  newJobs,
  PROCESSING,
} from "../../testing/contract/builders.ts";
import { clockPasses } from "../../testing/contract/expect.ts";
import { RedisStorage } from "./storage.ts";

const client = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379", {
  lazyConnect: true,
  retryStrategy: null,
});
client.on("error", () => {});
const there = await client.connect().then(
  () => true,
  () => false,
);
let prefix = "";
let storage: RedisStorage;

beforeEach(() => {
  prefix = `firelater-test:${newId()}`;
  storage = new RedisStorage({ client }, { prefix });
});

afterEach(async () => {
  await storage.close();
  if (!there) return;
  for await (const keys of client.scanStream({ match: `{${prefix}}:*`, count: 1_000 })) {
    if (keys.length > 0) await client.unlink(...keys);
  }
});

afterAll(() => client.disconnect());

describe.skipIf(!there)("what takes several scripts", () => {
  test("a search goes on from script to script, and ends where its scan does", async () => {
    const ids = await insertMany(700, {});
    const [wanted = ""] = await insert([newJob({ args: '["needle"]', tags: ["t"] })]);
    const behind = await insert(newJobs(3));
    for (const where of [{ args: "NEEDLE" }, { tag: "t" }]) {
      const query: ListQuery = { state: "Enqueued", limit: 10, where };
      const whole = await storage.list(query);
      assert.deepEqual([whole.rows.map(({ id }) => id), whole.next], [[wanted], null]);
      const first = await storage.list({ ...query, scan: 600 });
      assert.deepEqual(first.rows, []);
      assert(first.next !== null);
      const second = await storage.list({ ...query, after: first.next, scan: 101 });
      assert.deepEqual(
        second.rows.map(({ id }) => id),
        [wanted],
      );
      assert(second.next !== null);
      const third = await storage.list({ ...query, after: second.next, scan: 3 });
      assert.deepEqual([third.rows, third.next], [[], null]);
    }
    assert.deepEqual(await pages({ state: "Enqueued", limit: 90, where: { name: "mail.welcome" } }), [
      ...ids,
      wanted,
      ...behind,
    ]);
  });

  test("a search reads large texts a few at a time, and finds what is behind them", async () => {
    await insert(newJobs(8, { args: JSON.stringify(["x".repeat(200_000)]) }));
    const [wanted = ""] = await insert([newJob({ args: '["needle"]' })]);
    assert.deepEqual(await pages({ state: "Enqueued", limit: 5, where: { args: "needle" } }), [wanted]);
    assert.equal((await pages({ state: "Enqueued", limit: 5, where: { args: "xx" } })).length, 8);
  });

  test("of ready jobs, of those that only a slot takes, of parked ones and of those that wait", async () => {
    const limit = { key: "k", max: 1, whenFull: "wait" } as const;
    const [parked = ""] = await insert([newJob({ queue: "b" })]);
    const { incarnation } = await announced();
    const claim = { incarnation, entry: PROCESSING, queues: ["b"], slots: 1, buffer: 0 };
    await storage.park(await storage.claim(claim));
    const [a = "", slot = "", c = "", waiting = ""] = await insert([
      newJob({ queue: "a" }),
      newJob({ queue: "b", limit }),
      newJob({ queue: "c" }),
      newJob({ queue: "a", limit }),
    ]);
    const all = [a, slot, c, parked, waiting];
    assert.deepEqual(await pages({ state: "Enqueued", limit: 1, where: {} }), all);
    assert.deepEqual(await pages({ state: "Enqueued", limit: 9, scan: 1, where: { queue: "b" } }), [
      slot,
      parked,
    ]);
  });

  test("a tag is found where it stands, and nowhere else", async () => {
    const tags = [["x,", ",y"], [","], ['a"b'], ["a\\"], []];
    const ids = await insert(tags.map((some) => newJob(some.length > 0 ? { tags: some } : {})));
    for (const [tag, nth] of [
      [",", 1],
      ['a"b', 2],
      ["a\\", 3],
      [",y", 0],
    ] as const)
      assert.deepEqual(await pages({ state: "Enqueued", limit: 1, where: { tag } }), [ids[nth]]);
    assert.deepEqual(await pages({ state: "Enqueued", limit: 1, where: { tag: "b" } }), []);
  });

  test("a row that was deleted by hand is in no answer", async () => {
    const [gone = "", left = ""] = await insert(newJobs(2));
    await client.unlink(`{${prefix}}:job:${gone}`);
    const wheres: JobWhere[] = [{}, { since: 0 }, { name: "mail.welcome" }, { args: "" }];
    for (const where of wheres) assert.deepEqual(await pages({ state: "Enqueued", limit: 5, where }), [left]);
    assert.equal((await storage.admin.queues()).length, 1);
  });

  test("by time a search looks at what is in the span alone", async () => {
    const early = await ended(3);
    const late = await ended(3);
    const from = await storage.get([late[0] ?? ""]);
    const at = from[0]?.stateAt ?? 0;
    const find = (where: JobWhere) => storage.list({ state: "Succeeded", limit: 10, scan: 3, where });
    const before = await find({ before: at });
    assert.deepEqual([idsOf(before.rows).sort(), before.next], [[...early].sort(), null]);
    // What is older than the span is the end of the search, however much of it there is.
    const since = await storage.list({ state: "Succeeded", limit: 10, scan: 4, where: { since: at } });
    assert.deepEqual([idsOf(since.rows).sort(), since.next], [[...late].sort(), null]);
  });

  test("failures are counted from script to script", async () => {
    const prints = ["0".repeat(16), "1".repeat(16), "2".repeat(16)];
    const ids = await insertMany(600, {});
    let newest = { id: "", at: 0 };
    for (let at = 0; at < ids.length; at += 100) {
      await clockPasses(storage, newest.at);
      const rows = await storage.get(ids.slice(at, at + 100));
      const changes = rows.map((row, nth) => {
        const fingerprint = prints[nth % 3 === 0 ? 0 : nth % 5 === 0 ? 1 : 2];
        return changeOf(row, "Failed", { entry: entryTail("Failed", "no", { fingerprint }) });
      });
      await storage.commit(changes);
      const last = (await storage.list({ state: "Failed", limit: 1 })).rows[0];
      newest = { id: last?.id ?? "", at: last?.stateAt ?? 0 };
    }
    const groups = await storage.admin.failures({ scan: 10_000, limit: 10 });
    const counts = groups.map(({ fingerprint, count }) => [fingerprint, count]);
    assert.deepEqual(counts, [
      [prints[2], 318],
      [prints[0], 204],
      [prints[1], 78],
    ]);
    const { stateAt: oldest = 0 } = (await storage.get(ids.slice(0, 1)))[0] ?? {};
    assert(oldest < newest.at);
    assert(groups.every(({ firstAt, lastAt }) => firstAt === oldest && lastAt <= newest.at));
    assert(groups.some(({ last }) => last === newest.id));
    const some = await storage.admin.failures({ scan: 300, limit: 10 });
    assert.equal(
      some.reduce((sum, { count }) => sum + count, 0),
      300,
    );
  });

  test("large documents are listed whole, either way", async () => {
    const ids = Array.from({ length: 40 }, () => newId()).sort();
    const save = (id: string) => ({ kind: "view", id, version: 0, text: "ü".repeat(60_000) });
    await storage.admin.saveDocuments(ids.map(save));
    for (const descending of [false, true]) {
      const listed = await storage.admin.listDocuments({ kind: "view", limit: 35, descending });
      assert.deepEqual(
        listed.map(({ id }) => id),
        (descending ? [...ids].reverse() : ids).slice(0, 35),
      );
    }
  });

  test("the oldest job of a queue is found behind whatever priority, and where only a slot takes it", async () => {
    const limit = { key: "k", max: 9, whenFull: "wait" } as const;
    const [oldest = ""] = await insert([newJob({ rank: 32_767, limit })]);
    const at = (await storage.get([oldest]))[0]?.stateAt ?? 0;
    await clockPasses(storage, at);
    await insert([-32_767, -1, 0, 5].map((rank) => newJob({ rank })));
    await insert([newJob({ rank: 0, limit })]);
    const [queue] = await storage.admin.queues();
    assert.deepEqual([queue?.ready, queue?.oldestAt], [6, at]);
  });

  test("what counts is the first job of a priority, whoever may take it", async () => {
    const limit = { key: "k", max: 9, whenFull: "wait" } as const;
    const [requeued = ""] = await insert([newJob({ limit })]);
    const [first = ""] = await insert([newJob()]);
    const at = (await storage.get([first]))[0]?.stateAt ?? 0;
    await clockPasses(storage, at);
    const [row] = await storage.get([requeued]);
    assert(row !== undefined);
    await storage.commit([changeOf(row, "Enqueued", { keepSeq: true })]);
    const again = (await storage.get([requeued]))[0];
    const [queue] = await storage.admin.queues();
    assert(again !== undefined && again.stateAt > at);
    assert.equal(queue?.oldestAt, again.stateAt);
  });

  test("a parent and its children leave no key behind, whichever goes first", async () => {
    const end = async (id: string) => {
      const rows = await storage.get([id]);
      await storage.commit(rows.map((row) => changeOf(row, "Succeeded")));
    };
    const expire = () =>
      storage.expire({ retention: { state: "Succeeded", ageMs: 0, count: null }, limit: 100 });
    for (const last of ["child", "parent"] as const) {
      const [parent = ""] = await insert([newJob()]);
      const [child = "", other = ""] = await insert([newJob(behind(parent)), newJob(behind(parent))]);
      for (const id of [parent, other]) await end(id);
      await end(child);
      assert.equal((await storage.admin.children({ parent, limit: 5 })).length, 2);
      if (last === "parent") await client.hincrby(`{${prefix}}:job:${parent}`, "unfinished", 1);
      await expire();
      if (last === "parent") await client.hincrby(`{${prefix}}:job:${parent}`, "unfinished", -1);
      await expire();
      assert.deepEqual(await client.keys(`{${prefix}}:children:*`), []);
      assert.deepEqual(await client.keys(`{${prefix}}:job:*`), []);
    }
  });

  test("what was kept for people leaves no key behind", async () => {
    const { incarnation } = await announced();
    await storage.admin.pauseQueue("mail", "why");
    await storage.admin.report(incarnation, "{}");
    await storage.admin.command(incarnation, "stop");
    const save = { kind: "view", id: "a:b", version: 0, text: "" };
    await storage.admin.saveDocuments([save, { ...save, id: "c" }]);
    const saved = await storage.admin.getDocument("view", "c");
    await storage.admin.resumeQueue("mail");
    await storage.retire(incarnation);
    await storage.admin.saveDocuments([{ ...save, id: "c", version: saved?.version ?? 0, text: null }]);
    assert.equal(await storage.admin.trimDocuments("view", 0, 10), 1);
    assert.deepEqual(await client.keys(`{${prefix}}:*`), [`{${prefix}}:seq`]);
  });
});

async function insert(jobs: readonly NewJob[]): Promise<string[]> {
  for (const { outcome } of await storage.insert(jobs)) assert.equal(outcome, "inserted");
  return jobs.map(({ id }) => id);
}

async function insertMany(count: number, over: Partial<NewJob>): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) ids.push(...(await insert(newJobs(100, over))));
  return ids;
}

/** Jobs that have succeeded at one time, which nothing before them has. */
async function ended(count: number): Promise<string[]> {
  const ids = await insert(newJobs(count));
  await storage.commit((await storage.get(ids)).map((row) => changeOf(row, "Succeeded")));
  const at = (await storage.get(ids)).map(({ stateAt }) => stateAt);
  await clockPasses(storage, Math.max(...at));
  return ids;
}

async function announced() {
  const server = announcement();
  await storage.announce(server);
  return server;
}

/** All that a search finds, page by page. */
async function pages(query: ListQuery): Promise<string[]> {
  const found: string[] = [];
  let after: string | null = null;
  do {
    const page = await storage.list(after === null ? query : { ...query, after });
    found.push(...idsOf(page.rows));
    after = page.next;
  } while (after !== null);
  return found;
}

function idsOf(rows: readonly { readonly id: string }[]): string[] {
  return rows.map(({ id }) => id);
}
