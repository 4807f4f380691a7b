import { createPool, type PoolConnection } from "mysql2/promise";
import { afterAll, describe, test } from "vitest";
import { commit as commitChanges } from "../../src/drivers/mysql/commit.ts";
import { MysqlStorage } from "../../src/drivers/mysql/index.ts";
import { insert } from "../../src/drivers/mysql/insert.ts";
import { Statements } from "../../src/drivers/mysql/statements.ts";
import { Transaction } from "../../src/drivers/mysql/transaction.ts";
import { storageContract } from "../../src/testing/contract/index.ts";
import type { MysqlTransaction } from "../../src/transactions/knex.ts";
import { LIBRARIES, type Library } from "./mysql-libraries.ts";
import { dropDatabases, giveBackDatabase, reach, takeDatabase, urlOf } from "./mysql-server.ts";

const unreachable = await reach();

if (unreachable !== undefined) {
  test.skip(`MySQL: no server answers at MYSQL_URL or 127.0.0.1:3306 (${unreachable})`, () => {});
} else {
  afterAll(dropDatabases);
  for (const [name, connect] of Object.entries(LIBRARIES)) {
    // What goes on beside a transaction that stays open is the storage's to keep, once it takes one.
    const sections = ["transactions", "transactions-of-runs"] as const;
    describe(name, () => {
      storageContract({ describe, test }, { open: () => open(connect) }, { sections });
    });
  }
}

async function open(connect: (uri: string) => Library) {
  const database = await takeDatabase();
  const handle = () => new MysqlStorage(urlOf(database), { maxConnections: 4 });
  const storage = handle();
  const handles = [storage];
  const library = connect(urlOf(database));
  const pool = createPool({ uri: urlOf(database), connectionLimit: 1 });
  return {
    storage,
    async another() {
      const other = handle();
      handles.push(other);
      return other;
    },
    async begin() {
      await storage.ready;
      const { tx, commit, rollback } = await library.begin();
      const connection = await pool.getConnection();
      connection.release();
      const within = <T>(run: (unit: Transaction) => Promise<T>) => write(over(connection, tx), run);
      return {
        insert: (jobs: Parameters<typeof insert>[1]) => within((unit) => insert(unit, jobs)),
        change: (changes: Parameters<typeof commitChanges>[1]) =>
          within((unit) => commitChanges(unit, changes)),
        commit,
        rollback,
      };
    },
    async dispose() {
      await Promise.all([pool.end(), library.close(), ...handles.map((one) => one.close())]);
      await giveBackDatabase(database);
    },
  };
}

/** The driver's statements, sent by way of the library. The storage itself does not take transactions yet. */
function over(connection: PoolConnection, tx: MysqlTransaction): PoolConnection {
  return new Proxy(connection, {
    get: (target, key) => (key === "query" ? tx.query.bind(tx) : Reflect.get(target, key)),
  });
}

async function write<T>(connection: PoolConnection, run: (unit: Transaction) => Promise<T>): Promise<T> {
  const sql = new Statements(connection, 16_000_000);
  const unit = new Transaction(sql, 7);
  await unit.readClock();
  const value = await run(unit);
  await unit.writeCounters();
  return value;
}
