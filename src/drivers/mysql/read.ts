import { type EndedJob, isAtRest, type JobRecord, type RowCut } from "../../storage/index.ts";
import { STATE, toState } from "../shared/state-codes.ts";
import { bytes, idBytes } from "./id.ts";
import { keyOf } from "./locked-row.ts";
import { columnsOf, text, toRecord } from "./row.ts";
import { chunks, type Row, type Statements } from "./statements.ts";

export async function get(sql: Statements, ids: readonly string[], cut?: RowCut): Promise<JobRecord[]> {
  const columns = columnsOf(cut);
  const found = new Map<string, JobRecord>();
  for (const some of chunks(ids.map(idBytes))) {
    const rows = await sql.all(
      `SELECT ${columns.text} FROM firelater_job FORCE INDEX (PRIMARY) WHERE id IN (?)`,
      ...columns.values,
      some,
    );
    for (const record of rows.map(toRecord)) found.set(record.id, record);
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}

export async function watch(sql: Statements, ids: readonly string[]): Promise<EndedJob[]> {
  const found = new Map<string, Row>();
  for (const some of chunks(ids.map(idBytes))) {
    const rows = await sql.all(
      `SELECT id, state, IF(state >= ${STATE.Succeeded}, entry, NULL) FROM firelater_job FORCE INDEX (PRIMARY)
       WHERE id IN (?)`,
      some,
    );
    for (const row of rows) found.set(keyOf(bytes(row[0])), row);
  }
  return ids.flatMap((id): EndedJob[] => {
    const row = found.get(keyOf(idBytes(id)));
    if (row === undefined) return [{ id, state: null, entry: "" }];
    const state = toState(Number(row[1]));
    return isAtRest(state) ? [{ id, state, entry: text(row[2]) }] : [];
  });
}
