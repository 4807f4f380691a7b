import type { RowDataPacket } from "mysql2/promise";
import { afterAll, describe, expect, test } from "vitest";
import { Place } from "../../../test/contract/mysql-place.ts";
import { connect, dropDatabases, reach, urlOf } from "../../../test/contract/mysql-server.ts";
import { newId } from "../../base/ids.ts";
import { entryTail, type NewJob } from "../../storage/index.ts";
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
  ["migrate that is no flag", "mysql://u:p@127.0.0.1/app", { migrate: "never" }],
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

  test("opened as it is, a database is neither filled nor migrated", async () => {
    await using place = await Place.take();
    const asItIs = async () => {
      const storage = new MysqlStorage(urlOf(place.fresh), { migrate: false });
      const refusal = await storage.ready.then(
        () => storage.insert([job()]),
        (error: unknown) => error,
      );
      await storage.close();
      return refusal;
    };
    const ask = (text: string) =>
      connect(async (server) => (await server.query<RowDataPacket[]>(text, [place.fresh]))[0]);
    expect(await asItIs()).toMatchObject({ code: "FL_STORE_MISSING" });
    expect(await ask("SELECT 1 FROM information_schema.tables WHERE table_schema = ?")).toEqual([]);
    await place.open(place.fresh).ready;
    await connect((server) =>
      server.query("UPDATE ??.firelater_schema SET version = version - 1", [place.fresh]),
    );
    const [before] = await ask("SELECT version FROM ??.firelater_schema");
    expect(await asItIs()).toMatchObject({ code: "FL_SCHEMA_TOO_OLD" });
    expect((await ask("SELECT version FROM ??.firelater_schema"))[0]).toEqual(before);
    await connect((server) =>
      server.query("UPDATE ??.firelater_schema SET version = version + 1", [place.fresh]),
    );
    expect(await asItIs()).toEqual([{ outcome: "inserted" }]);
  });

  test("several that open an empty database at once make its tables once", async () => {
    await using place = await Place.take();
    const storages = Array.from({ length: 5 }, () => place.open(place.fresh));
    await Promise.all(storages.map(({ ready }) => ready));
    const outcomes = await Promise.all(storages.map((storage) => storage.insert([job()])));
    expect(outcomes.flat()).toHaveLength(5);
  });

  test("whoever opens while another one migrates waits for it", async () => {
    await using place = await Place.take();
    const tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = ?";
    await connect(async (neighbour) => {
      await neighbour.query("SELECT GET_LOCK(CONCAT('firelater:', MD5(?)), 1)", [place.fresh]);
      const storage = place.open(place.fresh);
      await expect
        .poll(
          async () => {
            const waiting =
              "SELECT id FROM information_schema.processlist WHERE db = ? AND state = 'User lock'";
            return (await neighbour.query<RowDataPacket[]>(waiting, [place.fresh]))[0].length;
          },
          { timeout: 10_000 },
        )
        .toBe(1);
      expect((await neighbour.query(tables, [place.fresh]))[0]).toEqual([]);
      await neighbour.query("SELECT RELEASE_ALL_LOCKS()");
      await storage.ready;
      expect((await neighbour.query<RowDataPacket[]>(tables, [place.fresh]))[0].length).toBeGreaterThan(10);
    });
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
});
