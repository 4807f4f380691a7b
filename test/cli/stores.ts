import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Storage } from "firelater";
import { MysqlStorage } from "firelater/mysql";
import { PostgresStorage } from "firelater/postgres";
import { RedisStorage } from "firelater/redis";
import { SqliteStorage } from "firelater/sqlite";
import { connect, dropDatabases, reach, takeDatabase, urlOf } from "../contract/mysql-server.ts";
import { dropSchema, isReachable, newSchema, onPostgres, POSTGRES_URL } from "../postgres-schema.ts";
import { REDIS_URL, RedisPlace } from "../redis-place.ts";
import { redisServer } from "../servers/redis-server.ts";

/** Where a store may be, and what the command line is told of it. */
export interface Store extends AsyncDisposable {
  readonly args: readonly string[];
  /** As the application has it. Whoever opens closes. */
  readonly open: () => Storage;
  /** Whether anything is there. */
  readonly exists: () => Promise<boolean>;
}

export interface StoreKind {
  readonly name: string;
  readonly reachable: boolean;
  readonly take: () => Promise<Store>;
  /** The arguments of a place at which nobody answers; its password is `s3cret-word`. */
  readonly nobody?: readonly string[];
}

async function sqlite(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), "firelater-cli-"));
  const file = join(folder, "jobs.db");
  return {
    args: ["--storage", file],
    open: () => new SqliteStorage(file, { synchronous: "normal" }),
    exists: async () => (await readdir(folder)).length > 0,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function postgres(): Promise<Store> {
  const schema = newSchema();
  return {
    args: ["--storage", POSTGRES_URL, "--schema", schema],
    open: () => new PostgresStorage(POSTGRES_URL, { schema, maxConnections: 2 }),
    exists: async () =>
      (await onPostgres("SELECT FROM pg_namespace WHERE nspname = $1", [schema])).rowCount === 1,
    [Symbol.asyncDispose]: () => dropSchema(schema),
  };
}

async function redis(): Promise<Store> {
  const place = new RedisPlace();
  return {
    args: ["--storage", REDIS_URL, "--prefix", place.prefix],
    open: () => place.open(),
    exists: async () => {
      const probe = new RedisStorage(REDIS_URL, { prefix: place.prefix, migrate: false });
      const found = await probe.ready.then(
        () => true,
        () => false,
      );
      await probe.close();
      return found;
    },
    [Symbol.asyncDispose]: () => place.remove(),
  };
}

async function mysql(): Promise<Store> {
  const database = await takeDatabase();
  return {
    args: ["--storage", urlOf(database)],
    open: () => new MysqlStorage(urlOf(database), { maxConnections: 2 }),
    exists: () =>
      connect(async (server) => {
        const tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = ?";
        const [found] = await server.query(tables, [database]);
        return Array.isArray(found) && found.length > 0;
      }),
    [Symbol.asyncDispose]: dropDatabases,
  };
}

export const STORES: readonly StoreKind[] = [
  { name: "SQLite", reachable: true, take: sqlite },
  {
    name: "PostgreSQL",
    reachable: await isReachable(),
    take: postgres,
    nobody: ["--storage", "postgres://somebody:s3cret-word@127.0.0.1:1/app"],
  },
  {
    name: "Redis",
    reachable: await redisServer.answers(REDIS_URL),
    take: redis,
    nobody: ["--storage", "redis://somebody:s3cret-word@127.0.0.1:1/0"],
  },
  {
    name: "MySQL",
    reachable: (await reach()) === undefined,
    take: mysql,
    nobody: ["--storage", "mysql://somebody:s3cret-word@127.0.0.1:1/app"],
  },
];
