import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, test } from "vitest";
import { MysqlStorage } from "../../src/drivers/mysql/index.ts";
import { storageContract } from "../../src/testing/contract/index.ts";
import { connect, empty, reach, urlOf } from "./mysql-server.ts";

const database = `firelater_test_${randomBytes(6).toString("hex")}`;
const unreachable = await reach();

if (unreachable !== undefined) {
  test.skip(`MySQL: no server answers at MYSQL_URL or 127.0.0.1:3306 (${unreachable})`, () => {});
} else {
  beforeAll(() => connect((server) => server.query(`CREATE DATABASE ${database}`)));
  afterAll(() => connect((server) => server.query(`DROP DATABASE ${database}`)));
  storageContract({ describe, test }, { open });
}

/** One database for the whole file, emptied after each test: making the tables takes ten times as long as most tests. */
async function open() {
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
      await empty(database);
    },
  };
}
