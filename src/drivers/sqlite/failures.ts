import { type FailureGroup, type FailureQuery, MAX_SCAN } from "../../storage/index.ts";
import { BEFORE_FINGERPRINT, FINGERPRINT_CHARS } from "../shared/fingerprint.ts";
import { groupFailures } from "../shared/group-failures.ts";
import { idText } from "./id.ts";
import { text } from "./row.ts";
import type { Statements } from "./statements.ts";

const NEWEST = `SELECT id, state_at, CASE place WHEN 0 THEN '' ELSE substr(entry, place + ?, ?) END FROM (
    SELECT id, state_at, instr(entry, ?) AS place, entry FROM firelater_job
    WHERE state = 6 ORDER BY state_at DESC, key DESC LIMIT ? + 0
  )`;

export function failures(sql: Statements, { scan, limit }: FailureQuery): FailureGroup[] {
  const rows = sql.all(
    NEWEST,
    BEFORE_FINGERPRINT.length,
    FINGERPRINT_CHARS,
    BEFORE_FINGERPRINT,
    Math.max(0, Math.min(scan, MAX_SCAN)),
  );
  const newest = rows.map(([id, at, fingerprint]) => ({
    id: idText(id),
    at: Number(at),
    fingerprint: text(fingerprint),
  }));
  return groupFailures(newest, limit);
}
