import {
  type Claim,
  type LostClaim,
  SERVER_COMMANDS,
  type ServerAnnouncement,
  type ServerCommand,
  type ServerRecord,
} from "../../storage/index.ts";
import { STATE, toState } from "../shared/state-codes.ts";
import { bytes, idBytes, idText } from "./id.ts";
import { keyOf } from "./locked-row.ts";
import { text, textOrNull } from "./row.ts";
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
  return await isThere(sql, incarnation);
}

async function isThere(sql: Statements, incarnation: string): Promise<boolean> {
  return (await sql.first("SELECT 1 FROM firelater_server WHERE incarnation = ?", incarnation)) !== undefined;
}

export async function report(
  sql: Statements,
  incarnation: string,
  vitals: string,
): Promise<ServerCommand | null> {
  await sql.run("UPDATE firelater_server SET vitals = ? WHERE incarnation = ?", vitals, incarnation);
  const row = await sql.first("SELECT command FROM firelater_server WHERE incarnation = ?", incarnation);
  return commandOf(row?.[0]);
}

export async function command(
  sql: Statements,
  incarnation: string,
  asked: ServerCommand | null,
): Promise<boolean> {
  const found = await sql.run(
    "UPDATE firelater_server SET command = ? WHERE incarnation = ?",
    asked,
    incarnation,
  );
  return found > 0 || (await isThere(sql, incarnation));
}

function commandOf(value: unknown): ServerCommand | null {
  return SERVER_COMMANDS.find((known) => known === value) ?? null;
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
     steady_since, vitals, command FROM firelater_server ORDER BY started_at, incarnation LIMIT 1000`,
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
    vitals: textOrNull(row[11]),
    command: commandOf(row[12]),
  };
}
