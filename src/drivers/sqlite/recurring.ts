import type {
  DueRecurring,
  RecurringOutcome,
  RecurringQuery,
  RecurringRecord,
  RecurringSave,
  RecurringState,
} from "../../storage/index.ts";
import { insert } from "./insert.ts";
import { type Row, text, time } from "./row.ts";
import type { Statements } from "./statements.ts";
import { readClock, type Transaction } from "./transaction.ts";

const COLUMNS = "id, version, next_at, created_at, definition, status";

/** The guard and the jobs stand in one transaction: whoever comes second finds another version and stores nothing. */
export function saveRecurring(tx: Transaction, saves: readonly RecurringSave[]): RecurringOutcome[] {
  return saves.map((save) => {
    if (!accept(tx, save)) return "stale";
    if (save.jobs !== undefined && save.jobs.length > 0) insert(tx, save.jobs);
    if (save.state !== null && save.state.nextAt !== null) {
      tx.signal({ kind: "recurring", at: save.state.nextAt });
    }
    return "applied";
  });
}

function accept(tx: Transaction, { id, version, state }: RecurringSave): boolean {
  if (state !== null) return version === 0 ? add(tx, id, state) : change(tx, id, version, state);
  if (version === 0) return tx.sql.first("SELECT 1 FROM firelater_recurring WHERE id = ?", id) === undefined;
  return tx.sql.run("DELETE FROM firelater_recurring WHERE id = ? AND version = ?", id, version) === 1;
}

function add(tx: Transaction, id: string, { nextAt, definition, status }: RecurringState): boolean {
  const values = [id, tx.nextSeqs(1), nextAt, tx.now, definition, status];
  return (
    tx.sql.run(
      `INSERT INTO firelater_recurring (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
      ...values,
    ) === 1
  );
}

function change(tx: Transaction, id: string, version: number, state: RecurringState): boolean {
  const { nextAt, definition, status } = state;
  return (
    tx.sql.run(
      `UPDATE firelater_recurring SET version = ?, next_at = ?, definition = ?, status = ?
       WHERE id = ? AND version = ?`,
      ...[tx.nextSeqs(1), nextAt, definition, status, id, version],
    ) === 1
  );
}

export function dueRecurring(sql: Statements, limit: number): DueRecurring {
  const now = readClock(sql);
  const due = sql
    .all(
      `SELECT ${COLUMNS} FROM firelater_recurring WHERE next_at <= ? ORDER BY next_at, id LIMIT ? + 0`,
      now,
      limit,
    )
    .map(toRecord);
  const next = sql.first(
    "SELECT next_at FROM firelater_recurring WHERE next_at IS NOT NULL ORDER BY next_at, id LIMIT 1",
  );
  return { due, nextAt: next === undefined ? null : Number(next[0]), now };
}

export function getRecurring(sql: Statements, ids: readonly string[]): RecurringRecord[] {
  return ids.flatMap((id) => {
    const row = sql.first(`SELECT ${COLUMNS} FROM firelater_recurring WHERE id = ?`, id);
    return row === undefined ? [] : [toRecord(row)];
  });
}

export function listRecurring(sql: Statements, { after = "", limit }: RecurringQuery): RecurringRecord[] {
  return sql
    .all(`SELECT ${COLUMNS} FROM firelater_recurring WHERE id > ? ORDER BY id LIMIT ? + 0`, after, limit)
    .map(toRecord);
}

function toRecord(row: Row): RecurringRecord {
  return {
    id: text(row[0]),
    version: Number(row[1]),
    nextAt: time(row[2]),
    createdAt: Number(row[3]),
    definition: text(row[4]),
    status: text(row[5]),
  };
}
