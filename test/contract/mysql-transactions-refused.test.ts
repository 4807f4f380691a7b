import assert from "node:assert/strict";
import { createConnection as createCallbackConnection, createPool as createCallbackPool } from "mysql2";
import { createPool, type Pool, type PoolConnection, type RowDataPacket } from "mysql2/promise";
import { afterAll, describe, test } from "vitest";
import { type MysqlStatement, MysqlStorage } from "../../src/drivers/mysql/index.ts";
import { newJob } from "../../src/testing/contract/builders.ts";
import { type Callers, newCaller, openBeside } from "./mysql-callers.ts";
import { dropDatabases, giveBackDatabase, reach, takeDatabase, urlOf } from "./mysql-server.ts";

const INSERTED = { outcome: "inserted" };

describe.skipIf((await reach()) !== undefined)("what MySQL takes as a caller's transaction", () => {
  afterAll(dropDatabases);

  test("what is no transaction is refused, and nothing of it is written", async () => {
    await using opened = await openBeside();
    const { storage, url } = opened;
    const connection = await opened.caller();
    const [pool, callbackPool] = [createPool(url), createCallbackPool(url)];
    // @ts-expect-error: a pool is no transaction, its connections are
    const _compiled = (own: PoolConnection, all: Pool) => [storage.insert([], own), storage.insert([], all)];
    for (const tx of [pool, callbackPool, {}, null, "tx"]) await refused(storage, tx, /not the pool/);
    await refused(storage, connection, /has not begun, or is over/);
    await connection.query("START TRANSACTION READ ONLY");
    await refused(storage, connection, /read-only/);
    await connection.rollback();
    await connection.beginTransaction();
    await connection.commit();
    await refused(storage, connection, /has not begun, or is over/);
    await pool.end();
    await callbackPool.promise().end();
    assert.equal((await storage.counts()).Enqueued, 0);
  });

  test.each([
    ["sql_mode = ''", /sql_mode is not strict/],
    ["sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'", /NO_BACKSLASH_ESCAPES/],
    ["character_set_client = latin1", /speaks latin1/],
  ])("a connection that would change what is stored is refused: %s", async (setting, why) => {
    await using opened = await openBeside();
    const connection = await opened.caller();
    await connection.query(`SET SESSION ${setting}`);
    await connection.beginTransaction();
    await refused(opened.storage, connection, why);
    await connection.commit();
    assert.equal((await opened.storage.counts()).Enqueued, 0);
  });

  test("a transaction of another database is refused, whether it has such tables or not", async () => {
    await using opened = await openBeside();
    const database = await takeDatabase();
    const elsewhere = await newCaller(urlOf(database));
    for (const hasTables of [false, true]) {
      await using storage = new MysqlStorage(urlOf(database));
      if (hasTables) await storage.ready;
      await elsewhere.beginTransaction();
      await refused(opened.storage, elsewhere, /Begin it in the database of the storage/);
      await elsewhere.commit();
      assert.equal((await storage.counts()).Enqueued, 0);
    }
    await elsewhere.end();
    await giveBackDatabase(database);
  });

  test("connections with callbacks, without autocommit, and those that cannot tell how they are", async () => {
    await using opened = await openBeside();
    const { storage } = opened;
    const callbacks = createCallbackConnection(opened.url);
    await callbacks.promise().beginTransaction();
    assert.deepEqual(await storage.insert([newJob()], callbacks), [INSERTED]);
    await callbacks.promise().commit();
    await callbacks.promise().end();
    const connection = await opened.caller();
    await connection.query("SET autocommit = 0");
    await storage.insert([newJob()], connection);
    await connection.rollback();
    await storage.insert([newJob()], connection);
    await connection.commit();
    const plain = {
      query: async (statement: MysqlStatement): Promise<[unknown, unknown]> => {
        const [answer] = await connection.query<RowDataPacket[]>(statement);
        const { affectedRows, insertId } = Object(answer);
        return [Array.isArray(answer) ? answer : { affectedRows, insertId: String(insertId) }, undefined];
      },
    };
    await storage.insert([newJob()], plain);
    await connection.commit();
    assert.equal((await storage.counts()).Enqueued, 3);
  });
});

async function refused(storage: Callers["storage"], tx: unknown, why: RegExp): Promise<void> {
  const insert = async () => await Reflect.apply(storage.insert, storage, [[newJob()], tx]);
  await assert.rejects(insert, (error: Error) => {
    assert.equal(Reflect.get(error, "code"), "FL_INVALID_TRANSACTION");
    assert.match(error.message, why);
    return true;
  });
}
