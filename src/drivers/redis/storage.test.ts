import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeEach, describe, test } from "vitest";
import { newId } from "../../base/ids.ts";
import type { CommitState, FinishedState, JobState, NewJob } from "../../storage/index.ts";
import {
  announcement,
  behind,
  behindWhen,
  changeOf,
  newJob,
  newJobs,
  PROCESSING,
} from "../../testing/contract/builders.ts";
import { Script } from "./script.ts";
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

test("migrate that is no flag is refused before anything is opened", () => {
  assert.throws(() => Reflect.construct(RedisStorage, ["redis://localhost", { migrate: "never" }]), {
    code: "FL_INVALID_STORAGE_OPTIONS",
  });
});

describe.skipIf(!there)("what only Redis has to prove", () => {
  test("opened as it is, a prefix must have been stored under, and stays as empty as it was", async () => {
    const asItIs = async (): Promise<unknown> => {
      const opened = new RedisStorage({ client }, { prefix, migrate: false });
      const outcome = await opened.now().then(
        () => "open",
        (error: unknown) => Object(error).code,
      );
      await opened.close();
      return outcome;
    };
    assert.equal(await asItIs(), "FL_STORE_MISSING");
    assert.deepEqual(await client.keys(`{${prefix}}:*`), []);
    await storage.announce(announcement());
    assert.equal(await asItIs(), "open");
    await client.unlink(`{${prefix}}:leases`);
    assert.equal(await asItIs(), "FL_STORE_MISSING");
    await insert([newJob()]);
    assert.equal(await asItIs(), "open");
  });

  test("the order is exact for every rank and for a seq of up to 2^53", async () => {
    const ranks = [32_767, -32_767, 0, -32_767, 32_767];
    const ids: string[] = [];
    for (const seq of [0, 2 ** 36 - 2, 2 ** 53 - 100]) {
      await client.set(`{${prefix}}:seq`, seq);
      ids.push(...(await insert(ranks.map((rank) => newJob({ rank })))));
    }
    const expected = [1, 3, 6, 8, 11, 13, 2, 7, 12, 0, 4, 5, 9, 10, 14].map((nth) => ids[nth]);
    const claimed = await claimAll();
    assert.deepEqual(
      claimed.map(({ id }) => id),
      expected,
    );
    assert.equal(claimed.at(-1)?.seq, 2 ** 53 - 95);
  });

  test("a server that does not know a script yet is given its text", async () => {
    const fresh = new Script(`-- ${newId()}`, "return ARGV[1]");
    const answers = await Promise.all(["first", "second"].map((text) => fresh.run(client, prefix, [text])));
    assert.deepEqual([...answers, await fresh.run(client, prefix, ["third"])], ["first", "second", "third"]);
  });

  test("a claim of large jobs takes as many as make a short script, and the next one goes on behind them", async () => {
    const ids = await insert(newJobs(10, { args: JSON.stringify(["x".repeat(300_000)]) }));
    const bites: string[][] = [];
    for (let bite = await claimAll(); bite.length > 0; bite = await claimAll())
      bites.push(bite.map(({ id }) => id));
    assert.deepEqual(bites.flat(), ids);
    assert.deepEqual(
      bites.map(({ length }) => length),
      [4, 4, 2],
    );
  });

  test("a row that was deleted by hand stops nobody", async () => {
    const [gone, left] = await insert(newJobs(2));
    await client.unlink(`{${prefix}}:job:${gone}`);
    await claimAll();
    assert.equal((await storage.get([left ?? ""]))[0]?.state, "Processing");
  });

  test("what one commit may not work off is left to release, and nobody waits for ever", async () => {
    const [parent = ""] = await insert(newJobs(1));
    const waiters = await insertMany(250, behind(parent));
    await enter(parent, "Succeeded");
    assert.deepEqual(await countStates(waiters), { Enqueued: 100, Awaiting: 150 });
    assert.deepEqual(await storage.release(70), { released: 70, more: true });
    assert.deepEqual(await storage.release(1_000), { released: 80, more: false });
    assert.deepEqual(await countStates(waiters), { Enqueued: 250 });
  });

  test("a commit of many jobs works off few edges", async () => {
    const parents = await insert(newJobs(100));
    const waiters = await insert(parents.map((parent) => newJob(behind(parent))));
    const rows = await storage.get(parents);
    await storage.commit(rows.map((row) => changeOf(row, "Succeeded")));
    assert.deepEqual(await countStates(waiters), { Enqueued: 1, Awaiting: 99 });
    assert.deepEqual(await storage.release(100), { released: 99, more: false });
  });

  test("a waiter that came after a requeue is not released by what an earlier end left behind", async () => {
    const [parent = ""] = await insert(newJobs(1));
    await insertMany(150, behind(parent));
    await enter(parent, "Succeeded");
    await enter(parent, "Enqueued");
    const late = await insert([newJob(behind(parent))]);
    assert.deepEqual(await storage.release(100), { released: 50, more: false });
    assert.deepEqual(await countStates(late), { Awaiting: 1 });
    await enter(parent, "Succeeded");
    assert.deepEqual(await countStates(late), { Enqueued: 1 });
  });

  test("a job that has expired leaves no key behind, whatever its life was", async () => {
    const server = announcement();
    await storage.announce(server);
    const { incarnation } = server;
    const limit = { key: "k", max: 1, whenFull: "wait" } as const;
    const [parent = "", failing = ""] = await insert([newJob(), newJob()]);
    const stranger = await insert([newJob({ queue: "other" })]);
    await insert([
      newJob(behind(parent)),
      newJob({ ...behindWhen("deleted", parent, failing), tags: ["a"], parameters: "{}" }),
      newJob(behind(...stranger)),
      ...newJobs(3, { limit }),
      newJob({ limit: { ...limit, whenFull: "skip" } }),
      newJob({ due: { at: 1_000 }, queue: "late" }),
      newJob({ due: { in: 3_600_000 } }),
      newJob({ name: "unknown.name" }),
    ]);
    await storage.promote(100);
    const claimed = await claimAll();
    for (const job of claimed) {
      await storage.append([
        { id: job.id, fence: job.fence, attempt: 1, kind: "log", text: "one", data: null },
        { id: job.id, fence: job.fence, attempt: 1, kind: "progress", value: 1, text: null },
      ]);
    }
    await storage.park(claimed.filter(({ name }) => name === "unknown.name"));
    await storage.giveBack(claimed.filter(({ id }) => id === parent));
    await storage.saveRecurring([
      { id: "digest", version: 0, state: { nextAt: 1, definition: "", status: "" }, jobs: [newJob()] },
    ]);
    const [{ version = 0 } = {}] = await storage.getRecurring(["digest"]);
    await storage.saveRecurring([{ id: "digest", version, state: null }]);
    await endAll(failing);
    for (const state of ["Succeeded", "Failed", "Deleted", "Succeeded", "Deleted"] as const) {
      const retention = { state, ageMs: null, count: 0 };
      await storage.expire({ retention, limit: 100 });
    }
    for (const { incarnation: each } of await storage.servers()) await storage.retire(each);
    await storage.retire(incarnation);
    const left = (await client.keys(`{${prefix}}:*`)).map((key) => key.slice(prefix.length + 3));
    assert.deepEqual(left.map((key) => key.replace(/\d{13}$/, "<start>")).sort(), [
      "day:<start>",
      "days",
      "enqueued",
      "seq",
    ]);
  });

  test("a child that expires while its parent goes on is no longer tied to it, nor waited for", async () => {
    const [parent = "", done = ""] = await insert([newJob(), newJob()]);
    const [taken = ""] = await insert([newJob(behind(parent))]);
    await enter(taken, "Deleted");
    await enter(done, "Succeeded");
    const [failed = ""] = await insert([newJob(behind(done))]);
    await enter(failed, "Failed");
    const expire = (state: FinishedState) =>
      storage.expire({ retention: { state, ageMs: null, count: 0 }, limit: 10 });
    assert.equal((await expire("Deleted")).expired, 1);
    assert.equal(await client.exists(`{${prefix}}:edges:${parent}`), 0);
    assert.equal((await expire("Succeeded")).expired, 0);
    assert.equal((await expire("Failed")).expired, 1);
    assert.equal((await expire("Succeeded")).expired, 1);
  });

  test("waiters of gates and of permits together are no more than a release may take", async () => {
    const limit = { key: "k", max: 200, whenFull: "wait" } as const;
    const [parent = "", holder = "", blocker = ""] = await insert([
      newJob(),
      newJob({ limit: { ...limit, max: 1 } }),
      newJob({ limit: { ...limit, max: 1 } }),
    ]);
    await insertMany(130, behind(parent));
    await insertMany(150, { limit });
    await enter(parent, "Succeeded");
    await enter(blocker, "Deleted");
    assert.deepEqual(await storage.release(40), { released: 40, more: true });
    assert.deepEqual(await storage.release(100), { released: 60, more: false });
    assert.equal((await storage.get([holder]))[0]?.hold, null);
  });

  test("deletion runs through generations in bites", async () => {
    const [parent = ""] = await insert(newJobs(1));
    const children = await insertMany(150, behind(parent));
    const grandchildren: string[] = [];
    for (const child of children) grandchildren.push(...(await insert([newJob(behind(child))])));
    await enter(parent, "Deleted");
    for (let bites = 0; (await storage.release(100)).more; bites++) assert(bites < 5);
    assert.deepEqual(await countStates([...children, ...grandchildren]), { Deleted: 300 });
  });
});

