/**
 * Permits of limited jobs. None is stored: a key's jobs that are on their way are counted, by whoever holds the key's
 * lock (`keys.ts`). Who does not get it leaves the job waiting and a release record, so that nobody waits for ever.
 * Only jobs with `FLAG.limited` come here.
 */
import { entryLine, type JobLimit, TAIL } from "../../storage/index.ts";
import { HOLD } from "../shared/state-codes.ts";
import { bytes } from "./id.ts";
import { tryLockKey } from "./keys.ts";
import { keyOf, type LockedRow, lockRows, type Move, writeMoves } from "./locked-row.ts";
import { isBefore, type Place } from "./mark.ts";
import { writeDownKey } from "./release-records.ts";
import type { Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** Where a job goes that nothing but its limit holds any more. */
export interface Entrance {
  readonly state: "Enqueued" | "Deleted";
  readonly hold: number;
  readonly entry: string;
}

export const READY: Entrance = { state: "Enqueued", hold: HOLD.none, entry: "" };
export const WAITING: Entrance = { state: "Enqueued", hold: HOLD.limit, entry: "" };
export const SKIPPED: Entrance = { state: "Deleted", hold: HOLD.none, entry: TAIL.skipped };

interface Waiter extends Place {
  readonly id: Buffer;
  readonly max: number;
}

/** Jobs of the key that are on their way: ready, parked or Processing. */
export async function inUse(sql: Statements, key: string): Promise<number> {
  const row = await sql.first(
    `SELECT COUNT(*) FROM firelater_job FORCE INDEX (by_limit) WHERE limit_key = ? AND limit_hold < ${HOLD.limit}`,
    key,
  );
  return Number(row?.[0]);
}

export async function firstWaiters(sql: Statements, key: string, count: number): Promise<Waiter[]> {
  const rows = await sql.all(
    `SELECT id, job_rank, seq, limit_max FROM firelater_job FORCE INDEX (by_limit)
     WHERE limit_key = ? AND limit_hold = ${HOLD.limit} ORDER BY job_rank, seq LIMIT ?`,
    key,
    count,
  );
  return rows.map(([id, rank, seq, max]) => ({
    id: bytes(id),
    rank: Number(rank),
    seq: Number(seq),
    max: Number(max),
  }));
}

/**
 * Where a job with this limit goes; undefined when that cannot be told, since a neighbour holds the key and the job does
 * not wait. Who waits already goes first: else jobs with a larger `max` would keep one with a smaller waiting for ever.
 */
export async function enter(
  tx: Transaction,
  limit: JobLimit,
  place: Place & Pick<LockedRow, "id">,
): Promise<Entrance | undefined> {
  if (!(await tryLockKey(tx, limit.key))) {
    if (limit.whenFull === "skip") return undefined;
    await writeDownKey(tx, limit.key);
    return WAITING;
  }
  if (await hasPermitFor(tx, limit, place)) return READY;
  return limit.whenFull === "wait" ? WAITING : SKIPPED;
}

async function hasPermitFor(
  tx: Transaction,
  { key, max }: JobLimit,
  place: Place & Pick<LockedRow, "id">,
): Promise<boolean> {
  if ((await inUse(tx.sql, key)) >= max) return false;
  // One of the two may be the job itself, where it stood before this write.
  const first = (await firstWaiters(tx.sql, key, 2)).find(({ id }) => !id.equals(place.id));
  return first === undefined || isBefore(place, first);
}

/** Takes a job that a due time or a gate has held to where it goes now; the state, or undefined as `enter` has it. */
export async function letIn(
  tx: Transaction,
  row: LockedRow,
  limit: JobLimit,
  seq: number,
  lines: string,
): Promise<Entrance["state"] | undefined> {
  const entrance = await enter(tx, limit, { id: row.id, rank: row.rank, seq });
  if (entrance === undefined) return undefined;
  await writeMoves(tx, [{ row, ...entrance, seq, history: lines }], "append");
  return entrance.state;
}

export interface Admitted {
  readonly count: number;
  /** Whether there is, or may be, a permit for one more. */
  readonly more: boolean;
}

/**
 * Gives what permits a key has to those who wait for them, first come first, at most so many. The key is locked, so
 * nobody comes in meanwhile. A waiter that a neighbour has locked is not passed over: it may be on its way out, and then
 * its place is another one's, or stay, and then nobody goes before it.
 */
export async function admitWaiters(tx: Transaction, key: string, limit: number): Promise<Admitted> {
  const used = await inUse(tx.sql, key);
  const waiters = await firstWaiters(tx.sql, key, limit + 1);
  const last = waiters.findIndex(({ max }, nth) => used + nth >= max);
  const wanted = last === -1 ? waiters : waiters.slice(0, last);
  const locked = await lockRows(
    tx.sql,
    wanted.slice(0, limit).map(({ id }) => id),
    "pass",
  );
  const moves: Move[] = [];
  for (const { id } of wanted.slice(0, limit)) {
    const row = locked.get(keyOf(id));
    if (row === undefined || row.hold !== HOLD.limit) break;
    moves.push({ row, ...READY, history: entryLine(tx.now, TAIL.admitted) });
  }
  await writeMoves(tx, moves, "append");
  return { count: moves.length, more: moves.length < wanted.length };
}
