import type { DatabaseSync } from "node:sqlite";
import type { Connection } from "plainjob";

export type Driver = "better-sqlite3" | "node:sqlite";

/** better-sqlite3 is the driver that plainjob names for Node; over node:sqlite some things are faster. */
export async function connect(file: string, driver: Driver): Promise<Connection> {
  if (driver === "better-sqlite3") {
    const { default: Database } = await import("better-sqlite3");
    const { better } = await import("plainjob");
    return better(new Database(file));
  }
  const sqlite = await import("node:sqlite");
  return overNodeSqlite(new sqlite.DatabaseSync(file), file);
}

/** plainjob takes any object of its `Connection` type, which names the drivers that it knows. */
function overNodeSqlite(db: DatabaseSync, filename: string): Connection {
  const connection: unknown = {
    driver: "better-sqlite3",
    filename,
    pragma: (text: string) => db.exec(`PRAGMA ${text}`),
    exec: (text: string) => db.exec(text),
    prepare: (text: string) => db.prepare(text),
    transaction: (body: (...args: unknown[]) => unknown) =>
      Object.assign(within(db, "BEGIN", body), { immediate: within(db, "BEGIN IMMEDIATE", body) }),
    close: () => db.close(),
  };
  return connection as Connection;
}

function within<A extends unknown[], R>(db: DatabaseSync, begin: string, body: (...args: A) => R) {
  return (...args: A): R => {
    db.exec(begin);
    try {
      const value = body(...args);
      db.exec("COMMIT");
      return value;
    } catch (error) {
      db.exec("ROLLBACK");
      throw error;
    }
  };
}
