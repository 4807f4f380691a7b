import assert from "node:assert/strict";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createPool } from "mysql2/promise";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  connect,
  dropDatabases,
  giveBackDatabase,
  reach,
  takeDatabase,
  urlOf,
} from "../../../test/contract/mysql-server.ts";
import type { Signal } from "../../storage/index.ts";
import { behind, changeOf, newJobs } from "../../testing/contract/builders.ts";
import { setUp } from "../../testing/contract/setup.ts";
import { Connection } from "./connection.ts";
import { MysqlStorage } from "./index.ts";
import { connect as pool } from "./options.ts";
import { fold } from "./statistics.ts";

const unreachable = await reach();
afterAll(dropDatabases);

describe.skipIf(unreachable !== undefined)("a MySQL storage", () => {
  let database = "";
  let storage: MysqlStorage;

  beforeEach(async () => {
    database = await takeDatabase();
    storage = new MysqlStorage(urlOf(database), { maxConnections: 4 });
  });

  afterEach(async () => {
    await storage.close();
    await giveBackDatabase(database);
  });

  const setup = () => setUp({ storage, another: async () => storage, dispose: async () => {} });

  test.each(["a ", "A", "á", "a\u0000"])(
    "tells apart a queue and %j, which collations may not",
    async (other) => {
      const { insert, claim, server } = setup();
      const [id, otherId] = await insert({ queue: "a" }, { queue: other });
      const owner = await server();
      expect((await claim(owner, { queues: ["a"] })).map((job) => job.id)).toEqual([id]);
      expect((await claim(owner, { queues: [other] })).map((job) => [job.id, job.queue])).toEqual([
        [otherId, other],
      ]);
    },
  );

  test("tells apart recurring jobs and keys of limits by every byte", async () => {
    const ids = ["r", "r ", "R", "ŕ"];
    const state = { nextAt: null, definition: "d", status: "s " };
    const saves = ids.map((id) => ({ id, version: 0, state }));
    expect(await storage.saveRecurring(saves)).toEqual(ids.map(() => "applied"));
    expect((await storage.getRecurring(["r "])).map(({ id, status }) => [id, status])).toEqual([
      ["r ", "s "],
    ]);
    const { insert, row } = setup();
    const jobs = await insert(...ids.map((key) => ({ limit: { key, max: 1, whenFull: "wait" } as const })));
    for (const id of jobs) expect((await row(id)).hold).toBeNull();
  });

  test("keeps the row of a key for as long as there are jobs of it, and no longer", async () => {
    const limit = { key: "k", max: 1, whenFull: "wait" } as const;
    const job = await setup().claimed({ limit });
    await setup().enter(job, "Succeeded");
    expect(await keys()).toBe(1);
    await storage.expire({ retention: { state: "Succeeded", ageMs: 0, count: null }, limit: 10 });
    expect(await keys()).toBe(0);
  });

  test("counts the same before, while and after changes are folded into the totals", async () => {
    const { insert, jobIn } = setup();
    await insert(...newJobs(20));
    await jobIn("Succeeded");
    const before = [await storage.counts(), await storage.statistics({ from: 0, to: 9e15 })];
    const connection = new Connection("a test's own", pool(urlOf(database), 1), true, 1);
    await connection.write("fold", (tx) => fold(tx.sql, Date.now(), -60_000));
    expect([await storage.counts(), await storage.statistics({ from: 0, to: 9e15 })]).toEqual(before);
    const left = await connection.read("look", (sql) => sql.first("SELECT COUNT(*) FROM firelater_change"));
    expect(Number(left?.[0])).toBe(0);
    await insert({});
    expect((await storage.counts()).Enqueued).toBe(21);
    await connection.end();
  });

  test("a commit that is busy in part has written, and counted, the rest alone", async () => {
    const { inserted, insert } = setup();
    const [before, parent, after] = [await inserted(), await inserted(), await inserted()];
    const [child] = await insert(behind(parent.id));
    const heard: Signal[] = [];
    storage.subscribe((signal) => heard.push(signal));
    await connect(async (neighbour) => {
      await neighbour.query("START TRANSACTION");
      await neighbour.query("SELECT id FROM ??.firelater_gate FOR UPDATE", [database]);
      const changes = [before, parent, after].map((job) => changeOf(job, "Enqueued"));
      const ending = changes.with(1, changeOf(parent, "Succeeded"));
      expect(await storage.commit(ending)).toEqual(["applied", "busy", "applied"]);
      expect(heard).not.toContainEqual({ kind: "finished" });
      expect(await storage.counts()).toMatchObject({ Enqueued: 3, Succeeded: 0, Awaiting: 1 });
      expect(await storage.statistics({ from: 0, to: 9e15 })).toEqual([]);
      await neighbour.query("ROLLBACK");
    });
    expect(await storage.commit([changeOf(parent, "Succeeded")])).toEqual(["applied"]);
    expect((await setup().row(child ?? "")).state).toBe("Enqueued");
    expect(await storage.counts()).toMatchObject({ Enqueued: 3, Succeeded: 1, Awaiting: 0 });
  });

  test("numbers go on rising when the changes they came from are folded away", async () => {
    const { inserted } = setup();
    const first = await inserted();
    const connection = new Connection("a test's own", pool(urlOf(database), 1), true, 1);
    await connection.write("fold", (tx) => fold(tx.sql, Date.now(), -60_000));
    await connection.end();
    expect((await inserted()).seq).toBeGreaterThan(first.seq);
  });

  test("an error that leaves a connection whole does not cost it", async () => {
    const callers = createPool({ uri: urlOf(database), connectionLimit: 2 });
    let opened = 0;
    callers.on("connection", () => opened++);
    const other = new MysqlStorage({ pool: callers });
    for (let nth = 0; nth < 10; nth++) {
      const request = { incarnation: "nobody", entry: "", queues: ["q"], slots: 1, buffer: 0 };
      await expect(other.claim(request)).rejects.toMatchObject({ code: "FL_LEASE_LOST" });
    }
    expect(opened).toBeLessThanOrEqual(2);
    await other.close();
    await callers.end();
  });

  test("a thread renews a lease over a connection of its own, until it is judged", async () => {
    const incarnation = await setup().server();
    const thread = storage.leaseThread();
    assert(thread !== undefined);
    const workerData = { ...thread.workerData, incarnation, intervalMs: 20 };
    const worker = new Worker(thread.url, { workerData, execArgv: ["--conditions", "firelater-source"] });
    try {
      expect(await once(worker, "message")).toEqual([{ kind: "renewed" }]);
      await storage.retire(incarnation);
      await expect.poll(async () => (await once(worker, "message"))[0]).toEqual({ kind: "judged" });
    } finally {
      await worker.terminate();
    }
  });

  test("is as durable as the server says once it is open", async () => {
    await storage.ready;
    const { level, setting } = storage.durability;
    expect(setting).toMatch(/^innodb_flush_log_at_trx_commit=[012]$/);
    expect(level).toBe(setting.endsWith("=1") ? "fsync" : "os");
  });

  test("goes by its own clock, in whatever time zone the server is", async () => {
    expect(Math.abs((await storage.now()) - Date.now())).toBeLessThan(60_000);
  });

  test("a user who has used up the connections waits for one", async () => {
    const user = `fl_${database.slice(-10)}`;
    await connect(async (server) => {
      await server.query("CREATE USER ?@'%' IDENTIFIED BY 'p4ss' WITH MAX_USER_CONNECTIONS 2", [user]);
      await server.query("GRANT ALL ON ??.* TO ?@'%'", [database, user]);
    });
    const url = Object.assign(new URL(urlOf(database)), { username: user, password: "p4ss" });
    const limited = new MysqlStorage(url.href, { maxConnections: 10 });
    try {
      await limited.ready;
      const outcomes = await Promise.all(newJobs(30).map((job) => limited.insert([job])));
      expect(outcomes.flat().every(({ outcome }) => outcome === "inserted")).toBe(true);
    } finally {
      await limited.close();
      await connect((server) => server.query("DROP USER ?@'%'", [user]));
    }
  });

  async function keys(): Promise<number> {
    const connection = new Connection("a test's own", pool(urlOf(database), 1), true, 1);
    const row = await connection.read("look", (sql) => sql.first("SELECT COUNT(*) FROM firelater_limit"));
    await connection.end();
    return Number(row?.[0]);
  }
});
