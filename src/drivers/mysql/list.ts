import { type JobState, type JobWhere, type ListQuery, MAX_SCAN, type Page } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { matchWhere } from "./match-where.ts";
import { COLUMNS, toRecord } from "./row.ts";
import type { Row, SqlValue, Statements } from "./statements.ts";

/** The order of a state's list: an index has it, so a page costs its own rows and no more. */
interface Listing {
  readonly index: string;
  readonly where: string;
  readonly keys: readonly string[];
  readonly direction: "ASC" | "DESC";
}

function byTime(state: JobState, direction: Listing["direction"]): Listing {
  return { index: "by_state", where: `state = ${STATE[state]}`, keys: ["state_at", "id"], direction };
}

const LISTINGS: Readonly<Record<JobState, Listing>> = {
  Enqueued: {
    index: "enqueued",
    where: `state = ${STATE.Enqueued}`,
    keys: ["hold", "queue", "job_rank", "seq"],
    direction: "ASC",
  },
  Scheduled: { index: "due", where: `hold = ${HOLD.due}`, keys: ["due_at", "seq"], direction: "ASC" },
  Processing: byTime("Processing", "ASC"),
  Awaiting: byTime("Awaiting", "DESC"),
  Succeeded: byTime("Succeeded", "DESC"),
  Failed: byTime("Failed", "DESC"),
  Deleted: byTime("Deleted", "DESC"),
};

export async function list(sql: Statements, query: ListQuery): Promise<Page> {
  const listing = LISTINGS[query.state];
  const limit = Math.min(query.limit, 1_000);
  const cursor = query.after === undefined ? [] : parseCursor(query.after, listing);
  const { where, scan } = query;
  if (where !== undefined) return await search(sql, listing, cursor, where, limit, scan);
  const [text, values] = inOrder(listing, cursor);
  const rows = await sql.all(`SELECT ${COLUMNS} ${text} LIMIT ?`, ...values, limit + 1);
  return { rows: rows.slice(0, limit).map(toRecord), next: fullPage(listing, rows, limit) };
}

/** The jobs behind the cursor. */
function inOrder(listing: Listing, cursor: readonly SqlValue[]): [sql: string, values: SqlValue[]] {
  const { index, where, keys, direction } = listing;
  const [after, values] = cursor.length === 0 ? ["", []] : afterCursor(keys, cursor, direction);
  const order = keys.map((key) => `${key} ${direction}`).join(", ");
  return [`FROM firelater_job FORCE INDEX (${index}) WHERE ${where} ${after} ORDER BY ${order}`, values];
}

/**
 * Looks at `scan` rows in their order and answers those that match; where the scan ends the next page begins. The scan
 * reads the index alone; then one row after the other is looked up, until the page is full.
 */
async function search(
  sql: Statements,
  listing: Listing,
  cursor: readonly SqlValue[],
  where: JobWhere,
  limit: number,
  scan = MAX_SCAN,
): Promise<Page> {
  const most = Math.min(scan, MAX_SCAN);
  const [scanned, values] = inOrder(listing, cursor);
  const [condition, wanted] = matchWhere(where);
  const places = listing.keys.map((key, nth) => `${key} AS place_${nth}`).join(", ");
  const order = listing.keys.map((_, nth) => `place_${nth} ${listing.direction}`).join(", ");
  const rows = await sql.all(
    `SELECT ${COLUMNS} FROM (SELECT id AS scanned_id, ${places} ${scanned} LIMIT ?) AS scanned
     STRAIGHT_JOIN firelater_job FORCE INDEX (PRIMARY) ON firelater_job.id = scanned.scanned_id
     WHERE ${condition} ORDER BY ${order} LIMIT ?`,
    ...values,
    most,
    ...wanted,
    limit + 1,
  );
  const next = fullPage(listing, rows, limit) ?? (await endOfScan(sql, listing, cursor, most));
  return { rows: rows.slice(0, limit).map(toRecord), next };
}

/** Where the scan has ended; null when that is the end of the list. */
async function endOfScan(
  sql: Statements,
  listing: Listing,
  cursor: readonly SqlValue[],
  scanned: number,
): Promise<string | null> {
  const [text, values] = inOrder(listing, cursor);
  const [last, more] = await sql.all(
    `SELECT ${listing.keys.join(", ")} ${text} LIMIT 2 OFFSET ?`,
    ...values,
    scanned - 1,
  );
  return last === undefined || more === undefined ? null : cursorText(last);
}

/** Spelt out: a comparison of rows is no range of an index here, an alternative of ranges is. */
function afterCursor(
  keys: readonly string[],
  cursor: readonly SqlValue[],
  direction: Listing["direction"],
): [sql: string, values: SqlValue[]] {
  const beyond = direction === "ASC" ? ">" : "<";
  const values: SqlValue[] = [];
  const ranges = keys.map((key, nth) => {
    values.push(...cursor.slice(0, nth + 1));
    return [...keys.slice(0, nth).map((before) => `${before} = ?`), `${key} ${beyond} ?`].join(" AND ");
  });
  return [`AND (${ranges.map((range) => `(${range})`).join(" OR ")})`, values];
}

const POSITION: Readonly<Record<string, number>> = {
  id: 0,
  queue: 1,
  job_rank: 2,
  seq: 3,
  state_at: 5,
  hold: 7,
  due_at: 9,
};

/** Where the page ends when more rows were found than it holds; null when it has them all. */
function fullPage({ keys }: Listing, rows: readonly Row[], limit: number): string | null {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return last === undefined ? null : cursorText(keys.map((key) => last[POSITION[key] ?? 0]));
}

function cursorText(values: Row): string {
  return JSON.stringify(values.map((value) => (Buffer.isBuffer(value) ? value.toString("hex") : value)));
}

/** A cursor comes from outside (a URL): anything else than what `cursorOf` makes reads as the start. */
function parseCursor(given: string, { keys }: Listing): SqlValue[] {
  try {
    const values: unknown = JSON.parse(given);
    if (!Array.isArray(values) || values.length !== keys.length) return [];
    return values.map((value, nth) => {
      if (keys[nth] === "id") return Buffer.from(String(value), "hex");
      return keys[nth] === "queue" ? String(value) : numberOf(value);
    });
  } catch {
    return [];
  }
}

function numberOf(value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new TypeError("no number");
  return value;
}
