import { type Connection, createConnection, createPool } from "mysql2/promise";
import { MysqlStorage, type MysqlTransaction } from "../../src/drivers/mysql/index.ts";
import type { BegunTransaction } from "../../src/testing/contract/index.ts";
import { type Setup, setUp } from "../../src/testing/contract/setup.ts";
import { giveBackDatabase, takeDatabase, urlOf } from "./mysql-server.ts";

/** Levels at which an application may work; the second is the default of the servers. */
export const LEVELS = ["READ COMMITTED", "REPEATABLE READ"] as const;
export type Level = (typeof LEVELS)[number];

/** A connection of the application's own. */
export async function newCaller(url: string): Promise<Connection> {
  const connection = await createConnection(url);
  // One that is ended from outside must not end the tests.
  connection.on("error", () => {});
  return connection;
}

/** Begins a transaction of the application's, and the verbs of the storage within it. */
export async function beginTransaction(
  storage: MysqlStorage,
  connection: Connection,
  level: Level,
  tx: MysqlTransaction = connection,
): Promise<BegunTransaction> {
  await connection.query(`SET TRANSACTION ISOLATION LEVEL ${level}`);
  await connection.beginTransaction();
  return {
    insert: (jobs) => storage.insert(jobs, tx),
    change: (changes) => storage.commit(changes, tx),
    commit: () => connection.commit(),
    rollback: () => connection.rollback(),
  };
}

export interface Begun extends BegunTransaction {
  readonly connection: Connection;
}

export interface Callers extends AsyncDisposable {
  readonly url: string;
  readonly storage: MysqlStorage;
  readonly setup: Setup;
  another(): Promise<MysqlStorage>;
  /** A connection of the application's; ended with the rest. */
  caller(): Promise<Connection>;
  /** The same, in a transaction. */
  begun(level?: Level): Promise<Begun>;
}

/** An empty storage, and an application beside it. `shared`: both use one pool of so many connections. */
export async function openBeside(shared?: number): Promise<Callers> {
  const database = await takeDatabase();
  const url = urlOf(database);
  const pool = shared === undefined ? undefined : createPool({ uri: url, connectionLimit: shared });
  const make = () =>
    pool === undefined ? new MysqlStorage(url, { maxConnections: 4 }) : new MysqlStorage({ pool });
  const storage = make();
  await storage.ready;
  const handles = [storage];
  const connections: Connection[] = [];
  const another = async () => {
    const other = make();
    handles.push(other);
    return other;
  };
  const caller = async () => {
    const connection = (await pool?.getConnection()) ?? (await newCaller(url));
    connections.push(connection);
    return connection;
  };
  return {
    url,
    storage,
    setup: setUp({ storage, another, dispose: async () => {} }),
    another,
    caller,
    async begun(level = "REPEATABLE READ") {
      const connection = await caller();
      return { ...(await beginTransaction(storage, connection, level)), connection };
    },
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.destroy();
      for (const handle of handles) await handle.close();
      await pool?.end();
      await giveBackDatabase(database);
    },
  };
}
