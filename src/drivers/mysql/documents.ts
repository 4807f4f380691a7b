import type { DocumentOutcome, DocumentQuery, DocumentRecord, DocumentSave } from "../../storage/index.ts";
import { text } from "./row.ts";
import { chunks, type Row, type Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const COLUMNS = "kind, id, version, at, text";
const OF_KIND = "FROM firelater_document FORCE INDEX (PRIMARY) WHERE kind = ?";

/** All texts of the call are locked before any is judged, in the order of their keys. */
export async function saveDocuments(
  tx: Transaction,
  saves: readonly DocumentSave[],
): Promise<DocumentOutcome[]> {
  const versions = await lockVersions(tx, saves);
  const outcomes: DocumentOutcome[] = [];
  for (const save of saves) {
    const key = keyOf(save.kind, save.id);
    const isAsRead = (versions.get(key) ?? 0) === save.version;
    if (isAsRead) versions.set(key, await write(tx, save));
    outcomes.push(isAsRead ? "applied" : "stale");
  }
  return outcomes;
}

async function lockVersions(tx: Transaction, saves: readonly DocumentSave[]): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  for (const kind of [...new Set(saves.map((save) => save.kind))].sort()) {
    const ids = saves.filter((save) => save.kind === kind).map(({ id }) => id);
    for (const some of chunks([...new Set(ids)].sort())) {
      const rows = await tx.sql.all(
        `SELECT id, version ${OF_KIND} AND id IN (?) ORDER BY id FOR UPDATE`,
        kind,
        some,
      );
      for (const [id, version] of rows) versions.set(keyOf(kind, text(id)), Number(version));
    }
  }
  return versions;
}

/** No kind has a space. */
function keyOf(kind: string, id: string): string {
  return `${kind} ${id}`;
}

/** The version that the text has now; 0 when it is not there. Of two who add one, the second one's write looks again. */
async function write(tx: Transaction, { kind, id, version, text: content }: DocumentSave): Promise<number> {
  if (content === null) {
    if (version > 0) await tx.sql.run("DELETE FROM firelater_document WHERE kind = ? AND id = ?", kind, id);
    return 0;
  }
  const next = await tx.nextSeqs(1);
  if (version === 0) {
    await tx.sql.rows(`INSERT INTO firelater_document (${COLUMNS})`, [[kind, id, next, tx.now, content]]);
  } else {
    await tx.sql.run(
      "UPDATE firelater_document SET version = ?, at = ?, text = ? WHERE kind = ? AND id = ?",
      next,
      tx.now,
      content,
      kind,
      id,
    );
  }
  return next;
}

export async function getDocument(sql: Statements, kind: string, id: string): Promise<DocumentRecord | null> {
  const row = await sql.first(`SELECT ${COLUMNS} ${OF_KIND} AND id = ?`, kind, id);
  return row === undefined ? null : toRecord(row);
}

export async function listDocuments(
  sql: Statements,
  { kind, limit, after, descending = false }: DocumentQuery,
): Promise<DocumentRecord[]> {
  const [direction, beyond] = descending ? ["DESC", "<"] : ["ASC", ">"];
  const behind = after === undefined ? "" : `AND id ${beyond} ?`;
  const values = after === undefined ? [kind] : [kind, after];
  const rows = await sql.all(
    `SELECT ${COLUMNS} ${OF_KIND} ${behind} ORDER BY id ${direction} LIMIT ?`,
    ...values,
    limit,
  );
  return rows.map(toRecord);
}

/** The last one that goes is found by its place from the end: what stays is walked, and `keep` bounds that. */
export async function trimDocuments(
  tx: Transaction,
  kind: string,
  keep: number,
  limit: number,
): Promise<number> {
  const last = await tx.sql.first(`SELECT id ${OF_KIND} ORDER BY id DESC LIMIT 1 OFFSET ?`, kind, keep);
  if (last === undefined) return 0;
  const rows = await tx.sql.all(
    `SELECT id ${OF_KIND} AND id <= ? ORDER BY id LIMIT ?`,
    kind,
    text(last[0]),
    limit,
  );
  let removed = 0;
  for (const some of chunks(rows.map(([id]) => text(id)))) {
    removed += await tx.sql.run(
      `DELETE one FROM firelater_document AS one FORCE INDEX (PRIMARY) WHERE one.kind = ? AND one.id IN (?)`,
      kind,
      some,
    );
  }
  return removed;
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
