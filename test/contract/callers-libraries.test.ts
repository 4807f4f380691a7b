import { afterAll, describe, test } from "vitest";
import { MysqlStorage } from "../../src/drivers/mysql/index.ts";
import { PostgresStorage } from "../../src/drivers/postgres/index.ts";
import type { Change, CommitOutcome, InsertOutcome, NewJob, Storage } from "../../src/storage/index.ts";
import {
  type ContractOptions,
  type OpenedStorage,
  storageContract,
  TRANSACTION_SECTIONS,
} from "../../src/testing/contract/index.ts";
import { dropSchema, isReachable, newSchema, POSTGRES_URL } from "../postgres-schema.ts";
import { LIBRARIES as ON_MYSQL } from "./mysql-libraries.ts";
import { dropDatabases, giveBackDatabase, reach, takeDatabase, urlOf } from "./mysql-server.ts";
import { LIBRARIES as ON_POSTGRES } from "./postgres-libraries.ts";

const unreachable = await reach();

/** They tell that a transaction is over once it is, and not that its end is on its way. */
const TELL_LATE = /^(Kysely|Prisma|Drizzle over postgres)/;

const optionsFor = (library: string): ContractOptions => ({
  sections: TRANSACTION_SECTIONS,
  skip: TELL_LATE.test(library)
    ? [{ section: "transactions-overtaken", reason: "it does not tell that an end is on its way" }]
    : [],
});

if (!(await isReachable())) {
  test.skip("PostgreSQL: no server answers at POSTGRES_URL or 127.0.0.1:5432", () => {});
} else {
  for (const [name, connect] of Object.entries(ON_POSTGRES)) {
    describe(`${name} on PostgreSQL`, () => {
      const library = connect();
      afterAll(() => library.close());
      const open = async () => {
        const schema = newSchema();
        const make = () => new PostgresStorage(POSTGRES_URL, { schema, maxConnections: 4 });
        return opened(make, library, () => dropSchema(schema));
      };
      storageContract({ describe, test }, { open }, optionsFor(name));
    });
  }
}

if (unreachable !== undefined) {
  test.skip(`MySQL: no server answers at MYSQL_URL or 127.0.0.1:3306 (${unreachable})`, () => {});
} else {
  afterAll(dropDatabases);
  for (const [name, connect] of Object.entries(ON_MYSQL)) {
    describe(`${name} on MySQL`, () => {
      const open = async () => {
        const database = await takeDatabase();
        const library = connect(urlOf(database));
        const make = () => new MysqlStorage(urlOf(database), { maxConnections: 4 });
        return opened(make, library, async () => {
          await library.close();
          await giveBackDatabase(database);
        });
      };
      storageContract({ describe, test }, { open }, optionsFor(name));
    });
  }
}

/** What both engines have, whatever they take as a transaction. */
interface Handle<Tx> extends Storage {
  insert(jobs: readonly NewJob[], tx?: Tx): Promise<InsertOutcome[]>;
  commit(changes: readonly Change[], tx?: Tx): Promise<CommitOutcome[]>;
}

interface Library<Tx> {
  begin(): Promise<{ readonly tx: Tx; commit(): Promise<void>; rollback(): Promise<void> }>;
}

function opened<Tx>(
  make: () => Handle<Tx>,
  library: Library<Tx>,
  remove: () => Promise<void>,
): OpenedStorage {
  const storage = make();
  const handles = [storage];
  return {
    storage,
    async another() {
      const other = make();
      handles.push(other);
      return other;
    },
    async begin() {
      await storage.ready;
      const { tx, commit, rollback } = await library.begin();
      return {
        insert: (jobs) => storage.insert(jobs, tx),
        change: (changes) => storage.commit(changes, tx),
        commit,
        rollback,
      };
    },
    async dispose() {
      for (const one of handles) await one.close();
      await remove();
    },
  };
}
