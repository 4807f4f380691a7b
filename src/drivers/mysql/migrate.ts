import { SchemaTooNewError, StorageBusyError } from "../../storage/index.ts";
import { refuseUnmigrated } from "../shared/refuse-unmigrated.ts";
import type { Connection } from "./connection.ts";
import { isColumnThere, isNoSuchTable } from "./errors.ts";
import { type Collation, MIGRATIONS } from "./schema.ts";
import type { Session } from "./session.ts";
import type { Statements } from "./statements.ts";

const LOCK_WAIT_S = 60;
/** Names of locks are the server's, not the database's, and have at most 64 characters. */
const LOCK = "CONCAT('firelater:', MD5(DATABASE()))";

/**
 * Brings the tables to this version, behind a lock of the server: of several processes that start together one migrates
 * and the others find it done. The lock ends with its connection. `mayMigrate` false: tables of another version are
 * refused instead. What this server does is told by the session.
 */
export function migrate(connection: Connection, mayMigrate: boolean): Promise<Session> {
  return connection.use(async (sql, session) => {
    const collation = collationOf(session.version);
    // Read before anything is written, and without the lock: nearly every start finds nothing to do.
    const found = await checkVersion(connection.name, sql);
    if (!mayMigrate) refuseUnmigrated(connection.name, found, MIGRATIONS.length);
    if (found === MIGRATIONS.length) return session;
    const lock = await sql.first(`SELECT GET_LOCK(${LOCK}, ${LOCK_WAIT_S})`);
    if (Number(lock?.[0]) !== 1) {
      throw new StorageBusyError(
        connection.name,
        LOCK_WAIT_S * 1_000,
        new Error("another process migrates it"),
      );
    }
    try {
      await migrateNow(connection.name, sql, collation);
    } finally {
      await sql.all(`SELECT RELEASE_LOCK(${LOCK})`);
    }
    return session;
  });
}

async function migrateNow(storage: string, sql: Statements, collation: Collation): Promise<void> {
  const found = await checkVersion(storage, sql);
  await sql.run("CREATE TABLE IF NOT EXISTS firelater_schema (id TINYINT PRIMARY KEY, version INT NOT NULL)");
  for (const [nth, migration] of MIGRATIONS.entries()) {
    if (nth < found) continue;
    for (const statement of migration(collation)) await unlessDone(sql, statement);
    // Only now: whoever dies before has the whole migration run again.
    await sql.run(
      "INSERT INTO firelater_schema (id, version) VALUES (1, ?) ON DUPLICATE KEY UPDATE version = VALUES(version)",
      nth + 1,
    );
  }
}

/** MySQL has no ADD COLUMN IF NOT EXISTS; a statement adds all of its columns or none. */
async function unlessDone(sql: Statements, statement: string): Promise<void> {
  try {
    await sql.run(statement);
  } catch (error) {
    if (!isColumnThere(error)) throw error;
  }
}

async function checkVersion(storage: string, sql: Statements): Promise<number> {
  const found = await versionOf(sql);
  if (found > MIGRATIONS.length) throw new SchemaTooNewError(storage, found, MIGRATIONS.length);
  return found;
}

async function versionOf(sql: Statements): Promise<number> {
  try {
    return Number((await sql.first("SELECT version FROM firelater_schema"))?.[0] ?? 0);
  } catch (error) {
    if (isNoSuchTable(error)) return 0;
    throw error;
  }
}

/** Rows are passed over where a neighbour has them (SKIP LOCKED): older servers cannot. */
function collationOf(version: string): Collation {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  const isMariaDb = /mariadb/i.test(version);
  const number = major * 10_000 + minor * 100 + patch;
  if (number < (isMariaDb ? 100_600 : 80_017)) {
    throw new Error(`it is version ${version}: MariaDB 10.6 or MySQL 8.0.17 is the least`);
  }
  return isMariaDb ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
}
