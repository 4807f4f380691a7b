import type { DocumentOutcome, DocumentQuery, DocumentRecord, DocumentSave } from "../../storage/index.ts";
import { type Row, text } from "./row.ts";
import type { Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const COLUMNS = "kind, id, version, at, text";

export function saveDocuments(tx: Transaction, saves: readonly DocumentSave[]): DocumentOutcome[] {
  return saves.map((save) => (accept(tx, save) ? "applied" : "stale"));
}

function accept(tx: Transaction, { kind, id, version, text: content }: DocumentSave): boolean {
  if (content === null) {
    if (version === 0) return getDocument(tx.sql, kind, id) === null;
    const sql = "DELETE FROM firelater_document WHERE kind = ? AND id = ? AND version = ?";
    return tx.sql.run(sql, kind, id, version) === 1;
  }
  const next = tx.nextSeqs(1);
  if (version === 0) {
    const sql = `INSERT INTO firelater_document (${COLUMNS}) VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO NOTHING`;
    return tx.sql.run(sql, kind, id, next, tx.now, content) === 1;
  }
  const sql =
    "UPDATE firelater_document SET version = ?, at = ?, text = ? WHERE kind = ? AND id = ? AND version = ?";
  return tx.sql.run(sql, next, tx.now, content, kind, id, version) === 1;
}

export function getDocument(sql: Statements, kind: string, id: string): DocumentRecord | null {
  const row = sql.first(`SELECT ${COLUMNS} FROM firelater_document WHERE kind = ? AND id = ?`, kind, id);
  return row === undefined ? null : toRecord(row);
}

export function listDocuments(
  sql: Statements,
  { kind, limit, after, descending = false }: DocumentQuery,
): DocumentRecord[] {
  const [direction, beyond] = descending ? ["DESC", "<"] : ["ASC", ">"];
  const where = after === undefined ? "" : `AND id ${beyond} ?`;
  const text = `SELECT ${COLUMNS} FROM firelater_document WHERE kind = ? ${where} ORDER BY id ${direction} LIMIT ? + 0`;
  return sql.all(text, kind, ...(after === undefined ? [] : [after]), limit).map(toRecord);
}

/** The last one that goes is found by its place from the end: what stays is walked, and `keep` bounds that. */
export function trimDocuments(tx: Transaction, kind: string, keep: number, limit: number): number {
  const last = tx.sql.first(
    "SELECT id FROM firelater_document WHERE kind = ? ORDER BY id DESC LIMIT 1 OFFSET ? + 0",
    kind,
    keep,
  );
  if (last === undefined) return 0;
  return tx.sql.run(
    `DELETE FROM firelater_document WHERE rowid IN (
       SELECT rowid FROM firelater_document WHERE kind = ? AND id <= ? ORDER BY id LIMIT ? + 0)`,
    kind,
    last[0] ?? null,
    limit,
  );
}

function toRecord(row: Row): DocumentRecord {
  return {
    kind: text(row[0]),
    id: text(row[1]),
    version: Number(row[2]),
    at: Number(row[3]),
    text: text(row[4]),
  };
}
