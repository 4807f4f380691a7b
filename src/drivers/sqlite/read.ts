import {
  type EndedJob,
  isAtRest,
  JOB_STATES,
  type JobRecord,
  type JobState,
  type RowCut,
  type StateCounts,
} from "../../storage/index.ts";
import { STATE, toState } from "../shared/state-codes.ts";
import { idBytes } from "./id.ts";
import { columnsOf, text, toRecord } from "./row.ts";
import type { Statements } from "./statements.ts";

export function get(sql: Statements, ids: readonly string[], cut?: RowCut): JobRecord[] {
  const columns = columnsOf(cut);
  return ids.flatMap((id) => {
    const row = sql.first(
      `SELECT ${columns.text} FROM firelater_job WHERE id = ?`,
      ...columns.values,
      idBytes(id),
    );
    return row === undefined ? [] : [toRecord(row)];
  });
}

const WATCH = `SELECT state, CASE WHEN state >= ${STATE.Succeeded} THEN entry END FROM firelater_job WHERE id = ?`;

export function watch(sql: Statements, ids: readonly string[]): EndedJob[] {
  return ids.flatMap((id): EndedJob[] => {
    const row = sql.first(WATCH, idBytes(id));
    if (row === undefined) return [{ id, state: null, entry: "" }];
    const state = toState(Number(row[0]));
    return isAtRest(state) ? [{ id, state, entry: text(row[1]) }] : [];
  });
}

export function counts(sql: Statements): StateCounts {
  const values = new Map(
    sql.all("SELECT name, value FROM firelater_counter").map(([name, value]) => [name, value]),
  );
  const count = (state: JobState) => Number(values.get(String(STATE[state])) ?? 0);
  const [Enqueued, Scheduled, Awaiting, Processing, Succeeded, Failed, Deleted] = JOB_STATES.map(count);
  return {
    Enqueued: Enqueued ?? 0,
    Scheduled: Scheduled ?? 0,
    Awaiting: Awaiting ?? 0,
    Processing: Processing ?? 0,
    Succeeded: Succeeded ?? 0,
    Failed: Failed ?? 0,
    Deleted: Deleted ?? 0,
  };
}
