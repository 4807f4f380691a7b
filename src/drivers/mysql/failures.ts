import { type FailureGroup, type FailureQuery, MAX_SCAN } from "../../storage/index.ts";
import { BEFORE_FINGERPRINT, FINGERPRINT_CHARS } from "../shared/fingerprint.ts";
import { STATE } from "../shared/state-codes.ts";
import { idText } from "./id.ts";
import { text } from "./row.ts";
import type { Statements } from "./statements.ts";

/** Digits of a time, so that texts that begin with times are ordered as times are. */
const TIME_DIGITS = 16;
/** The last failure of a group is the greatest of its times with their ids. */
const LAST = `SUBSTRING(MAX(CONCAT(LPAD(state_at, ${TIME_DIGITS}, '0'), HEX(id))), ${TIME_DIGITS + 1})`;
const GROUPS = `SELECT fingerprint, COUNT(*) AS failed, MIN(state_at), MAX(state_at) AS last_at, ${LAST} FROM (
    SELECT id, state_at, IF(LOCATE(?, entry) = 0, '', SUBSTRING(entry, LOCATE(?, entry) + ?, ?)) AS fingerprint
    FROM firelater_job FORCE INDEX (by_state) WHERE state = ${STATE.Failed} ORDER BY state_at DESC, id DESC LIMIT ?
  ) AS newest GROUP BY fingerprint ORDER BY failed DESC, last_at DESC LIMIT ?`;

export async function failures(sql: Statements, { scan, limit }: FailureQuery): Promise<FailureGroup[]> {
  const rows = await sql.all(
    GROUPS,
    BEFORE_FINGERPRINT,
    BEFORE_FINGERPRINT,
    BEFORE_FINGERPRINT.length,
    FINGERPRINT_CHARS,
    Math.min(scan, MAX_SCAN),
    Math.min(limit, MAX_SCAN),
  );
  return rows.map((row) => ({
    fingerprint: text(row[0]),
    count: Number(row[1]),
    firstAt: Number(row[2]),
    lastAt: Number(row[3]),
    last: idText(Buffer.from(text(row[4]), "hex")),
  }));
}
