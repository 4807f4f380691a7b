import { SchemaTooNewError } from "../../storage/index.ts";
import { refuseUnmigrated } from "../shared/refuse-unmigrated.ts";
import type { Connection, Synchronous } from "./connection.ts";
import { MIGRATIONS } from "./schema.ts";
import { whenUnlocked } from "./when-unlocked.ts";

/**
 * Brings the file to this version's schema, under the write lock, so that of several processes that start together
 * one migrates and the others find it done. A crash in the middle rolls back to the version before. `mayMigrate`
 * false: a file of another version is refused instead.
 */
export async function migrate(
  connection: Connection,
  synchronous: Synchronous,
  busyTimeoutMs: number,
  mayMigrate: boolean,
): Promise<void> {
  await whenUnlocked(connection.name, busyTimeoutMs, () => {
    try {
      migrateNow(connection, synchronous, mayMigrate);
    } catch (error) {
      connection.rollback();
      throw error;
    }
  });
}

function migrateNow(connection: Connection, synchronous: Synchronous, mayMigrate: boolean): void {
  // Read before anything is written: a newer file is refused untouched.
  const found = checkVersion(connection);
  if (!mayMigrate) refuseUnmigrated(connection.name, found, MIGRATIONS.length);
  // Takes effect only in a file without tables; there, expired jobs can give their pages back to the disk.
  if (found === 0) connection.exec("PRAGMA auto_vacuum = INCREMENTAL");
  connection.configure(synchronous);
  if (found === MIGRATIONS.length) return;
  connection.begin(true);
  // Another process may have migrated while this one waited for the lock.
  for (const migration of MIGRATIONS.slice(checkVersion(connection))) connection.exec(migration);
  connection.exec("CREATE TABLE IF NOT EXISTS firelater_schema (version INTEGER NOT NULL) STRICT");
  connection.exec("DELETE FROM firelater_schema");
  connection.sql.run("INSERT INTO firelater_schema (version) VALUES (?)", MIGRATIONS.length);
  connection.commit();
}

function checkVersion(connection: Connection): number {
  const table = connection.sql.first("SELECT 1 FROM sqlite_schema WHERE name = 'firelater_schema'");
  const found =
    table === undefined ? 0 : Number(connection.sql.first("SELECT version FROM firelater_schema")?.[0]);
  if (found > MIGRATIONS.length) throw new SchemaTooNewError(connection.name, found, MIGRATIONS.length);
  return found;
}
