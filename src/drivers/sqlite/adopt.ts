import type { AdoptRequest, ClaimedJob } from "../../storage/index.ts";
import { mayBlame, openQueues, requireLease, takeFound } from "./claim.ts";
import { CLAIM_COLUMNS, KEY, RANK, type Row, SEQ, text } from "./row.ts";
import type { Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const PARKED = `SELECT ${CLAIM_COLUMNS} FROM firelater_job
  WHERE hold = 3 AND name = ? AND queue = ? ORDER BY rank, seq LIMIT ? + 0`;

const UNPARK = "UPDATE firelater_job SET hold = 0 WHERE key IN (SELECT value FROM json_each(?))";

/** A look without the write lock: jobs that nobody knows must not make every poll of every server take it. */
export function hasParked(sql: Statements, request: AdoptRequest): boolean {
  return parkedOf(sql, request, 1).length > 0;
}

export function adopt(tx: Transaction, request: AdoptRequest): ClaimedJob[] {
  requireLease(tx.sql, tx.now, request.incarnation);
  const rows = parkedOf(tx.sql, request, request.slots).sort(byOrder).slice(0, request.slots);
  tx.sql.run(UNPARK, JSON.stringify(rows.map((row) => row[KEY])));
  return takeFound(
    tx,
    rows.map((row) => ({ row, blamed: mayBlame(row) })),
    request,
  );
}

/** The first few of each known name and queue, each in order from the index: the price does not grow with the rest. */
function parkedOf(sql: Statements, { names, queues: asked }: AdoptRequest, limit: number): Row[] {
  const queues = openQueues(sql, asked);
  const known = new Set(names);
  const rows: Row[] = [];
  for (let name = nextName(sql, ""); name !== undefined; name = nextName(sql, name)) {
    if (!known.has(name)) continue;
    for (const queue of queues) rows.push(...sql.all(PARKED, name, queue, limit));
  }
  return rows;
}

function nextName(sql: Statements, after: string): string | undefined {
  const row = sql.first(
    "SELECT name FROM firelater_job WHERE hold = 3 AND name > ? ORDER BY name LIMIT 1",
    after,
  );
  return row === undefined ? undefined : text(row[0]);
}

function byOrder(a: Row, b: Row): number {
  return Number(a[RANK]) - Number(b[RANK]) || Number(a[SEQ]) - Number(b[SEQ]);
}
