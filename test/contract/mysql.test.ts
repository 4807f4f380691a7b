import { afterAll, describe, test } from "vitest";
import { MysqlStorage } from "../../src/drivers/mysql/index.ts";
import { storageContract, TRANSACTION_SECTIONS } from "../../src/testing/contract/index.ts";
import { dropDatabases, giveBackDatabase, reach, takeDatabase, urlOf } from "./mysql-server.ts";

const SKIPPED = TRANSACTION_SECTIONS.map((section) => ({ section, reason: "not kept yet" }));

const unreachable = await reach();

if (unreachable !== undefined) {
  test.skip(`MySQL: no server answers at MYSQL_URL or 127.0.0.1:3306 (${unreachable})`, () => {});
} else {
  afterAll(dropDatabases);
  storageContract({ describe, test }, { open }, { skip: SKIPPED });
}

async function open() {
  const database = await takeDatabase();
  const handle = () => new MysqlStorage(urlOf(database), { maxConnections: 4 });
  const storage = handle();
  const handles = [storage];
  return {
    storage,
    async another() {
      const other = handle();
      handles.push(other);
      return other;
    },
    async dispose() {
      for (const one of handles) await one.close();
      await giveBackDatabase(database);
    },
  };
}
