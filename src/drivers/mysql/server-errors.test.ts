import { createConnection, createPool, type RowDataPacket } from "mysql2/promise";
import { afterAll, describe, expect, test } from "vitest";
import {
  connect,
  dropDatabases,
  giveBackDatabase,
  reach,
  takeDatabase,
  urlOf,
} from "../../../test/contract/mysql-server.ts";
import { newId } from "../../base/ids.ts";
import { entryTail, type NewJob, type Signal } from "../../storage/index.ts";
import { MysqlStorage } from "./index.ts";

const unreachable = await reach();
afterAll(dropDatabases);

function job(args = "[]"): NewJob {
  const entry = entryTail("Enqueued");
  return { id: newId(), queue: "default", rank: 0, name: "noop", args, displayName: null, entry };
}

test.each([
  ["no target", undefined, {}],
  ["a text that is no URL", "localhost", {}],
  ["another engine's URL", "postgres://u:p@127.0.0.1/app", {}],
  ["a URL without a database", "mysql://u:p@127.0.0.1", {}],
  ["a pool that is none", { pool: {} }, {}],
  ["no connections", "mysql://u:p@127.0.0.1/app", { maxConnections: 0 }],
])("%s is refused before anything is opened", (_, target, options) => {
  expect(() => Reflect.construct(MysqlStorage, [target, options])).toThrow(
    expect.objectContaining({ code: "FL_INVALID_STORAGE_OPTIONS" }),
  );
});

test("a password stands in no name and in no message", async () => {
  const storage = new MysqlStorage("mysql://user:s3cret@127.0.0.1:1/app");
  expect(storage.name).toBe("mysql://127.0.0.1:1/app");
  const error = await storage.ready.catch((error: unknown) => error);
  expect(error).toMatchObject({ code: "FL_STORAGE_FAILED" });
  expect(String(error)).not.toContain("s3cret");
  await expect(storage.now()).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
  await storage.close();
  await expect(storage.now()).rejects.toMatchObject({ code: "FL_STORAGE_CLOSED" });
  expect(() => new MysqlStorage("mysql//user:s3cret@host/app")).toThrow(/^(?!.*s3cret)/s);
});

