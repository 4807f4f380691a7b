import {
  type Claim,
  entryLine,
  FLAG,
  type LostClaim,
  type RecoveredJob,
  type RecoverRequest,
  type RecoverResult,
  SERVER_COMMANDS,
  type ServerAnnouncement,
  type ServerCommand,
  type ServerRecord,
  TAIL,
} from "../../storage/index.ts";
import { toState } from "../shared/state-codes.ts";
import { freePermits, newBudget, type SettleBudget } from "./gates.ts";
import { idBytes, idText } from "./id.ts";
import { keyOf } from "./permits.ts";
import { text, textOrNull } from "./row.ts";
import type { SqlValue, Statements } from "./statements.ts";
import { readClock, type Transaction } from "./transaction.ts";

export function announce(tx: Transaction, server: ServerAnnouncement): void {
  tx.sql.run(
    `INSERT INTO firelater_server (incarnation, name, host, pid, pid_started_at, queues, worker_count, timeout_ms,
     started_at, renewed_at, steady_since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
  );
}

/** Shared with the lease thread, which renews over its own connection. */
export const RENEW = `UPDATE firelater_server SET
  steady_since = CASE WHEN renewed_at + timeout_ms <= :now THEN :now ELSE steady_since END, renewed_at = :now
  WHERE incarnation = :incarnation`
  .replaceAll(":now", "?1")
  .replaceAll(":incarnation", "?2");

export function heartbeat(tx: Transaction, incarnation: string): boolean {
  return tx.sql.run(RENEW, tx.now, incarnation) === 1;
}

export function retire(tx: Transaction, incarnation: string): void {
  tx.sql.run("DELETE FROM firelater_server WHERE incarnation = ?", incarnation);
}

/** Whether there may be anything to recover: a look at the owners, without the write lock. */
export function hasLostOwners(sql: Statements, request: RecoverRequest): boolean {
  return lostOwners(sql, readClock(sql), request).length > 0 || lapsedServers(sql, request).length > 0;
}

export function recover(tx: Transaction, request: RecoverRequest): RecoverResult {
  const recovered: RecoveredJob[] = [];
  const lost = lostOwners(tx.sql, tx.now, request);
  const budget = newBudget(undefined, request.limit);
  // First, so that a judged server cannot renew between two bites: what it holds is then a missing server's.
  for (const incarnation of [...lost, ...lapsedServers(tx.sql, request)]) retire(tx, incarnation);
  for (const owner of lost) {
    const left = request.limit - recovered.length;
    if (left > 0) recovered.push(...recoverFrom(tx, owner, left, request.quarantineAt, budget));
  }
  return { recovered, more: recovered.length >= request.limit };
}

/** Owners of Processing jobs whose lease this judge may call ended. Found by seeks: one for each owner, not each job. */
function lostOwners(sql: Statements, now: number, request: RecoverRequest): string[] {
  const steady = isSteadyJudge(sql, now, request.incarnation);
  const lost: string[] = [];
  for (let owner = nextOwner(sql, ""); owner !== undefined; owner = nextOwner(sql, owner)) {
    if (owner === request.incarnation) continue;
    if (request.dead.includes(owner) || (steady && !isLive(sql, now, owner))) lost.push(owner);
  }
  return lost;
}

function nextOwner(sql: Statements, after: string): string | undefined {
  const row = sql.first(
    "SELECT owner FROM firelater_job WHERE state = 4 AND owner > ? ORDER BY owner LIMIT 1",
    after,
  );
  return row === undefined ? undefined : text(row[0]);
}

/** After an outage every lease is old: only who has since renewed for one whole timeout may judge the others. */
function isSteadyJudge(sql: Statements, now: number, incarnation: string): boolean {
  const row = sql.first(
    `SELECT 1 FROM firelater_server WHERE incarnation = ? AND renewed_at + timeout_ms > ? AND steady_since + timeout_ms <= ?`,
    incarnation,
    now,
    now,
  );
  return row !== undefined;
}

function isLive(sql: Statements, now: number, incarnation: string): boolean {
  return (
    sql.first(
      "SELECT 1 FROM firelater_server WHERE incarnation = ? AND renewed_at + timeout_ms > ?",
      incarnation,
      now,
    ) !== undefined
  );
}

/** Servers that may be forgotten: lease ended, or known to be dead, and no job left. */
function lapsedServers(sql: Statements, request: RecoverRequest): string[] {
  const now = readClock(sql);
  const steady = isSteadyJudge(sql, now, request.incarnation) ? 1 : 0;
  const rows = sql.all(
    `SELECT incarnation FROM firelater_server AS server
     WHERE incarnation <> ? AND (incarnation IN (SELECT value FROM json_each(?)) OR (? AND renewed_at + timeout_ms <= ?))
     AND NOT EXISTS (SELECT 1 FROM firelater_job WHERE state = 4 AND owner = server.incarnation)`,
    request.incarnation,
    JSON.stringify(request.dead),
    steady,
    now,
  );
  return rows.map((row) => text(row[0]));
}

function recoverFrom(
  tx: Transaction,
  owner: string,
  limit: number,
  quarantineAt: number,
  budget: SettleBudget,
): RecoveredJob[] {
  const rows = tx.sql.all(
    `SELECT key, id, name, queue, state_at, entry, crashes, blamed, permit FROM firelater_job
     WHERE state = 4 AND owner = ? ORDER BY key LIMIT ? + 0`,
    owner,
    limit,
  );
  return rows.map(([key = null, id, name, queue, stateAt, entry, before, blamed, permit]) => {
    const crashes = Number(before) + Number(blamed);
    const quarantined = blamed === 1 && crashes >= quarantineAt;
    const past = entryLine(Number(stateAt), text(entry));
    if (quarantined) quarantine(tx, key, past, crashes);
    else makeReady(tx, key, past, crashes, text(queue));
    if (quarantined && typeof permit === "string") freePermits(tx, keyOf(permit), budget);
    return { id: idText(id), name: text(name), owner, crashes, quarantined };
  });
}

function makeReady(tx: Transaction, key: SqlValue, past: string, crashes: number, queue: string): void {
  tx.sql.run(
    `UPDATE firelater_job SET state = 1, state_at = ?, entry = '', owner = NULL, blamed = 0, crashes = ?,
     flags = flags | ?, fence = fence + 1, history = history || ? WHERE key = ?`,
    tx.now,
    crashes,
    FLAG.recovered,
    past + entryLine(tx.now, TAIL.recovered),
    key,
  );
  tx.moved("Processing", "Enqueued");
  tx.readied(queue);
}

function quarantine(tx: Transaction, key: SqlValue, past: string, crashes: number): void {
  tx.sql.run(
    `UPDATE firelater_job SET state = 6, state_at = ?, entry = ?, owner = NULL, blamed = 0, crashes = ?,
     permit = NULL, fence = fence + 1, history = history || ? WHERE key = ?`,
    tx.now,
    TAIL.quarantined,
    crashes,
    past,
    key,
  );
  tx.moved("Processing", "Failed");
}

/** Ordered, so that a page of claims is always the same one. */
export function held(sql: Statements, incarnation: string): Claim[] {
  const rows = sql.all(
    "SELECT id, fence FROM firelater_job WHERE state = 4 AND owner = ? ORDER BY key",
    incarnation,
  );
  return rows.map(([id, fence]) => ({ id: idText(id), fence: Number(fence) }));
}

export function check(sql: Statements, claims: readonly Claim[]): LostClaim[] {
  return claims.flatMap(({ id, fence }): LostClaim[] => {
    const row = sql.first("SELECT fence, state FROM firelater_job WHERE id = ?", idBytes(id));
    if (row === undefined) return [{ id, fence, state: null }];
    return row[0] === fence ? [] : [{ id, fence, state: toState(Number(row[1])) }];
  });
}

export function servers(sql: Statements): ServerRecord[] {
  const now = readClock(sql);
  const rows = sql.all(
    `SELECT incarnation, name, host, pid, pid_started_at, queues, worker_count, timeout_ms, started_at, renewed_at,
     steady_since, vitals, command FROM firelater_server ORDER BY started_at, incarnation LIMIT 1000`,
  );
  return rows.map((row) => toServer(row, now));
}

/** What a later version asks is nothing that this one could do. */
export function commandOf(value: SqlValue | undefined): ServerCommand | null {
  return SERVER_COMMANDS.find((command) => command === value) ?? null;
}

function toServer(row: readonly SqlValue[], now: number): ServerRecord {
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
