import { type ExpireRequest, type ExpireResult, FLAG, type Retention } from "../../storage/index.ts";
import { STATE } from "../shared/state-codes.ts";
import { bytes } from "./id.ts";
import { forgetKey } from "./keys.ts";
import { keyOf, type LockedRow, lockRows } from "./locked-row.ts";
import { chunks, readClock, type Statements } from "./statements.ts";
import { counts } from "./statistics.ts";
import type { Transaction } from "./transaction.ts";

export const OLDEST = `SELECT id, state_at FROM firelater_job FORCE INDEX (by_state)
  WHERE state = ? AND (state_at > ? OR (state_at = ? AND id > ?)) ORDER BY state_at, id LIMIT ?`;

interface Candidate {
  readonly id: Buffer;
  readonly stateAt: number;
}

/** Whether a pass would find anything: a look without locks. */
export async function isOutOfDate(sql: Statements, { retention, after }: ExpireRequest): Promise<boolean> {
  const [first] = await oldest(sql, retention, after, 1);
  if (first === undefined) return false;
  return (await excess(sql, retention)) > 0 || isOld(retention, first.stateAt, await readClock(sql));
}

/** Looks first and locks only what has to go: a job that somebody requeues just now is not held up. */
export async function expire(
  tx: Transaction,
  { retention, limit, after }: ExpireRequest,
): Promise<ExpireResult> {
  const candidates = await oldest(tx.sql, retention, after, limit);
  const tooMany = await excess(tx.sql, retention);
  const due = candidates.filter(({ stateAt }, nth) => nth < tooMany || isOld(retention, stateAt, tx.now));
  const locked = await lockRows(
    tx.sql,
    due.map(({ id }) => id),
    "pass",
  );
  const rows = due.flatMap(({ id, stateAt }): LockedRow[] => {
    const row = locked.get(keyOf(id));
    const isSame = row?.state === retention.state && row.stateAt === stateAt;
    return row !== undefined && isSame ? [row] : [];
  });
  const awaited = await awaitedOf(tx.sql, rows);
  const gone = rows.filter(({ id }) => !awaited.has(keyOf(id)));
  await remove(tx, gone);
  tx.moved(retention.state, null, gone.length);
  const last = candidates.at(-1);
  const more = due.length === limit && last !== undefined;
  return {
    expired: gone.length,
    next: more ? `${last.stateAt},${last.id.toString("hex")}` : null,
  };
}

async function oldest(
  sql: Statements,
  { state }: Retention,
  after: string | undefined,
  limit: number,
): Promise<Candidate[]> {
  const [stateAt, id] = parseCursor(after);
  const rows = await sql.all(OLDEST, STATE[state], stateAt, stateAt, id, limit);
  return rows.map(([id, at]) => ({ id: bytes(id), stateAt: Number(at) }));
}

async function excess(sql: Statements, retention: Retention): Promise<number> {
  return retention.count === null ? 0 : (await counts(sql))[retention.state] - retention.count;
}

function isOld({ ageMs }: Retention, stateAt: number, now: number): boolean {
  return ageMs !== null && stateAt + ageMs <= now;
}

/** Parents of a child that has not finished: it may still ask for their results. Asked once their rows are locked. */
async function awaitedOf(sql: Statements, rows: readonly LockedRow[]): Promise<Set<string>> {
  const awaited = new Set<string>();
  for (const { id } of rows.filter(({ flags }) => flags & FLAG.parent)) {
    const child = await sql.first(
      `SELECT 1 FROM firelater_edge AS edge FORCE INDEX (parent)
       STRAIGHT_JOIN firelater_job AS child FORCE INDEX (PRIMARY) ON child.id = edge.gate
       WHERE edge.parent = ? AND child.state NOT IN (${STATE.Succeeded}, ${STATE.Deleted}) LIMIT 1`,
      id,
    );
    if (child !== undefined) awaited.add(keyOf(id));
  }
  return awaited;
}

/** The jobs together with everything that is kept beside them. */
async function remove(tx: Transaction, rows: readonly LockedRow[]): Promise<void> {
  const all = rows.map(({ id }) => id);
  const having = (flag: number) => rows.filter(({ flags }) => flags & flag).map(({ id }) => id);
  await removeFrom(tx, "firelater_job", "id", all);
  // Still there when the job was taken out while it waited. Gates before edges, as those do who resolve them.
  await removeFrom(tx, "firelater_gate", "id", having(FLAG.gated));
  await removeFrom(tx, "firelater_edge", "gate", having(FLAG.gated));
  await removeFrom(tx, "firelater_log", "job", having(FLAG.appended));
  await removeFrom(tx, "firelater_appendix", "job", having(FLAG.appended));
  for (const key of new Set(rows.flatMap(({ limit }) => limit?.key ?? []))) await forgetKey(tx, key);
}

async function removeFrom(
  tx: Transaction,
  table: string,
  column: string,
  ids: readonly Buffer[],
): Promise<void> {
  const index = column === "job" && table === "firelater_log" ? "job" : "PRIMARY";
  for (const some of chunks([...ids].sort(Buffer.compare))) {
    await tx.sql.run(
      `DELETE one FROM ${table} AS one FORCE INDEX (${index}) WHERE one.${column} IN (?)`,
      some,
    );
  }
}

function parseCursor(after: string | undefined): [stateAt: number, id: Buffer] {
  const [stateAt = "-1", id = ""] = (after ?? "").split(",");
  const number = Number(stateAt === "" ? -1 : stateAt);
  return [Number.isFinite(number) ? number : -1, Buffer.from(id, "hex")];
}
