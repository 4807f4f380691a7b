import { Redis } from "ioredis";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import { expect, test } from "vitest";
import { MemoryStorage } from "../../src/drivers/memory/index.ts";
import { MysqlStorage } from "../../src/drivers/mysql/index.ts";
import { PostgresStorage } from "../../src/drivers/postgres/index.ts";
import { RedisStorage } from "../../src/drivers/redis/index.ts";
import { SqliteStorage } from "../../src/drivers/sqlite/index.ts";

const URLS = {
  postgres: "postgres://127.0.0.1:1/app",
  mysql: "mysql://127.0.0.1:1/app",
  redis: "redis://127.0.0.1:1",
};

/** What the compiler refuses, and JavaScript gives all the same. */
const MAKERS: readonly [engine: string, make: (options: object) => object, wrong: string, meant: string][] = [
  ["memory", (options) => new MemoryStorage(options), "sharin", "sharing"],
  ["sqlite", (options) => new SqliteStorage(":memory:", options), "busytimeout", "busyTimeout"],
  ["postgres", (options) => new PostgresStorage(URLS.postgres, options), "shema", "schema"],
  ["mysql", (options) => new MysqlStorage(URLS.mysql, options), "maxConnection", "maxConnections"],
  ["redis", (options) => new RedisStorage(URLS.redis, options), "allowEvicton", "allowEviction"],
];

test.each(MAKERS)(
  "%s: a misspelt option is refused, with the one that was meant",
  (_, make, wrong, meant) => {
    expect(() => make({ [wrong]: undefined })).toThrow(
      expect.objectContaining({
        code: "FL_INVALID_STORAGE_OPTIONS",
        message: expect.stringMatching(`There is no "${wrong}" in .* Did you mean "${meant}"\\?`),
      }),
    );
  },
);

test.each(MAKERS)("%s: options that are no object are refused", (_, make) => {
  for (const options of [null, "x", 5, []]) {
    expect(() => Reflect.apply(make, undefined, [options])).toThrow(
      expect.objectContaining({ code: "FL_INVALID_STORAGE_OPTIONS" }),
    );
  }
});

test("options that stand beside the pool or the client are refused: they belong into the second argument", async () => {
  const pools = [new Pool({ connectionString: URLS.postgres }), createPool(URLS.mysql)] as const;
  const client = new Redis(URLS.redis, { lazyConnect: true });
  const postgres = { pool: pools[0], schema: "jobs" };
  const mysql = { pool: pools[1], maxConnections: 5 };
  const redis = { client, prefix: "shop" };
  const makers = [
    () => new PostgresStorage(postgres),
    () => new MysqlStorage(mysql),
    () => new RedisStorage(redis),
  ];
  for (const make of makers) {
    expect(make).toThrow(
      expect.objectContaining({
        code: "FL_INVALID_STORAGE_OPTIONS",
        message: expect.stringMatching(/^There is no "(schema|maxConnections|prefix)" in what says where/),
      }),
    );
  }
  for (const pool of pools) await pool.end();
});
