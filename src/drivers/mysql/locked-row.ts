import type { JobLimit, JobState } from "../../storage/index.ts";
import { HOLD, STATE, toState } from "../shared/state-codes.ts";
import { bytes } from "./id.ts";
import { numberOrNull, text, toLimit } from "./row.ts";
import { chunks, type Row, type SqlValue, type Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** A row that this transaction has locked: nobody else changes it until the commit. */
export interface LockedRow {
  readonly id: Buffer;
  readonly queue: string;
  readonly rank: number;
  readonly seq: number;
  readonly state: JobState;
  readonly stateAt: number;
  readonly entry: string;
  readonly hold: number;
  readonly dueAt: number | null;
  readonly plannedAt: number | null;
  readonly failures: number;
  readonly crashes: number;
  readonly blamed: boolean;
  readonly fence: number;
  readonly flags: number;
  readonly limit: JobLimit | null;
  readonly name: string;
}

export const LOCKED_COLUMNS = `id, queue, job_rank, seq, state, state_at, entry, hold, due_at, planned_at, failures, crashes,
  blamed, fence, flags, limit_key, limit_max, limit_skip, name`;

export function toLocked(row: Row): LockedRow {
  return {
    id: bytes(row[0]),
    queue: text(row[1]),
    rank: Number(row[2]),
    seq: Number(row[3]),
    state: toState(Number(row[4])),
    stateAt: Number(row[5]),
    entry: text(row[6]),
    hold: Number(row[7]),
    dueAt: numberOrNull(row[8]),
    plannedAt: numberOrNull(row[9]),
    failures: Number(row[10]),
    crashes: Number(row[11]),
    blamed: Number(row[12]) === 1,
    fence: Number(row[13]),
    flags: Number(row[14]),
    limit: toLimit(row[15], row[16], row[17]),
    name: text(row[18]),
  };
}

/** `wait`: in the order of ids, as everybody does who waits for several rows. `pass`: without those that others have. */
export async function lockRows(
  sql: Statements,
  ids: readonly Buffer[],
  others: "wait" | "pass",
): Promise<Map<string, LockedRow>> {
  const locked = new Map<string, LockedRow>();
  for (const some of chunks([...ids].sort(Buffer.compare))) {
    const rows = await sql.all(
      `SELECT ${LOCKED_COLUMNS} FROM firelater_job FORCE INDEX (PRIMARY) WHERE id IN (?) ORDER BY id
       FOR UPDATE ${others === "pass" ? "SKIP LOCKED" : ""}`,
      some,
    );
    for (const row of rows.map(toLocked)) locked.set(keyOf(row.id), row);
  }
  return locked;
}

/** An id as the key of a map. */
export function keyOf(id: Buffer): string {
  return id.toString("latin1");
}

/** What a row that enters a state becomes. The rest of it stays; its owner goes, its fence rises. */
export interface Move {
  readonly row: LockedRow;
  readonly state: JobState;
  readonly hold: number;
  readonly entry: string;
  readonly seq?: number;
  readonly queue?: string;
  readonly dueAt?: number | null;
  readonly plannedAt?: number | null;
  readonly failures?: number;
  readonly crashes?: number;
  readonly flags?: number;
  readonly parameters?: string | undefined;
  /** The history from now on, or what is appended to it. */
  readonly history: string;
}

const MOVED = `id, queue, job_rank, seq, state, state_at, entry, hold, created_at, due_at, planned_at, name, args, failures,
  crashes, flags, parameters, history`;
const SET = [
  "queue",
  "seq",
  "state",
  "state_at",
  "entry",
  "hold",
  "due_at",
  "planned_at",
  "failures",
  "crashes",
  "flags",
]
  .map((column) => `${column} = VALUES(${column})`)
  .concat("parameters = COALESCE(VALUES(parameters), parameters)", "owner = NULL", "blamed = 0")
  .concat("fence = fence + 1")
  .join(", ");

/**
 * Writes all moves by the primary key, in one statement where they fit: an insert whose every row is there. A join with
 * a list of values would leave to the planner whether it scans the table, and with that which rows it locks.
 */
export async function writeMoves(
  tx: Transaction,
  moves: readonly Move[],
  history: "replace" | "append",
): Promise<void> {
  const text = history === "replace" ? "VALUES(history)" : "CONCAT(history, VALUES(history))";
  await tx.sql.rows(
    `INSERT INTO firelater_job (${MOVED})`,
    moves.map((move) => valuesOf(tx, move)),
    `ON DUPLICATE KEY UPDATE ${SET}, history = ${text}`,
  );
  for (const { row, state, hold, seq = row.seq, queue = row.queue } of moves) {
    tx.moved(row.state, state);
    if (state === "Enqueued" && hold === HOLD.none) tx.readied(queue, { rank: row.rank, seq });
  }
}

const SET_ALONE = [
  "queue = ?, seq = ?, state = ?, state_at = ?, entry = ?, hold = ?, due_at = ?, planned_at = ?",
  "failures = ?, crashes = ?, flags = ?, parameters = COALESCE(?, parameters), history = ?",
  "owner = NULL, blamed = 0, fence = fence + 1",
].join(", ");

/**
 * Writes one move by itself, its history replaced. Whether an insert that finds its row there locks the gap before it as
 * well, at REPEATABLE READ, is up to the server (MariaDB 10.11 does not); an update of one id locks its row everywhere.
 */
export async function writeMoveAlone(tx: Transaction, move: Move): Promise<void> {
  const [id, queue, , seq, state, at, entry, hold, , dueAt, plannedAt, , , ...rest] = valuesOf(tx, move);
  await tx.sql.run(
    `UPDATE firelater_job FORCE INDEX (PRIMARY) SET ${SET_ALONE} WHERE id = ?`,
    ...[queue, seq, state, at, entry, hold, dueAt, plannedAt, ...rest, id].map((value) => value ?? null),
  );
  tx.moved(move.row.state, move.state);
}

function valuesOf(tx: Transaction, move: Move): SqlValue[] {
  const { row } = move;
  return [
    row.id,
    move.queue ?? row.queue,
    row.rank,
    move.seq ?? row.seq,
    STATE[move.state],
    tx.now,
    move.entry,
    move.hold,
    0,
    move.dueAt === undefined ? row.dueAt : move.dueAt,
    move.plannedAt === undefined ? row.plannedAt : move.plannedAt,
    "",
    "",
    move.failures ?? row.failures,
    move.crashes ?? row.crashes,
    move.flags ?? row.flags,
    move.parameters ?? null,
    move.history,
  ];
}
