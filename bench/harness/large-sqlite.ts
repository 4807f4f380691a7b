import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SqliteStorage } from "firelater/sqlite";
import { seedSqlite } from "../seed/sqlite.ts";
import type { LargeStores } from "./large-stores.ts";
import { benchFolder } from "./scratch.ts";

/** A store is a folder; the large one is a copy of what `history` uses, with fewer jobs than a server would hold. */
export const largeSqlite: LargeStores = {
  amounts: { ready: 0, finished: 1_000_000, scheduled: 0, failed: 0 },
  hasVacuum: false,
  hasSnapshots: false,
  async make({ finished, failed }) {
    const folder = mkdtempSync(join(benchFolder(), "firelater-bench-large-"));
    if (finished + failed > 0) cpSync(seedSqlite(finished, failed), folder, { recursive: true });
    return folder;
  },
  async open(folder) {
    const storage = new SqliteStorage(join(folder, "jobs.db"));
    await storage.ready;
    return {
      storage,
      async cpu() {
        const { user, system } = process.cpuUsage();
        return user + system;
      },
      [Symbol.asyncDispose]: () => storage.close(),
    };
  },
  async remove(folder) {
    rmSync(folder, { recursive: true, force: true });
  },
};
