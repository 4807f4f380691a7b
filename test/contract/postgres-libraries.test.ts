import { afterAll, describe, test } from "vitest";
import { PostgresStorage } from "../../src/drivers/postgres/index.ts";
import { storageContract, TRANSACTION_SECTIONS } from "../../src/testing/contract/index.ts";
import { dropSchema, isReachable, newSchema, POSTGRES_URL } from "../postgres-schema.ts";
import { LIBRARIES, type Library } from "./postgres-libraries.ts";

if (!(await isReachable())) {
  test.skip("PostgreSQL: no server answers at POSTGRES_URL or 127.0.0.1:5432", () => {});
} else {
  for (const [name, connect] of Object.entries(LIBRARIES)) {
    describe(name, () => {
      const library = connect();
      afterAll(() => library.close());
      storageContract({ describe, test }, { open: () => open(library) }, { sections: TRANSACTION_SECTIONS });
    });
  }
}

async function open(library: Library) {
  const schema = newSchema();
  const handle = () => new PostgresStorage(POSTGRES_URL, { schema, maxConnections: 4 });
  const storage = handle();
  const handles = [storage];
  return {
    storage,
    async another() {
      const other = handle();
      handles.push(other);
      return other;
    },
    async begin() {
      const { tx, commit, rollback } = await library.begin();
      return {
        insert: (jobs: Parameters<typeof storage.insert>[0]) => storage.insert(jobs, tx),
        change: (changes: Parameters<typeof storage.commit>[0]) => storage.commit(changes, tx),
        commit,
        rollback,
      };
    },
    async dispose() {
      for (const one of handles) await one.close();
      await dropSchema(schema);
    },
  };
}
