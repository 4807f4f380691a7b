import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  dropDatabases,
  giveBackDatabase,
  reach,
  takeDatabase,
  urlOf,
} from "../../../test/contract/mysql-server.ts";
import type { JobWhere } from "../../storage/index.ts";
import { clockPasses } from "../../testing/contract/expect.ts";
import { setUp } from "../../testing/contract/setup.ts";
import { MysqlStorage } from "./index.ts";
import { Statements } from "./statements.ts";

const unreachable = await reach();
afterAll(dropDatabases);

describe.skipIf(unreachable !== undefined)("the dashboard's verbs on MySQL", () => {
  let database = "";
  let storage: MysqlStorage;
  let other: MysqlStorage;

  beforeEach(async () => {
    database = await takeDatabase();
    storage = new MysqlStorage(urlOf(database), { maxConnections: 4 });
    other = new MysqlStorage(urlOf(database), { maxConnections: 4 });
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    await storage.close();
    await other.close();
    await giveBackDatabase(database);
  });

  const setup = () => setUp({ storage, another: async () => other, dispose: async () => {} });

  test("a server whose queues are paused polls without a transaction", async () => {
    const { insert, server, claimed } = setup();
    const incarnation = await server();
    await storage.park([await claimed({ queue: "mail", name: "un.known" }, incarnation)]);
    await insert({ queue: "mail" });
    await other.admin.pauseQueue("mail", "");
    const request = { incarnation, entry: "", queues: ["mail"], slots: 1, buffer: 0 };
    expect(await storage.claim(request)).toEqual([]);
    const begun: string[] = [];
    const run = Statements.prototype.run;
    vi.spyOn(Statements.prototype, "run").mockImplementation(function (this: Statements, sql, ...values) {
      if (sql === "START TRANSACTION") begun.push(sql);
      return Reflect.apply(run, this, [sql, ...values]);
    });
    expect(await storage.claim(request)).toEqual([]);
    expect(await storage.adopt({ ...request, names: ["un.known"] })).toEqual([]);
    expect(begun).toEqual([]);
    await storage.admin.resumeQueue("mail");
    expect(await storage.claim(request)).toHaveLength(1);
  });

  test("what others have stored before the first claimed job of a queue that is resumed comes first", async () => {
    const { insert, server } = setup();
    const incarnation = await server();
    const claim = () => storage.claim({ incarnation, entry: "", queues: ["mail"], slots: 1, buffer: 0 });
    const [first, second] = await insert({ queue: "mail" }, { queue: "mail" });
    expect((await claim()).map(({ id }) => id)).toEqual([first]);
    await storage.admin.pauseQueue("mail", "");
    const urgent = await setUp({
      storage: other,
      another: async () => storage,
      dispose: async () => {},
    }).inserted({
      queue: "mail",
      rank: -5,
    });
    expect(await claim()).toEqual([]);
    await storage.admin.resumeQueue("mail");
    expect((await claim()).map(({ id }) => id)).toEqual([urgent.id]);
    expect((await claim()).map(({ id }) => id)).toEqual([second]);
  });

  test("letters of other scripts match as they are, and a tag is compared as a whole", async () => {
    const odd = ['x"eu', "a,", "b", "\\", "ü 😀", "EU"];
    const { insert } = setup();
    const [id] = await insert({ args: '["GRößE Straße \u212A"]', tags: odd });
    const find = async (where: JobWhere) =>
      (await storage.list({ state: "Enqueued", limit: 5, where })).rows.map((job) => job.id);
    expect(await find({ args: "größE sTRASSE".replace("SS", "ß") })).toEqual([id]);
    for (const args of ["GRÖßE", "grÖße", "k", "'", "%", "\\"])
      expect([args, await find({ args })]).toEqual([args, []]);
    for (const tag of odd) expect([tag, await find({ tag })]).toEqual([tag, [id]]);
    for (const tag of ["eu", '"', ",", "Ü 😀", "ü", "%", "a"])
      expect([tag, await find({ tag })]).toEqual([tag, []]);
  });

  test("a search whose scan ends with the list is the last page", async () => {
    await setup().insert({}, {}, {});
    const pages = [2, 3, 4].map((scan) =>
      storage.list({ state: "Enqueued", limit: 5, scan, where: { name: "none" } }),
    );
    expect((await Promise.all(pages)).map(({ next }) => next !== null)).toEqual([true, false, false]);
  });

  test("jobs that leave the list in the middle of a look let no other one be missed", async () => {
    const { insert, server, claim } = setup();
    const owner = await server();
    const ids = await insert(
      ...Array.from({ length: 12 }, (_, nth) => (nth === 6 ? { name: "wanted" } : {})),
    );
    const all = Statements.prototype.all;
    let looks = 0;
    vi.spyOn(Statements.prototype, "all").mockImplementation(async function (
      this: Statements,
      sql,
      ...values
    ) {
      const rows = await Reflect.apply(all, this, [sql, ...values]);
      if (/OFFSET|AS scanned/.test(sql) && looks++ === 0) await claim(owner, { slots: 3 });
      return rows;
    });
    const query = { state: "Enqueued", limit: 5, scan: 5, where: { name: "wanted" } } as const;
    const first = await other.list(query);
    expect(first.rows).toEqual([]);
    const second = await other.list({ ...query, after: first.next ?? "" });
    expect(second.rows.map(({ id }) => id)).toEqual([ids[6]]);
  });

  test("the oldest of a queue is looked for in every priority", async () => {
    const { inserted } = setup();
    for (const [queue, ranks] of Object.entries({ a: [-5, 0, 5], b: [5, 0, -5], c: [0, 5, -5] })) {
      const [first] = ranks;
      const oldest = await inserted({ queue, rank: first ?? 0 });
      await clockPasses(storage, oldest.stateAt);
      for (const rank of ranks.slice(1)) await inserted({ queue, rank });
      expect((await storage.admin.queues()).at(-1)).toMatchObject({
        queue,
        ready: 3,
        oldestAt: oldest.stateAt,
      });
    }
  });

  test("of many who save the same texts at once, in any order, one is accepted each time", async () => {
    const ids = Array.from({ length: 20 }, (_, nth) => `id-${nth}`);
    const versions = new Map<string, number>();
    for (let round = 0; round < 5; round++) {
      const saves = ids.map((id) => ({
        kind: "view",
        id,
        version: versions.get(id) ?? 0,
        text: String(round),
      }));
      const outcomes = await Promise.all([
        storage.admin.saveDocuments(saves),
        other.admin.saveDocuments([...saves].reverse()),
        storage.admin.saveDocuments([...saves].reverse()),
      ]);
      expect(outcomes.flat().filter((outcome) => outcome === "applied")).toHaveLength(ids.length);
      for (const { id, version } of await other.admin.listDocuments({ kind: "view", limit: 100 })) {
        expect(version).toBeGreaterThan(versions.get(id) ?? 0);
        versions.set(id, version);
      }
    }
  });

  test("what servers tell is there as it was told, also a report that changes nothing", async () => {
    const { server } = setup();
    const incarnation = await server();
    const vitals = "😀".repeat(2_000);
    for (let nth = 0; nth < 2; nth++) {
      expect(await storage.admin.command(incarnation, "stop")).toBe(true);
      expect(await storage.admin.report(incarnation, vitals)).toBe("stop");
    }
    expect((await other.servers())[0]).toMatchObject({ vitals, command: "stop" });
  });
});
