import type { Claim, LostClaim, ServerAnnouncement, ServerRecord } from "../../storage/index.ts";
import { STATE, toState } from "../shared/state-codes.ts";
import { bytes, idBytes, idText } from "./id.ts";
import { keyOf } from "./locked-row.ts";
import { text } from "./row.ts";
import { chunks, NOW, type Row, readClock, type Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

export async function announce(tx: Transaction, server: ServerAnnouncement): Promise<void> {
  await tx.sql.rows(
    `INSERT INTO firelater_server (incarnation, name, host, pid, pid_started_at, queues, worker_count, timeout_ms,
     started_at, renewed_at, steady_since)`,
    [
      [
        server.incarnation,
        server.name,
        server.host,
        server.pid,
        server.pidStartedAt,
        JSON.stringify(server.queues),
        server.workerCount,
        server.timeoutMs,
        tx.now,
        tx.now,
        tx.now,
      ],
    ],
  );
}

/**
 * Shared with the lease thread, which renews over its own connection. Assignments take effect from left to right here:
 * whether the lease had run out is asked before it is renewed.
 */
export const RENEW = `UPDATE firelater_server SET
  steady_since = IF(renewed_at + timeout_ms <= ${NOW}, ${NOW}, steady_since), renewed_at = ${NOW}
  WHERE incarnation = ?`;

/** One statement, and the clock is read in it: whatever kept it waiting, a lease is never renewed into the past. */
export async function heartbeat(sql: Statements, incarnation: string): Promise<boolean> {
  if ((await sql.run(RENEW, incarnation)) > 0) return true;
  // A client that counts changed rows counts none where a lease is renewed twice in one millisecond.
  return (await sql.first("SELECT 1 FROM firelater_server WHERE incarnation = ?", incarnation)) !== undefined;
}

export async function retire(sql: Statements, incarnation: string): Promise<void> {
  await sql.run("DELETE FROM firelater_server WHERE incarnation = ?", incarnation);
}

/** Ordered, so that a page of claims is always the same one. */
export async function held(sql: Statements, incarnation: string): Promise<Claim[]> {
  const rows = await sql.all(
    `SELECT id, fence FROM firelater_job FORCE INDEX (owner)
     WHERE owner = ? AND state = ${STATE.Processing} ORDER BY id`,
    incarnation,
  );
  return rows.map(([id, fence]) => ({ id: idText(id), fence: Number(fence) }));
}

export async function check(sql: Statements, claims: readonly Claim[]): Promise<LostClaim[]> {
  const found = new Map<string, Row>();
  for (const some of chunks(claims.map(({ id }) => idBytes(id)))) {
    const rows = await sql.all(
      "SELECT id, fence, state FROM firelater_job FORCE INDEX (PRIMARY) WHERE id IN (?)",
      some,
    );
    for (const row of rows) found.set(keyOf(bytes(row[0])), row);
  }
  return claims.flatMap(({ id, fence }): LostClaim[] => {
    const row = found.get(keyOf(idBytes(id)));
    if (row === undefined) return [{ id, fence, state: null }];
    return Number(row[1]) === fence ? [] : [{ id, fence, state: toState(Number(row[2])) }];
  });
}

export async function servers(sql: Statements): Promise<ServerRecord[]> {
  const rows = await sql.all(
    `SELECT incarnation, name, host, pid, pid_started_at, queues, worker_count, timeout_ms, started_at, renewed_at,
     steady_since FROM firelater_server ORDER BY started_at, incarnation LIMIT 1000`,
  );
  const now = await readClock(sql);
  return rows.map((row) => toServer(row, now));
}

function toServer(row: Row, now: number): ServerRecord {
  const timeoutMs = Number(row[7]);
  const renewedAt = Number(row[9]);
  return {
    incarnation: text(row[0]),
    name: text(row[1]),
    host: text(row[2]),
    pid: Number(row[3]),
    pidStartedAt: text(row[4]),
    queues: JSON.parse(text(row[5])),
    workerCount: Number(row[6]),
    timeoutMs,
    startedAt: Number(row[8]),
    renewedAt,
    steadySince: Number(row[10]),
    live: renewedAt + timeoutMs > now,
  };
}
