import {
  entryLine,
  FLAG,
  type RecoveredJob,
  type RecoverRequest,
  type RecoverResult,
  TAIL,
} from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { freePermits, newBudget, type SettleBudget } from "./gates.ts";
import { idText } from "./id.ts";
import { LOCKED_COLUMNS, type LockedRow, type Move, toLocked, writeMoves } from "./locked-row.ts";
import { READY } from "./permits.ts";
import { text } from "./row.ts";
import { readClock, type Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

export const OF_OWNER = `SELECT ${LOCKED_COLUMNS} FROM firelater_job FORCE INDEX (owner)
  WHERE owner = ? AND state = ${STATE.Processing} ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED`;
export const NEXT_OWNER =
  "SELECT owner FROM firelater_job FORCE INDEX (owner) WHERE owner > ? ORDER BY owner LIMIT 1";

/** What this judge may call ended, at one instant. */
interface Verdict {
  /** Servers whose row goes: from then on they can neither renew nor claim. */
  readonly ended: readonly string[];
  /** Owners of Processing jobs that have no row at all. */
  readonly missing: readonly string[];
}

/** Whether there may be anything to recover: a look without locks. */
export async function hasLostOwners(sql: Statements, request: RecoverRequest): Promise<boolean> {
  const { ended, missing } = await judge(sql, await readClock(sql), request);
  return ended.length > 0 || missing.length > 0;
}

export async function recover(tx: Transaction, request: RecoverRequest): Promise<RecoverResult> {
  const { ended, missing } = await judge(tx.sql, tx.now, request);
  // First, so that a judged server cannot renew between two bites: what it holds is then a missing server's.
  const lost = [...missing, ...(await endLeases(tx, ended, request))].sort();
  const budget = newBudget(undefined, request.limit);
  const recovered: RecoveredJob[] = [];
  for (const owner of lost) {
    const left = request.limit - recovered.length;
    if (left > 0) recovered.push(...(await recoverFrom(tx, owner, left, request.quarantineAt, budget)));
  }
  return { recovered, more: recovered.length >= request.limit };
}

interface Lease {
  readonly incarnation: string;
  readonly until: number;
  readonly timeoutMs: number;
  readonly steadySince: number;
}

/** After an outage every lease is old: only who has since renewed for one whole timeout may judge the others. */
async function judge(sql: Statements, now: number, { incarnation, dead }: RecoverRequest): Promise<Verdict> {
  const leases = await leasesOf(sql);
  const own = leases.get(incarnation);
  const steady = own !== undefined && own.until > now && own.steadySince + own.timeoutMs <= now;
  const mayEnd = (server: string, until: number) =>
    server !== incarnation && (dead.includes(server) || (steady && until <= now));
  const ended = [...leases.values()].filter((lease) => mayEnd(lease.incarnation, lease.until));
  const missing: string[] = [];
  for (let owner = await nextOwner(sql, ""); owner !== undefined; owner = await nextOwner(sql, owner)) {
    if (!leases.has(owner) && mayEnd(owner, 0)) missing.push(owner);
  }
  return { ended: ended.map((lease) => lease.incarnation), missing };
}

async function leasesOf(sql: Statements): Promise<Map<string, Lease>> {
  const rows = await sql.all(
    "SELECT incarnation, renewed_at + timeout_ms, timeout_ms, steady_since FROM firelater_server",
  );
  return new Map(
    rows.map(([incarnation, until, timeoutMs, steadySince]) => [
      text(incarnation),
      {
        incarnation: text(incarnation),
        until: Number(until),
        timeoutMs: Number(timeoutMs),
        steadySince: Number(steadySince),
      },
    ]),
  );
}

/** Found by seeks: one for each owner, not each job. */
async function nextOwner(sql: Statements, after: string): Promise<string | undefined> {
  const row = await sql.first(NEXT_OWNER, after);
  return row === undefined ? undefined : text(row[0]);
}

/** Those that renew at this very moment have their row locked, or have renewed it: they live. */
async function endLeases(
  tx: Transaction,
  incarnations: readonly string[],
  { dead }: RecoverRequest,
): Promise<string[]> {
  const ended: string[] = [];
  for (const incarnation of incarnations) {
    const row = await tx.sql.first(
      `SELECT renewed_at + timeout_ms FROM firelater_server FORCE INDEX (PRIMARY) WHERE incarnation = ?
       FOR UPDATE SKIP LOCKED`,
      incarnation,
    );
    if (row === undefined || (!dead.includes(incarnation) && Number(row[0]) > tx.now)) continue;
    await tx.sql.run("DELETE FROM firelater_server WHERE incarnation = ?", incarnation);
    ended.push(incarnation);
  }
  return ended;
}

async function recoverFrom(
  tx: Transaction,
  owner: string,
  limit: number,
  quarantineAt: number,
  budget: SettleBudget,
): Promise<RecoveredJob[]> {
  const rows = (await tx.sql.all(OF_OWNER, owner, limit)).map(toLocked);
  const jobs = rows.map((row) => ({ row, ...judgeJob(row, quarantineAt) }));
  await writeMoves(
    tx,
    jobs.map((job) => moveOf(tx, job)),
    "append",
  );
  for (const { row, quarantined } of jobs) {
    if (quarantined && row.limit !== null) await freePermits(tx, row.limit.key, budget);
  }
  return jobs.map(({ row, crashes, quarantined }) => ({
    id: idText(row.id),
    name: row.name,
    owner,
    crashes,
    quarantined,
  }));
}

interface Judged {
  readonly crashes: number;
  readonly quarantined: boolean;
}

function judgeJob({ crashes: before, blamed }: LockedRow, quarantineAt: number): Judged {
  const crashes = before + (blamed ? 1 : 0);
  return { crashes, quarantined: blamed && crashes >= quarantineAt };
}

function moveOf(tx: Transaction, { row, crashes, quarantined }: Judged & { readonly row: LockedRow }): Move {
  const past = entryLine(row.stateAt, row.entry);
  if (quarantined) {
    return { row, state: "Failed", hold: HOLD.none, entry: TAIL.quarantined, crashes, history: past };
  }
  const flags = row.flags | FLAG.recovered;
  return { row, ...READY, crashes, flags, history: past + entryLine(tx.now, TAIL.recovered) };
}