describe.skipIf(unreachable !== undefined)("on a server", () => {
  test.each([
    ["a wrong password", (url: URL) => Object.assign(url, { username: "nobody", password: "s3cret" })],
    ["a database that is not there", (url: URL) => Object.assign(url, { pathname: "/firelater_test_none" })],
  ])("%s is told with the engine's error as cause, by every call", async (_, spoil) => {
    const storage = new MysqlStorage(spoil(new URL(urlOf("test"))).href);
    for (const call of [storage.ready, storage.insert([job()])]) {
      const error = await call.catch((error: unknown) => error);
      expect(error).toMatchObject({ code: "FL_STORAGE_FAILED", cause: expect.any(Error) });
      expect(String(error)).not.toContain("s3cret");
    }
    await storage.close();
  });

  test("a user who may not make tables is told so", async () => {
    await using place = await Place.take();
    const user = `fl_${place.database.slice(-10)}`;
    await connect(async (server) => {
      await server.query("CREATE USER ?@'%' IDENTIFIED BY 'p4ss'", [user]);
      await server.query("GRANT SELECT ON ??.* TO ?@'%'", [place.fresh, user]);
    });
    try {
      const url = Object.assign(new URL(urlOf(place.fresh)), { username: user, password: "p4ss" });
      const storage = new MysqlStorage(url.href);
      await expect(storage.ready).rejects.toMatchObject({
        code: "FL_STORAGE_FAILED",
        cause: { errno: 1142 },
      });
      await storage.close();
    } finally {
      await connect((server) => server.query("DROP USER ?@'%'", [user]));
    }
  });

  test("a database that comes up later is opened by the next call", async () => {
    await using place = await Place.take();
    const storage = place.open(place.later);
    await expect(storage.ready).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
    await connect((server) => server.query("CREATE DATABASE ??", [place.later]));
    expect(await storage.insert([job()])).toEqual([{ outcome: "inserted" }]);
  });

  test("several that open an empty database at once make its tables once", async () => {
    await using place = await Place.take();
    const storages = Array.from({ length: 5 }, () => place.open(place.fresh));
    await Promise.all(storages.map(({ ready }) => ready));
    const outcomes = await Promise.all(storages.map((storage) => storage.insert([job()])));
    expect(outcomes.flat()).toHaveLength(5);
  });

  test("a migration that was cut off in the middle is run anew", async () => {
    await using place = await Place.take();
    await place.open(place.fresh).ready;
    await connect(async (server) => {
      await server.query("DROP TABLE ??.firelater_recurring", [place.fresh]);
      await server.query("DELETE FROM ??.firelater_schema", [place.fresh]);
    });
    const storage = place.open(place.fresh);
    expect(await storage.listRecurring({ limit: 1 })).toEqual([]);
  });

  test("a newer schema is refused untouched", async () => {
    await using place = await Place.take();
    await place.open(place.fresh).ready;
    await connect((server) => server.query("UPDATE ??.firelater_schema SET version = 99", [place.fresh]));
    await expect(place.open(place.fresh).ready).rejects.toMatchObject({ code: "FL_SCHEMA_TOO_NEW" });
  });

  test("connections that are killed are replaced, and what was asked for is done once", async () => {
    await using place = await Place.take();
    const storage = place.open(place.database);
    await storage.ready;
    const jobs = Array.from({ length: 60 }, () => job());
    for (const [nth, one] of jobs.entries()) {
      const storing = storage.insert([one]).catch((error: unknown) => error);
      if (nth % 5 === 0) await killAll(place.database);
      const outcome = await storing;
      // Killed within its COMMIT nobody can say what became of it: then, and only then, the caller is told.
      if (outcome instanceof Error) {
        expect(outcome).toMatchObject({ code: "FL_STORAGE_FAILED" });
        await storage.insert([one]);
      }
    }
    expect(await storage.get(jobs.map(({ id }) => id))).toHaveLength(60);
    expect((await storage.counts()).Enqueued).toBe(60);
  });

  test("a row that no packet can carry is refused alone, and the connection lives", async () => {
    await using place = await Place.take();
    const storage = place.open(place.database);
    const mostBytes = await connect(async (server) => {
      const [rows] = await server.query<RowDataPacket[]>("SELECT @@max_allowed_packet AS bytes");
      return Number(rows[0]?.bytes);
    });
    const good = job();
    await expect(storage.insert([job("x".repeat(mostBytes / 4))])).rejects.toMatchObject({
      code: "FL_STORAGE_REFUSED",
    });
    const large = job("x".repeat(mostBytes / 4 - 10_000));
    await storage.insert([good, large]);
    expect((await storage.get([large.id]))[0]?.args.length).toBe(large.args.length);
  });

  test("a text that its column cannot hold is refused", async () => {
    await using place = await Place.take();
    const storage = place.open(place.database);
    const call = storage.insert([{ ...job(), queue: "q".repeat(300) }]);
    const error = await call.catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "FL_STORAGE_REFUSED" });
    // The client's errors carry the statement, and with it the arguments of jobs.
    expect(Object.keys(Object(Reflect.get(Object(error), "cause")))).not.toContain("sql");
  });

  test("a lock that somebody keeps makes a commit busy at once, and others wait for a while", async () => {
    await using place = await Place.take();
    const storage = place.open(place.database);
    const held = job();
    await storage.insert([held]);
    const neighbour = await createConnection({ uri: urlOf(place.database) });
    await neighbour.query("START TRANSACTION");
    await neighbour.query("SELECT id FROM firelater_job FOR UPDATE");
    const change = {
      id: held.id,
      fence: 1,
      state: "Deleted",
      entry: entryTail("Deleted"),
      past: "",
    } as const;
    expect(await storage.commit([change])).toEqual(["busy"]);
    const waiting = storage.blame([{ id: held.id, fence: 1 }]);
    await neighbour.query("ROLLBACK");
    expect(await waiting).toEqual(["applied"]);
    expect(await storage.commit([change])).toEqual(["applied"]);
    await neighbour.end();
  });

  test("a pool of the caller's serves, and is not ended", async () => {
    await using place = await Place.take();
    const pool = createPool({ uri: urlOf(place.database), connectionLimit: 2 });
    const storage = new MysqlStorage({ pool });
    expect(storage.name).toBe(place.open(place.database).name);
    expect(storage.leaseThread()).toBeUndefined();
    expect(await storage.insert([job()])).toEqual([{ outcome: "inserted" }]);
    await storage.close();
    await pool.query("SELECT 1");
    await pool.end();
  });

  test("a pool whose sessions would cut or misread values is refused", async () => {
    await using place = await Place.take();
    for (const modes of ["", "STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES"]) {
      const pool = createPool({ uri: urlOf(place.database), connectionLimit: 1 });
      await pool.query("SET SESSION sql_mode = ?", [modes]);
      const storage = new MysqlStorage({ pool });
      await expect(storage.ready).rejects.toMatchObject({ code: "FL_INVALID_STORAGE_OPTIONS" });
      await storage.close();
      await pool.end();
    }
  });

  test("another storage object hears of a write, and who wrote hears no echo", async () => {
    await using place = await Place.take();
    const [writer, other] = [place.open(place.database), place.open(place.database)];
    await Promise.all([writer.ready, other.ready]);
    const heard = { writer: [] as Signal[], other: [] as Signal[] };
    for (const [name, storage] of [
      ["writer", writer],
      ["other", other],
    ] as const) {
      storage.subscribe((signal) => heard[name].push(signal));
      await expect.poll(() => heard[name]).toEqual([{ kind: "changed" }]);
    }
    await writer.insert([job()]);
    await expect.poll(() => heard.other.length).toBe(2);
    expect(heard.writer).toEqual([{ kind: "changed" }, { kind: "ready", queues: ["default"] }]);
  });
});

async function killAll(database: string): Promise<void> {
  await connect(async (server) => {
    const [rows] = await server.query<RowDataPacket[]>(
      "SELECT id FROM information_schema.processlist WHERE db = ?",
      [database],
    );
    for (const { id } of rows) await server.query("KILL ?", [id]).catch(() => {});
  });
}

/** A database with tables, and names for two without; whatever is opened is closed, whatever was made is dropped. */
class Place implements AsyncDisposable {
  readonly database: string;
  readonly later: string;
  readonly fresh: string;
  readonly #storages: MysqlStorage[] = [];

  private constructor(database: string) {
    this.database = database;
    this.later = `${database}_later`;
    this.fresh = `${database}_fresh`;
  }

  static async take(): Promise<Place> {
    const place = new Place(await takeDatabase());
    await connect((server) => server.query("CREATE DATABASE ??", [place.fresh]));
    return place;
  }

  open(database: string): MysqlStorage {
    const storage = new MysqlStorage(urlOf(database), { maxConnections: 4 });
    this.#storages.push(storage);
    return storage;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const storage of this.#storages) await storage.close();
    await connect(async (server) => {
      for (const name of [this.fresh, this.later]) await server.query("DROP DATABASE IF EXISTS ??", [name]);
    });
    await giveBackDatabase(this.database);
  }
}
