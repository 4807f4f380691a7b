/**
 * No statement of the driver may scan what grows, nor sort it. Every verb is called on a database that holds jobs of all
 * kinds, and whatever it has sent is explained by the server.
 */
import { format, type RowDataPacket } from "mysql2";
import { createConnection } from "mysql2/promise";
import { afterAll, describe, expect, test, vi } from "vitest";
import {
  connect,
  dropDatabases,
  giveBackDatabase,
  reach,
  takeDatabase,
  urlOf,
} from "../../../test/contract/mysql-server.ts";
import { newId } from "../../base/ids.ts";
import { behind, changeOf, limited, newJob, newJobs } from "../../testing/contract/builders.ts";
import { setUp } from "../../testing/contract/setup.ts";
import { MysqlStorage } from "./index.ts";
import { Statements } from "./statements.ts";

afterAll(dropDatabases);

/** Small whatever happens: a row for each server, one row of totals, an hour's counters, what is not folded yet. */
const SMALL = /firelater_(server|total|statistic|change|schema|release)\b/;

describe.skipIf((await reach()) !== undefined)("the plans of the driver", () => {
  test.each([
    ["few jobs", 4, false],
    ["many jobs", 3_000, true],
  ])("scan and sort nothing that grows, with %s", async (_, jobs, analyzed) => {
    const database = await takeDatabase();
    const storage = new MysqlStorage(urlOf(database), { maxConnections: 4 });
    const opened = { storage, another: async () => storage, dispose: async () => {} };
    try {
      await fill(storage, jobs);
      if (analyzed) {
        await connect((server) =>
          server.query("ANALYZE TABLE ??.firelater_job, ??.firelater_edge", [database, database]),
        );
      }
      const sent = await sentBy(async () => {
        await useAll(opened);
        await useWithin(storage, urlOf(database));
      });
      expect(sent.size).toBeGreaterThan(60);
      expect(await problemsOf(database, sent)).toEqual([]);
      // A list as long as the table is long is read by walking the table: that is no scan of what grows.
      for (const batch of analyzed ? [1, 20, 500] : [1]) {
        const hot = await sentBy(() => useBatch(opened, batch));
        expect(await problemsOf(database, hot)).toEqual([]);
      }
    } finally {
      vi.restoreAllMocks();
      await storage.close();
      await giveBackDatabase(database);
    }
  });
});

/** Every statement with its values that an action makes the driver send. */
async function sentBy(action: () => Promise<void>): Promise<Set<string>> {
  const sent = new Set<string>();
  for (const method of ["all", "run"] as const) {
    const original = Statements.prototype[method];
    vi.spyOn(Statements.prototype, method).mockImplementation(function (this: Statements, sql, ...values) {
      sent.add(format(sql, values));
      return Reflect.apply(original, this, [sql, ...values]);
    });
  }
  await action();
  vi.restoreAllMocks();
  return sent;
}

async function problemsOf(database: string, sent: ReadonlySet<string>): Promise<string[]> {
  const problems: string[] = [];
  for (const sql of sent) problems.push(...(await judge(database, sql)));
  return problems;
}

async function judge(database: string, sql: string): Promise<string[]> {
  if (!/^\s*(SELECT|UPDATE|DELETE)/.test(sql) || !/firelater_/.test(sql)) return [];
  return await connect(async (server) => {
    await server.query("USE ??", [database]);
    const [rows] = await server.query<RowDataPacket[]>(`EXPLAIN ${sql}`);
    return rows.flatMap(({ type, Extra: extra, table }) => {
      const isScan = (type === "ALL" || type === "index") && !/^(<|NULL)/.test(String(table));
      // What a derived table holds is bounded by its LIMIT, and sorted in memory.
      const isSort = /filesort|temporary/.test(String(extra)) && !/^<derived/.test(String(table));
      return (isScan || isSort) && !SMALL.test(sql) ? [`${type} ${extra}: ${sql.slice(0, 300)}`] : [];
    });
  });
}

async function fill(storage: MysqlStorage, count: number): Promise<void> {
  const { insert, claim, server } = setUp({ storage, another: async () => storage, dispose: async () => {} });
  const owner = await server();
  for (let left = count; left > 0; left -= 1_000) {
    await insert(...newJobs(Math.min(left, 1_000), { queue: "filled" }));
    const jobs = await claim(owner, { queues: ["filled"], slots: Math.min(left, 1_000) / 2 });
    await storage.commit(
      jobs.map(({ id, fence }) => ({
        id,
        fence,
        state: "Succeeded",
        entry: '"state":"Succeeded"',
        past: "",
      })),
    );
  }
}

type Opened = Parameters<typeof setUp>[0];

/** What every job goes through, so many at once: new and known ids, claims above and below the mark, ends, losses. */
async function useBatch(opened: Opened, batch: number): Promise<void> {
  const { storage, claim, server } = setUp(opened);
  const queues = ["batch"];
  const jobs = newJobs(batch, { queue: "batch" });
  await storage.insert(jobs);
  await storage.insert(jobs);
  const owner = await server();
  const first = await claim(owner, { queues, slots: batch });
  await storage.giveBack(first.map(({ id, fence }) => ({ id, fence })));
  await claim(owner, { queues, slots: batch });
  const judge = await server();
  await storage.recover({ incarnation: judge, dead: [owner], limit: batch, quarantineAt: 3 });
  const again = await claim(judge, { queues, slots: batch });
  expect(again.length).toBe(batch);
  await storage.commit(again.map((job) => changeOf(job, "Succeeded")));
  await storage.insert(newJobs(batch, { queue: "batch", due: { at: 1_000 } }));
  await storage.promote(batch);
  await storage.expire({ retention: { state: "Succeeded", ageMs: 0, count: null }, limit: batch });
}

