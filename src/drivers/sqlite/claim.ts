import {
  type AdoptRequest,
  type Claim,
  type ClaimedJob,
  type ClaimOutcome,
  type ClaimRequest,
  entryLine,
  FLAG,
  LeaseLostError,
  TAIL,
} from "../../storage/index.ts";
import { idBytes } from "./id.ts";
import { COLUMNS, type Row, text, toClaimed } from "./row.ts";
import type { Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const READY = `SELECT ${COLUMNS} FROM firelater_job
  WHERE state = 1 AND hold = 0 AND queue = ? ORDER BY rank, seq LIMIT ?`;
const TAKE = `UPDATE firelater_job SET state = 4, state_at = ?, entry = ?, hold = 0, owner = ?, blamed = ?, fence = fence + 1
  WHERE key = ?`;
// The position of `key`, `flags`, `crashes` and `name` among COLUMNS.
const KEY = 20;
const FLAGS = 17;
const CRASHES = 14;

/** A look without the write lock: an idle server polls for the price of an index seek. */
export function hasReady(sql: Statements, queues: readonly string[]): boolean {
  return queues.some(
    (queue) =>
      sql.first("SELECT 1 FROM firelater_job WHERE state = 1 AND hold = 0 AND queue = ? LIMIT 1", queue) !==
      undefined,
  );
}

export function claim(tx: Transaction, request: ClaimRequest): ClaimedJob[] {
  requireLease(tx.sql, tx.now, request.incarnation);
  const claimed: ClaimedJob[] = [];
  for (const queue of request.queues) {
    if (claimed.length >= request.slots + request.buffer) break;
    claimFrom(tx, queue, request, claimed);
  }
  tx.moved("Enqueued", "Processing", claimed.length);
  return claimed;
}

function claimFrom(tx: Transaction, queue: string, request: ClaimRequest, claimed: ClaimedJob[]): void {
  const wanted = request.slots + request.buffer;
  for (let passed = 0; claimed.length < wanted; ) {
    const limit = wanted - claimed.length + passed;
    const rows = tx.sql.all(READY, queue, limit);
    let leftHere = 0;
    for (const row of rows) {
      const forSlot = claimed.length < request.slots;
      // A recovered job stays where it stands: the next claim meets it first, and starts it at once.
      if (!forSlot && Number(row[FLAGS]) & FLAG.recovered) leftHere++;
      else claimed.push(take(tx, row, request, forSlot));
    }
    if (rows.length < limit) return;
    passed = leftHere;
  }
}

export function adopt(tx: Transaction, request: AdoptRequest): ClaimedJob[] {
  requireLease(tx.sql, tx.now, request.incarnation);
  const parked = tx.sql.all(
    `SELECT ${COLUMNS} FROM firelater_job WHERE hold = 3 AND name IN (SELECT value FROM json_each(?))
     AND queue IN (SELECT value FROM json_each(?)) ORDER BY rank, seq LIMIT ?`,
    JSON.stringify(request.names),
    JSON.stringify(request.queues),
    request.slots,
  );
  const adopted = parked.map((row) => take(tx, row, request, true));
  tx.moved("Enqueued", "Processing", adopted.length);
  return adopted;
}

/** Whether a parked job of any name waits: again without the lock. */
export function hasParked(sql: Statements): boolean {
  return sql.first("SELECT 1 FROM firelater_job WHERE hold = 3 LIMIT 1") !== undefined;
}

function take(
  tx: Transaction,
  row: Row,
  request: { incarnation: string; entry: string },
  forSlot: boolean,
): ClaimedJob {
  const blamed = forSlot && Number(row[CRASHES]) < 2;
  tx.sql.run(TAKE, tx.now, request.entry, request.incarnation, blamed ? 1 : 0, row[KEY] ?? null);
  return toClaimed(row, { now: tx.now, entry: request.entry, owner: request.incarnation, blamed });
}

export function requireLease(sql: Statements, now: number, incarnation: string): void {
  const row = sql.first(
    "SELECT renewed_at + timeout_ms FROM firelater_server WHERE incarnation = ?",
    incarnation,
  );
  if (row === undefined || Number(row[0]) <= now) throw new LeaseLostError(incarnation);
}

export function park(tx: Transaction, claims: readonly Claim[]): ClaimOutcome[] {
  const line = entryLine(tx.now, TAIL.parked);
  return claims.map(({ id, fence }) =>
    backToEnqueued(
      tx,
      tx.sql.first(
        `UPDATE firelater_job SET state = 1, state_at = ?, entry = '', hold = 3, owner = NULL, blamed = 0,
         fence = fence + 1, history = history || ? WHERE id = ? AND fence = ? AND +state = 4 RETURNING queue`,
        tx.now,
        line,
        idBytes(id),
        fence,
      ),
      () => tx.signal({ kind: "parked" }),
    ),
  );
}

export function giveBack(tx: Transaction, claims: readonly Claim[]): ClaimOutcome[] {
  return claims.map(({ id, fence }) =>
    backToEnqueued(
      tx,
      tx.sql.first(
        `UPDATE firelater_job SET state = 1, state_at = ?, entry = '', hold = 0, owner = NULL, blamed = 0,
         fence = fence + 1 WHERE id = ? AND fence = ? AND +state = 4 RETURNING queue`,
        tx.now,
        idBytes(id),
        fence,
      ),
      (queue) => tx.readied(queue),
    ),
  );
}

function backToEnqueued(tx: Transaction, row: Row | undefined, tell: (queue: string) => void): ClaimOutcome {
  if (row === undefined) return "stale";
  tx.moved("Processing", "Enqueued");
  tell(text(row[0]));
  return "applied";
}

export function blame(tx: Transaction, claims: readonly Claim[]): ClaimOutcome[] {
  return claims.map(({ id, fence }) =>
    tx.sql.run("UPDATE firelater_job SET blamed = 1 WHERE id = ? AND fence = ?", idBytes(id), fence) === 1
      ? "applied"
      : "stale",
  );
}
