import { type JobState, type JobWhere, type ListQuery, MAX_SCAN, type Page } from "../../storage/index.ts";
import { STATE } from "../shared/state-codes.ts";
import { COLUMNS, type Row, toRecord } from "./row.ts";
import type { SqlValue, Statements } from "./statements.ts";

/** The order of a state's list: an index has it, so a page costs its own rows and no more. */
interface Listing {
  readonly where: string;
  readonly keys: readonly string[];
  readonly direction: "ASC" | "DESC";
}

/** The state stands in the text: only then is its partial index used. */
function newestFirst(state: JobState): Listing {
  return { where: `state = ${STATE[state]}`, keys: ["state_at", "key"], direction: "DESC" };
}

const LISTINGS: Readonly<Record<JobState, Listing>> = {
  Enqueued: { where: "state = 1", keys: ["hold", "queue", "rank", "seq"], direction: "ASC" },
  Scheduled: { where: "hold = 1", keys: ["due_at", "key"], direction: "ASC" },
  // No index: live claims are few, and an index by time would cost every claim.
  Processing: { where: "state = 4", keys: ["state_at", "key"], direction: "ASC" },
  Awaiting: newestFirst("Awaiting"),
  Succeeded: newestFirst("Succeeded"),
  Failed: newestFirst("Failed"),
  Deleted: newestFirst("Deleted"),
};

export function list(sql: Statements, query: ListQuery): Page {
  const listing = LISTINGS[query.state];
  const limit = Math.min(query.limit, 1_000);
  const cursor = query.after === undefined ? [] : parseCursor(query.after, listing.keys.length);
  if (query.where !== undefined) return search(sql, listing, cursor, query.where, limit, query.scan);
  const rows = sql.all(`SELECT ${COLUMNS} ${inOrder(listing, cursor)}`, ...cursor, limit + 1);
  const page = rows.slice(0, limit);
  return { rows: page.map(toRecord), next: rows.length > limit ? cursorOf(listing, page.at(-1)) : null };
}

function inOrder(listing: Listing, cursor: readonly unknown[]): string {
  const keys = listing.keys.join(", ");
  const after = `AND (${keys}) ${listing.direction === "ASC" ? ">" : "<"} (${listing.keys.map(() => "?").join(", ")})`;
  const where = `${listing.where} ${cursor.length > 0 ? after : ""}`;
  return `FROM firelater_job WHERE ${where} ORDER BY ${orderOf(listing)} LIMIT ? + 0`;
}

function orderOf({ keys, direction }: Listing): string {
  return keys.map((key) => `${key} ${direction}`).join(", ");
}

/** Looks at `scan` rows in their order and answers those that match; where the scan ends the next page begins. */
function search(
  sql: Statements,
  listing: Listing,
  cursor: readonly SqlValue[],
  where: JobWhere,
  limit: number,
  scan = MAX_SCAN,
): Page {
  const most = Math.min(scan, MAX_SCAN);
  const conditions = conditionsOf(where);
  const texts = conditions.map(([text]) => text).join(" AND ") || "1";
  // The inner rows stream by in the order of the index, with what the conditions read and nothing else.
  const rows = sql.all(
    `SELECT ${COLUMNS} FROM firelater_job WHERE key IN (
       SELECT key FROM (SELECT key, name, queue, attached, state_at, args, entry ${inOrder(listing, cursor)})
       WHERE ${texts} LIMIT ? + 0)
     ORDER BY ${orderOf(listing)}`,
    ...cursor,
    most,
    ...conditions.flatMap(([, values]) => values),
    limit + 1,
  );
  const page = rows.slice(0, limit);
  const next = rows.length > limit ? cursorOf(listing, page.at(-1)) : endOfScan(sql, listing, cursor, most);
  return { rows: page.map(toRecord), next };
}

/** Where the scan has ended; null when that is the end of the list. */
function endOfScan(
  sql: Statements,
  listing: Listing,
  cursor: readonly SqlValue[],
  scanned: number,
): string | null {
  const keys = listing.keys.join(", ");
  const last = sql.all(`SELECT ${keys} ${inOrder(listing, cursor)} OFFSET ? + 0`, ...cursor, 2, scanned - 1);
  return last[0] === undefined || last[1] === undefined ? null : JSON.stringify(last[0]);
}

type Condition = readonly [text: string, values: readonly SqlValue[]];

function conditionsOf({ name, queue, tag, since, before, args, entry }: JobWhere): Condition[] {
  const contains = (column: string) => `instr(lower(${column}), lower(?)) > 0`;
  const tagged = "EXISTS (SELECT 1 FROM json_each(attached, '$.tags') WHERE value = ?)";
  const all: [string, SqlValue | undefined][] = [
    ["name = ?", name],
    ["queue = ?", queue],
    [tagged, tag],
    ["state_at >= ?", since],
    ["state_at < ?", before],
    [contains("args"), args],
    [contains("entry"), entry],
  ];
  return all.flatMap(([text, value]): Condition[] => (value === undefined ? [] : [[text, [value]]]));
}

const POSITION: Readonly<Record<string, number>> = {
  queue: 1,
  rank: 2,
  seq: 3,
  state_at: 5,
  hold: 7,
  due_at: 9,
  key: 21,
};

function cursorOf(listing: Listing, last: Row | undefined): string | null {
  return last === undefined ? null : JSON.stringify(listing.keys.map((key) => last[POSITION[key] ?? 0]));
}

/** A cursor comes from outside (a URL): anything else than what `cursorOf` makes reads as the start. */
function parseCursor(text: string, length: number): (string | number)[] {
  try {
    const values: unknown = JSON.parse(text);
    const sound = Array.isArray(values) && values.length === length;
    return sound ? values.map((value) => (typeof value === "number" ? value : String(value))) : [];
  } catch {
    return [];
  }
}