/** The dashboard's verbs, and claims beside a pause. */
async function useAdmin(opened: Opened, owner: string): Promise<void> {
  const { storage, claim, claimed, enter } = setUp(opened);
  const { admin } = storage;
  await enter(await claimed(), "Failed");
  await admin.pauseQueue("filled", "");
  await claim(owner, { queues: ["filled"] });
  await storage.adopt({ incarnation: owner, entry: "", queues: ["filled"], names: ["unknown"], slots: 5 });
  expect(await admin.queues()).not.toEqual([]);
  await admin.resumeQueue("filled");
  await admin.report(owner, "{}");
  await admin.command(owner, "quiet");
  await admin.children({ parent: newId(), limit: 10, after: newId() });
  expect(await admin.failures({ scan: 100, limit: 10 })).not.toEqual([]);
  for (const kind of ["audit", "view"]) {
    const ids = Array.from({ length: 40 }, (_, nth) => String(nth));
    await admin.saveDocuments(ids.map((id) => ({ kind, id, version: 0, text: "{}" })));
    await admin.getDocument(kind, "1");
    await admin.listDocuments({ kind, limit: 10, after: "1" });
    await admin.listDocuments({ kind, limit: 10, after: "1", descending: true });
    expect(await admin.trimDocuments(kind, 20, 10)).toBe(10);
  }
}

/** Every verb, in a situation in which it has something to do. */
async function useAll(opened: Opened): Promise<void> {
  const setup = setUp(opened);
  const { storage, insert, inserted, claimed, enter, server, claim } = setup;
  const limit = { key: "k", max: 1, whenFull: "wait" } as const;
  await insert({ limit }, { limit });
  const parent = await claimed();
  await insert({ gate: { parents: [parent.id], condition: "succeeded" } });
  await storage.append([
    { id: parent.id, fence: parent.fence, attempt: 1, kind: "log", text: "a", data: null },
  ]);
  await enter(parent, "Succeeded");
  const holder = (await claim(await server(), { slots: 1, buffer: 1 }))[0];
  if (holder !== undefined) await enter(holder, "Enqueued", { keepSeq: true });
  await insert({ due: { at: 1_000 } }, { due: { at: 1_000 }, limit });
  await storage.promote(100);
  await storage.release(100);
  await storage.park([await claimed({ name: "unknown" })]);
  const owner = await server();
  await storage.adopt({ incarnation: owner, entry: "", queues: ["default"], names: ["unknown"], slots: 5 });
  await storage.giveBack([await claimed()]);
  await storage.blame([await claimed()]);
  await storage.held(owner);
  await setup.lose((await claimed()).owner ?? "");
  const { id } = await inserted();
  await storage.check([{ id, fence: 1 }]);
  await storage.get([id, newId()]);
  await storage.watch([id, newId()]);
  await storage.appendices(parent.id);
  await storage.parents([id]);
  for (const state of [
    "Enqueued",
    "Scheduled",
    "Processing",
    "Awaiting",
    "Succeeded",
    "Failed",
    "Deleted",
  ] as const) {
    const page = await storage.list({ state, limit: 1 });
    const where = { name: "mail.welcome", tag: "a", since: 0, args: "Ab", entry: "c" };
    await storage.list({ state, limit: 1, where });
    await storage.list({
      state,
      limit: 1,
      where: { ...where, before: 9e15 },
      scan: 1,
      cut: { args: 1, entry: 1 },
    });
    if (page.next === null) continue;
    await storage.list({ state, limit: 1, after: page.next });
    await storage.list({ state, limit: 1, after: page.next, where, scan: 100 });
  }
  for (const hold of [null, "unknown", "limit"] as const)
    for (const after of [{}, { after: '["default",0,1]' }])
      await storage.list({ state: "Enqueued", limit: 1, where: { hold }, scan: 1, ...after });
  await storage.saveRecurring([
    { id: "r", version: 0, state: { nextAt: 1, definition: "", status: "" }, jobs: newJobs(1) },
  ]);
  await storage.dueRecurring(10);
  await storage.getRecurring(["r"]);
  await storage.listRecurring({ limit: 10 });
  await storage.expire({ retention: { state: "Succeeded", ageMs: 0, count: 0 }, limit: 100 });
  await useAdmin(opened, owner);
  await storage.retire(owner);
}

/** A transaction of a caller's, and what is put off by it. */
async function useWithin(storage: MysqlStorage, url: string): Promise<void> {
  const { claimed, inserted } = setUp({ storage, another: async () => storage, dispose: async () => {} });
  const [parent, holder] = [await claimed(), await claimed(limited("within"))];
  const child = await inserted(behind(parent.id));
  const connection = await createConnection(url);
  await connection.beginTransaction();
  const skipped = newJob(limited("within", 1, "skip"));
  const jobs = [newJob(behind(parent.id, child.id)), newJob(behind(newId())), skipped];
  await storage.insert([...jobs, newJob({ id: child.id })], connection);
  const ends = [parent, { ...parent, id: newId() }].map((job) => changeOf(job, "Succeeded"));
  await storage.commit([...ends, changeOf(holder, "Enqueued")], connection);
  await connection.commit();
  await connection.end();
  await storage.release(100);
}
