import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "vitest";
import { SqliteStorage } from "../../src/drivers/sqlite/index.ts";
import { storageContract } from "../../src/testing/contract/index.ts";

storageContract(
  { describe, test },
  {
    async open() {
      const folder = await mkdtemp(join(tmpdir(), "firelater-"));
      // The contract does not depend on the fsync; the chaos tests run with it.
      const handle = () => new SqliteStorage(join(folder, "jobs.db"), { synchronous: "normal" });
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
          await rm(folder, { recursive: true });
        },
      };
    },
  },
);
