import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { withUser } from "../../src/drivers/postgres/address.ts";
import type { Figures } from "../harness/benchmark.ts";
import type { Place } from "./contender.ts";

/** A superuser's, or of one who may create databases; a quiet server of your own gives the best figures. */
const SERVER = withUser(process.env.POSTGRES_URL ?? "postgres://127.0.0.1:5432/test");
/** USER_HZ: the unit of times in /proc. */
const TICK_US = 10_000;

/** A database of its own: its counters are this sample's alone, and its catalogues have seen nothing else. */
export async function openPostgresPlace(): Promise<Place> {
  const name = `firelater_compare_${process.pid}`;
  await onServer(`CREATE DATABASE ${name}`);
  const url = Object.assign(new URL(SERVER), { pathname: `/${name}` }).href;
  const calls = countCalls();
  return {
    url,
    read: async () => ({ "calls/job": calls(), ...(await totalsOf(name)) }),
    readOpen: async () => ({ "server CPU µs/job": await backendCpu(name) }),
    [Symbol.asyncDispose]: async () => void (await onServer(`DROP DATABASE ${name} WITH (FORCE)`)),
  };
}

async function onServer<R extends pg.QueryResultRow>(sql: string, values: string[] = []): Promise<R[]> {
  const client = new pg.Client({ connectionString: SERVER });
  await client.connect();
  try {
    return (await client.query<R>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** A backend hands its counts over when it ends, which is after the client has gone. */
async function untilAlone(database: string): Promise<void> {
  while ((await backendsOf(database)).length > 0) await delay(5);
}

async function backendsOf(database: string): Promise<{ pid: number }[]> {
  const sql = "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'";
  return onServer<{ pid: number }>(sql, [database]);
}

/** WAL is the whole server's, checkpoints' full pages included: only a quiet server gives this sample's. */
async function totalsOf(database: string): Promise<Figures> {
  await untilAlone(database);
  const sql = `SELECT xact_commit::float8 AS transactions, (tup_inserted + tup_updated + tup_deleted)::float8 AS rows,
    pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS wal FROM pg_stat_database WHERE datname = $1`;
  const [row] = await onServer<{ transactions: number; rows: number; wal: number }>(sql, [database]);
  if (row === undefined) throw new Error(`${database} has no statistics`);
  return {
    "transactions/job": row.transactions,
    "rows written/job": row.rows,
    "WAL bytes/job": row.wal,
  };
}

/** Of the connections that are open now, when the server is on this machine; its own workers are left out. */
async function backendCpu(database: string): Promise<number> {
  return (await backendsOf(database)).reduce((sum, { pid }) => sum + cpuOf(pid), 0);
}

function cpuOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    if (!text.includes("(postgres)")) return Number.NaN;
    // After the name in brackets: utime and stime are the 12th and the 13th.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  } catch {
    return Number.NaN;
  }
}

/** Statements that this process sends, by whichever copy of the client. */
function countCalls(): () => number {
  let calls = 0;
  const own: typeof pg = createRequire(new URL("../../package.json", import.meta.url))("pg");
  for (const { prototype } of new Set([pg.Client, own.Client])) {
    const query: unknown = Reflect.get(prototype, "query");
    if (typeof query !== "function") continue;
    Reflect.set(prototype, "query", function counted(this: pg.Client, ...args: unknown[]): unknown {
      calls++;
      return Reflect.apply(query, this, args);
    });
  }
  return () => calls;
}
