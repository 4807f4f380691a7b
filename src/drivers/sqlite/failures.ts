import { type FailureGroup, type FailureQuery, MAX_SCAN } from "../../storage/index.ts";
import { BEFORE_FINGERPRINT, FINGERPRINT_CHARS } from "../shared/fingerprint.ts";
import { idText } from "./id.ts";
import { text } from "./row.ts";
import type { Statements } from "./statements.ts";

/** `max` names the row of the bare columns beside it (https://sqlite.org/lang_select.html#bareagg): the last failure. */
const GROUPS = `WITH newest AS MATERIALIZED (
    SELECT id, state_at, key, instr(entry, ?) AS place, entry FROM firelater_job
    WHERE state = 6 ORDER BY state_at DESC, key DESC LIMIT ? + 0
  ),
  marked AS (
    SELECT id, state_at, key, CASE place WHEN 0 THEN '' ELSE substr(entry, place + ?, ?) END AS fingerprint FROM newest
  )
  SELECT fingerprint, count(*) AS failed, min(state_at), max(state_at) AS last_at, id FROM marked
  GROUP BY fingerprint ORDER BY failed DESC, last_at DESC LIMIT ? + 0`;

export function failures(sql: Statements, { scan, limit }: FailureQuery): FailureGroup[] {
  const rows = sql.all(
    GROUPS,
    BEFORE_FINGERPRINT,
    Math.min(scan, MAX_SCAN),
    BEFORE_FINGERPRINT.length,
    FINGERPRINT_CHARS,
    Math.min(limit, MAX_SCAN),
  );
  return rows.map((row) => ({
    fingerprint: text(row[0]),
    count: Number(row[1]),
    firstAt: Number(row[2]),
    lastAt: Number(row[3]),
    last: idText(row[4]),
  }));
}
