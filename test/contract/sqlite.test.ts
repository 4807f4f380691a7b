import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "vitest";
import { SqliteStorage } from "../../src/drivers/sqlite/index.ts";
import { type BegunTransaction, storageContract } from "../../src/testing/contract/index.ts";

storageContract(
  { describe, test },
  {
    async open() {
      const folder = await mkdtemp(join(tmpdir(), "firelater-"));
      // The contract does not depend on the fsync; the chaos tests run with it.
      const callers = new DatabaseSync(join(folder, "jobs.db"));
      const handle = () => new SqliteStorage(callers, { synchronous: "normal" });
      const storage = handle();
      const handles = [storage];
      return {
        storage,
        async another() {
          const other = handle();
          handles.push(other);
          return other;
        },
        begin: () => beginTransaction(storage, callers),
        async dispose() {
          for (const one of handles) await one.close();
          callers.close();
          await rm(folder, { recursive: true });
        },
      };
    },
  },
  { skip: [{ section: "transactions-beside", reason: "SQLite has one writer at a time" }] },
);

async function beginTransaction(
  storage: SqliteStorage<DatabaseSync>,
  db: DatabaseSync,
): Promise<BegunTransaction> {
  await storage.ready;
  db.exec("BEGIN IMMEDIATE");
  return {
    insert: (jobs) => storage.insert(jobs, db),
    change: (changes) => storage.commit(changes, db),
    commit: async () => db.exec("COMMIT"),
    rollback: async () => db.exec("ROLLBACK"),
  };
}
