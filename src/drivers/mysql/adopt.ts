import type { AdoptRequest, ClaimedJob } from "../../storage/index.ts";
import { beginWithLease, takeFound } from "./claim.ts";
import { mayBlame } from "./find-ready.ts";
import { NOT_PAUSED } from "./queues.ts";
import { COLUMNS, text } from "./row.ts";
import type { Row, Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const PARKED = "FROM firelater_job FORCE INDEX (parked) WHERE parked = ? AND queue = ?";
const LOOK = `SELECT 1 ${PARKED} AND ${NOT_PAUSED} LIMIT 1`;
const TAKE = `SELECT ${COLUMNS} ${PARKED} ORDER BY job_rank, seq LIMIT ? FOR UPDATE SKIP LOCKED`;
// Places among COLUMNS.
const RANK = 2;
const SEQ = 3;

/** A look without locks: jobs that nobody knows must not make every poll of every server take them. */
export async function hasParked(sql: Statements, { names, queues }: AdoptRequest): Promise<boolean> {
  for (const name of await parkedNames(sql, names)) {
    for (const queue of queues) {
      if ((await sql.first(LOOK, name, queue, queue)) !== undefined) return true;
    }
  }
  return false;
}

export async function adopt(tx: Transaction, request: AdoptRequest): Promise<ClaimedJob[]> {
  const { names, slots } = request;
  const queues = await beginWithLease(tx, request);
  const rows: Row[] = [];
  for (const name of await parkedNames(tx.sql, names)) {
    for (const queue of queues) {
      rows.push(...(await tx.sql.all(TAKE, name, queue, slots)));
    }
  }
  const found = rows.sort(byOrder).slice(0, slots);
  return await takeFound(
    tx,
    found.map((row) => ({ row, blamed: mayBlame(row) })),
    request,
  );
}

/** Names of which something is parked, found by seeks: one for each, whatever number of jobs they have. */
async function parkedNames(sql: Statements, names: readonly string[]): Promise<string[]> {
  const known = new Set(names);
  const found: string[] = [];
  for (let name = await nextName(sql, ""); name !== undefined; name = await nextName(sql, name)) {
    if (known.has(name)) found.push(name);
  }
  return found;
}

async function nextName(sql: Statements, after: string): Promise<string | undefined> {
  const row = await sql.first(
    "SELECT parked FROM firelater_job FORCE INDEX (parked) WHERE parked > ? ORDER BY parked LIMIT 1",
    after,
  );
  return row === undefined ? undefined : text(row[0]);
}

function byOrder(a: Row, b: Row): number {
  return Number(a[RANK]) - Number(b[RANK]) || Number(a[SEQ]) - Number(b[SEQ]);
}
