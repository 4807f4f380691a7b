import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Storage } from "firelater";
import { MemoryStorage } from "firelater/memory";
import { PostgresStorage } from "firelater/postgres";
import { RedisStorage } from "firelater/redis";
import { SqliteStorage } from "firelater/sqlite";
import { Client } from "pg";
import { withUser } from "../../src/drivers/postgres/address.ts";
import { SETTINGS } from "../../src/drivers/postgres/connection.ts";
import type { OpenFloor } from "../floor/floor.ts";
import { openMysqlFloor } from "../floor/mysql.ts";
import { openPostgresFloor } from "../floor/postgres.ts";
import { openRedisFloor } from "../floor/redis.ts";
import { openSqliteFloor } from "../floor/sqlite.ts";
import { seedSqlite } from "../seed/sqlite.ts";
import type { Figures } from "./benchmark.ts";
import { largePostgres } from "./large-postgres.ts";
import { largeSqlite } from "./large-sqlite.ts";
import type { LargeStores } from "./large-stores.ts";
import { mysqlDatabase, openMysql } from "./mysql-database.ts";

/** Running totals of what the engine has done; the meter takes the difference and divides it by the jobs. */
export type Probe = () => Figures;

export interface StorageKind {
  /** Opens the jobs of a folder; what needs no folder ignores it. */
  readonly open: (folder: string) => Storage | Promise<Storage>;
  readonly probe?: () => Probe;
  readonly floor?: OpenFloor;
  /** Leaves a folder with so many finished jobs, shaped like real ones; made once and kept. */
  readonly seed?: (count: number) => string;
  readonly large?: LargeStores;
}

/** Where the PostgreSQL to be measured is; set it to a server of your own. */
const POSTGRES_URL = withUser(process.env.POSTGRES_URL ?? "postgres://127.0.0.1:5432/test");

/** A schema for a folder, so that every process of a sample finds the same one; it goes when the storage closes. */
class OwnSchemaStorage extends PostgresStorage {
  readonly #schema: string;

  constructor(folder: string) {
    const schema = schemaOf(folder);
    super(POSTGRES_URL, { schema });
    this.#schema = schema;
  }

  override async close(): Promise<void> {
    await super.close();
    const client = new Client({ connectionString: POSTGRES_URL });
    await client.connect();
    await client.query(`DROP SCHEMA IF EXISTS "${this.#schema}" CASCADE`);
    await client.end();
  }
}

function schemaOf(folder: string): string {
  return `firelater_bench_${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`;
}

/** Every storage that the benchmarks know by name. A further engine is one more line, and one more file in floor/. */
export const STORAGES: Readonly<Record<string, StorageKind>> = {
  memory: { open: () => new MemoryStorage() },
  sqlite: {
    open: (folder) => new SqliteStorage(sqliteFile(folder)),
    probe: probeSqlite,
    floor: (folder) => openSqliteFloor(sqliteFile(folder), "FULL"),
    seed: (count) => seedSqlite(count),
    large: largeSqlite,
  },
  "sqlite-normal": {
    open: (folder) => new SqliteStorage(sqliteFile(folder), { synchronous: "normal" }),
    probe: probeSqlite,
    floor: (folder) => openSqliteFloor(sqliteFile(folder), "NORMAL"),
  },
  postgres: {
    open: (folder) => new OwnSchemaStorage(folder),
    floor: (folder) => openPostgresFloor(POSTGRES_URL, schemaOf(`${folder} floor`), SETTINGS),
    large: largePostgres(POSTGRES_URL),
  },
  mysql: {
    open: (folder) => openMysql(mysqlDatabase(folder)),
    floor: (folder) => openMysqlFloor(mysqlDatabase(`${folder} floor`)),
  },
  redis: {
    open: (folder) => new RedisStorage(redisUrl(), { prefix: `bench-${basename(folder)}` }),
    floor: (folder) => openRedisFloor(redisUrl(), `bench-${basename(folder)}-floor`),
  },
};

export function storageKind(name: string): StorageKind {
  const kind = STORAGES[name];
  if (kind !== undefined) return kind;
  throw new Error(`There is no storage ${name}. Known: ${Object.keys(STORAGES).join(", ")}.`);
}

/** A server for the benchmark alone: what runs leave behind stays in it, and its appendfsync belongs to each figure. */
function redisUrl(): string {
  const url = process.env.BENCH_REDIS_URL;
  if (url === undefined)
    throw new Error("Set BENCH_REDIS_URL to a Redis that may be thrown away afterwards.");
  return url;
}

export function sqliteFile(folder: string): string {
  return join(folder, "jobs.db");
}

/** Commits are seen where every connection of this process makes them; bytes where the system counts them (Linux). */
function probeSqlite(): Probe {
  const { exec } = DatabaseSync.prototype;
  let transactions = 0;
  DatabaseSync.prototype.exec = function counted(this: DatabaseSync, sql: string): void {
    if (sql === "COMMIT") transactions++;
    exec.call(this, sql);
  };
  return () => ({ "transactions/job": transactions, ...writtenSoFar() });
}

/** WAL and checkpoints together: all that this process has handed to write calls. */
function writtenSoFar(): Figures {
  try {
    const io = readFileSync("/proc/self/io", "utf8");
    const count = (name: string): number => Number(new RegExp(`^${name}: (\\d+)`, "m").exec(io)?.[1] ?? 0);
    return { "bytes written/job": count("wchar"), "write calls/job": count("syscw") };
  } catch {
    return {};
  }
}
