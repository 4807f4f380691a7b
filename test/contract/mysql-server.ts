import { randomBytes } from "node:crypto";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";

/** A server on which the tests may make databases: that of the compose file, or one without a password. */
const SERVER = process.env.MYSQL_URL ?? process.env.MARIADB_URL ?? "mysql://root@127.0.0.1:3306/";

/** The same server, with a database. */
export function urlOf(database: string): string {
  const url = new URL(SERVER);
  url.pathname = `/${database}`;
  return url.href;
}

export async function connect<T>(run: (server: Connection) => Promise<T>): Promise<T> {
  const server = await createConnection({ uri: SERVER, connectTimeout: 2_000 });
  try {
    return await run(server);
  } finally {
    await server.end();
  }
}

const unused: string[] = [];
const made: string[] = [];

/** An empty database; its name says that it may be dropped. */
export async function takeDatabase(): Promise<string> {
  const known = unused.pop();
  if (known !== undefined) return known;
  const database = `firelater_test_${randomBytes(6).toString("hex")}`;
  await connect((server) => server.query(`CREATE DATABASE ${database}`));
  made.push(database);
  return database;
}

/** Once its storages are closed. Emptied and used again: to make the tables takes longer than most tests. */
export async function giveBackDatabase(database: string): Promise<void> {
  await connect(async (server) => {
    const [tables] = await server.query<RowDataPacket[]>(
      `SELECT table_name AS name FROM information_schema.tables
       WHERE table_schema = ? AND table_name <> 'firelater_schema'`,
      [database],
    );
    for (const { name } of tables) await server.query("DELETE FROM ??.??", [database, name]);
    if (tables.length > 0) await server.query("INSERT INTO ??.firelater_total (id) VALUES (1)", [database]);
  });
  unused.push(database);
}

/** At the end of a test file. */
export async function dropDatabases(): Promise<void> {
  if (made.length === 0) return;
  await connect(async (server) => {
    for (const database of made.splice(0)) await server.query("DROP DATABASE ??", [database]);
  });
}

/** Why no server can be used; undefined when one can. */
export async function reach(): Promise<string | undefined> {
  try {
    await connect((server) => server.query("SELECT 1"));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message || String(Reflect.get(error, "code")) : String(error);
  }
}
