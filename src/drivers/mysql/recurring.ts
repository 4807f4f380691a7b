import type {
  DueRecurring,
  RecurringOutcome,
  RecurringQuery,
  RecurringRecord,
  RecurringSave,
  RecurringState,
} from "../../storage/index.ts";
import { insert } from "./insert.ts";
import { numberOrNull, text } from "./row.ts";
import { chunks, type Row, readClock, type Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

const COLUMNS = "id, version, next_at, created_at, definition, status";

/**
 * The guard and the jobs stand in one transaction: whoever comes second finds another version and stores nothing. All
 * records of the call are locked before any is judged, in the order of their ids.
 */
export async function saveRecurring(
  tx: Transaction,
  saves: readonly RecurringSave[],
): Promise<RecurringOutcome[]> {
  const versions = await lockVersions(
    tx,
    saves.map(({ id }) => id),
  );
  const outcomes: RecurringOutcome[] = [];
  for (const save of saves) {
    if ((versions.get(save.id) ?? 0) !== save.version) {
      outcomes.push("stale");
      continue;
    }
    versions.set(save.id, await write(tx, save));
    if (save.jobs !== undefined && save.jobs.length > 0) await insert(tx, save.jobs);
    if (save.state !== null && save.state.nextAt !== null) {
      tx.signal({ kind: "recurring", at: save.state.nextAt });
    }
    outcomes.push("applied");
  }
  return outcomes;
}

async function lockVersions(tx: Transaction, ids: readonly string[]): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  for (const some of chunks([...new Set(ids)].sort())) {
    const rows = await tx.sql.all(
      `SELECT id, version FROM firelater_recurring FORCE INDEX (PRIMARY) WHERE id IN (?) ORDER BY id FOR UPDATE`,
      some,
    );
    for (const [id, version] of rows) versions.set(text(id), Number(version));
  }
  return versions;
}

/** The version that the record has now; 0 when it is not there. */
async function write(tx: Transaction, { id, version, state }: RecurringSave): Promise<number> {
  if (state === null) {
    if (version > 0) await tx.sql.run("DELETE FROM firelater_recurring WHERE id = ?", id);
    return 0;
  }
  const next = await tx.nextSeqs(1);
  if (version === 0) await add(tx, id, next, state);
  else {
    await tx.sql.run(
      "UPDATE firelater_recurring SET version = ?, next_at = ?, definition = ?, status = ? WHERE id = ?",
      next,
      state.nextAt,
      state.definition,
      state.status,
      id,
    );
  }
  return next;
}

/** Two may add one record at once: the second one's key is there already, and its write looks again. */
async function add(
  tx: Transaction,
  id: string,
  version: number,
  { nextAt, definition, status }: RecurringState,
): Promise<void> {
  await tx.sql.rows(`INSERT INTO firelater_recurring (${COLUMNS})`, [
    [id, version, nextAt, tx.now, definition, status],
  ]);
}

export async function dueRecurring(sql: Statements, limit: number): Promise<DueRecurring> {
  const now = await readClock(sql);
  const due = await sql.all(
    `SELECT ${COLUMNS} FROM firelater_recurring FORCE INDEX (next) WHERE next_at <= ? ORDER BY next_at, id LIMIT ?`,
    now,
    limit,
  );
  const next = await sql.first(
    "SELECT next_at FROM firelater_recurring FORCE INDEX (next) WHERE next_at IS NOT NULL ORDER BY next_at, id LIMIT 1",
  );
  return { due: due.map(toRecord), nextAt: numberOrNull(next?.[0]), now };
}

export async function getRecurring(sql: Statements, ids: readonly string[]): Promise<RecurringRecord[]> {
  const records = new Map<string, RecurringRecord>();
  for (const some of chunks(ids)) {
    const rows = await sql.all(
      `SELECT ${COLUMNS} FROM firelater_recurring FORCE INDEX (PRIMARY) WHERE id IN (?)`,
      some,
    );
    for (const record of rows.map(toRecord)) records.set(record.id, record);
  }
  return ids.flatMap((id) => records.get(id) ?? []);
}

export async function listRecurring(
  sql: Statements,
  { after = "", limit }: RecurringQuery,
): Promise<RecurringRecord[]> {
  const rows = await sql.all(
    `SELECT ${COLUMNS} FROM firelater_recurring FORCE INDEX (PRIMARY) WHERE id > ? ORDER BY id LIMIT ?`,
    after,
    limit,
  );
  return rows.map(toRecord);
}

function toRecord(row: Row): RecurringRecord {
  return {
    id: text(row[0]),
    version: Number(row[1]),
    nextAt: numberOrNull(row[2]),
    createdAt: Number(row[3]),
    definition: text(row[4]),
    status: text(row[5]),
  };
}
