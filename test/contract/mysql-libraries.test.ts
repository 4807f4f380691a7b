import { afterAll, describe, test } from "vitest";
import { MysqlStorage } from "../../src/drivers/mysql/index.ts";
import type { Change, NewJob } from "../../src/storage/index.ts";
import { storageContract, TRANSACTION_SECTIONS } from "../../src/testing/contract/index.ts";
import { LIBRARIES, type Library } from "./mysql-libraries.ts";
import { dropDatabases, giveBackDatabase, reach, takeDatabase, urlOf } from "./mysql-server.ts";

const unreachable = await reach();

if (unreachable !== undefined) {
  test.skip(`MySQL: no server answers at MYSQL_URL or 127.0.0.1:3306 (${unreachable})`, () => {});
} else {
  afterAll(dropDatabases);
  for (const [name, connect] of Object.entries(LIBRARIES)) {
    describe(name, () => {
      storageContract({ describe, test }, { open: () => open(connect) }, { sections: TRANSACTION_SECTIONS });
    });
  }
}

async function open(connect: (uri: string) => Library) {
  const database = await takeDatabase();
  const handle = () => new MysqlStorage(urlOf(database), { maxConnections: 4 });
  const storage = handle();
  const handles = [storage];
  const library = connect(urlOf(database));
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
      return {
        insert: (jobs: readonly NewJob[]) => storage.insert(jobs, tx),
        change: (changes: readonly Change[]) => storage.commit(changes, tx),
        commit,
        rollback,
      };
    },
    async dispose() {
      await Promise.all([library.close(), ...handles.map((one) => one.close())]);
      await giveBackDatabase(database);
    },
  };
}
