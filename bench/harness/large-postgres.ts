import { randomBytes } from "node:crypto";
import { PostgresStorage } from "firelater/postgres";
import { Client } from "pg";
import { seedPostgres } from "../seed/postgres.ts";
import { BackendCpu, usedBetween } from "./backend-cpu.ts";
import type { LargePlace, LargeStores } from "./large-stores.ts";

/** A store is a schema, made for one run. */
export function largePostgres(url: string): LargeStores {
  return {
    amounts: { ready: 1_000_000, finished: 10_000_000, scheduled: 100_000, failed: 0 },
    hasVacuum: true,
    hasSnapshots: true,
    async make(amounts) {
      const schema = `firelater_bench_${randomBytes(6).toString("hex")}`;
      await seedPostgres(url, schema, amounts);
      return schema;
    },
    open: (schema) => open(url, schema),
    async remove(schema) {
      await using client = await connected(url);
      await client.query(`DROP SCHEMA "${schema}" CASCADE`);
    },
  };
}

async function open(url: string, schema: string): Promise<LargePlace> {
  const named = new URL(url);
  const application = `${schema} ${process.pid}`;
  named.searchParams.set("application_name", application);
  const storage = new PostgresStorage(named.href, { schema });
  await storage.ready;
  const backends = await BackendCpu.of(url, application);
  let seen = await backends.read();
  let used = 0;
  return {
    storage,
    async cpu() {
      const now = await backends.read();
      used += usedBetween(seen, now);
      seen = now;
      const { user, system } = process.cpuUsage();
      return used + user + system;
    },
    async vacuum() {
      await using client = await connected(url);
      for (const table of ["job", "job_done"]) await client.query(`VACUUM (ANALYZE) "${schema}".${table}`);
    },
    async holdSnapshot() {
      const client = await connected(url);
      await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
      await client.query("SELECT 1");
      return client;
    },
    async [Symbol.asyncDispose]() {
      await storage.close();
      await backends[Symbol.asyncDispose]();
    },
  };
}

async function connected(url: string) {
  const client = new Client({ connectionString: url });
  await client.connect();
  return {
    query: (text: string) => client.query(text),
    [Symbol.asyncDispose]: () => client.end(),
  };
}