async function insert(jobs: readonly NewJob[]): Promise<string[]> {
  for (const { outcome } of await storage.insert(jobs)) assert.equal(outcome, "inserted");
  return jobs.map(({ id }) => id);
}

async function insertMany(count: number, over: Partial<NewJob>): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) ids.push(...(await insert(newJobs(50, over))));
  return ids;
}

/** Ends every job, until none is on its way: one as Failed, some as Deleted, those that wait after them, too. */
async function endAll(failing: string): Promise<void> {
  for (let round = 0; round < 10; round++) {
    for (const state of ["Enqueued", "Scheduled", "Awaiting", "Processing"] as const) {
      for (const row of (await storage.list({ state, limit: 100 })).rows) {
        const to = row.id === failing ? "Failed" : row.state === "Scheduled" ? "Deleted" : "Succeeded";
        await storage.commit([changeOf(row, to)]);
      }
    }
    await storage.release(100);
  }
}

async function claimAll() {
  const server = announcement();
  await storage.announce(server);
  const { incarnation } = server;
  return await storage.claim({ incarnation, entry: PROCESSING, queues: ["default"], slots: 100, buffer: 0 });
}

async function enter(id: string, state: CommitState): Promise<void> {
  const [row] = await storage.get([id]);
  assert(row !== undefined);
  assert.deepEqual(await storage.commit([changeOf(row, state)]), ["applied"]);
}

async function countStates(ids: readonly string[]): Promise<Partial<Record<JobState, number>>> {
  const counts: Partial<Record<JobState, number>> = {};
  for (let at = 0; at < ids.length; at += 100) {
    for (const { state } of await storage.get(ids.slice(at, at + 100)))
      counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}
