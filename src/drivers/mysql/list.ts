import { type JobWhere, type ListQuery, MAX_SCAN, mayHold, type Page } from "../../storage/index.ts";
import { keysIn, parseCursor, placeOf, textOf } from "./list-cursor.ts";
import { type Listing, listingOf, orderOf } from "./list-orders.ts";
import { matchWhere } from "./match-where.ts";
import { columnsOf, toRecord } from "./row.ts";
import type { Row, SqlValue, Statements } from "./statements.ts";

const LONGEST_PAGE = 1_000;
const UNBOUNDED: number = Number.MAX_SAFE_INTEGER;

/** What of a list is meant: a condition with its values. */
type Stretch = readonly [where: string, values: readonly SqlValue[]];

export async function list(sql: Statements, query: ListQuery): Promise<Page> {
  const { where = {}, state } = query;
  if (where.hold !== undefined && !mayHold(state, where.hold)) return { rows: [], places: [], next: null };
  const listing = listingOf(state, where.hold);
  const limit = Math.max(1, Math.min(query.limit, LONGEST_PAGE));
  const rest = stretchOf(listing, query);
  if (query.where !== undefined) return await search(sql, listing, rest, { ...query, where, limit });
  const columns = columnsOf(query.cut);
  const text = `SELECT ${columns.text} ${inOrder(listing, rest)} LIMIT ?`;
  return pageOf(listing, await sql.all(text, ...columns.values, ...rest[1], limit + 1), limit, null);
}

/** The jobs behind the cursor. A list by time is walked only where the wanted times are. */
function stretchOf(listing: Listing, { after, where = {} }: ListQuery): Stretch {
  const conditions: Stretch[] = [[listing.where, []]];
  const cursor = after === undefined ? undefined : parseCursor(after, listing);
  if (cursor !== undefined)
    conditions.push(compare(listing, cursor, listing.direction === "ASC" ? ">" : "<"));
  if (listing.keys[0] === "state_at") {
    if (where.before !== undefined) conditions.push(["state_at < ?", [where.before]]);
    if (where.since !== undefined) conditions.push(["state_at >= ?", [where.since]]);
  }
  return both(conditions);
}

function both(conditions: readonly Stretch[]): Stretch {
  return [conditions.map(([text]) => text).join(" AND "), conditions.flatMap(([, values]) => values)];
}

function inOrder(listing: Listing, [where]: Stretch): string {
  return `FROM firelater_job FORCE INDEX (${listing.index}) WHERE ${where} ORDER BY ${orderOf(listing)}`;
}

/** Spelt out: a comparison of rows is no range of an index here, an alternative of ranges is. */
function compare({ keys }: Listing, place: readonly SqlValue[], by: "<" | "<=" | ">" | ">="): Stretch {
  const ranges = keys.map((key, nth): Stretch => {
    const isLast = nth === keys.length - 1;
    const own = `${key} ${isLast ? by : by.slice(0, 1)} ?`;
    return [
      [...keys.slice(0, nth).map((before) => `${before} = ?`), own].join(" AND "),
      place.slice(0, nth + 1),
    ];
  });
  return [`(${ranges.map(([text]) => `(${text})`).join(" OR ")})`, ranges.flatMap(([, values]) => values)];
}

type Search = ListQuery & { readonly where: JobWhere };

/**
 * Looks at `scan` rows in their order and answers those that match; where the scan ends the next page begins. That place
 * is found first: whoever writes between the two looks does not move it. The scan reads the index alone; then one row
 * after the other is looked up, until the page is full.
 */
async function search(
  sql: Statements,
  listing: Listing,
  rest: Stretch,
  { where, cut, limit, scan = MAX_SCAN }: Search,
): Promise<Page> {
  const most = Math.max(1, Math.min(scan, MAX_SCAN));
  const end = await endOfScan(sql, listing, rest, most);
  const side = listing.direction === "ASC" ? "<=" : ">=";
  const scanned = end === undefined ? rest : both([rest, compare(listing, end, side)]);
  const [condition, wanted] = matchWhere(where);
  const places = listing.keys.map((key, nth) => `${key} AS place_${nth}`).join(", ");
  const order = listing.keys.map((_, nth) => `place_${nth} ${listing.direction}`).join(", ");
  const columns = columnsOf(cut);
  const rows = await sql.all(
    `SELECT ${columns.text} FROM (SELECT id AS scanned_id, ${places} ${inOrder(listing, scanned)} LIMIT ?) AS scanned
     STRAIGHT_JOIN firelater_job FORCE INDEX (PRIMARY) ON firelater_job.id = scanned.scanned_id
     WHERE ${condition} ORDER BY ${order} LIMIT ?`,
    ...columns.values,
    ...scanned[1],
    // Up to the end that was found, however many have come between.
    end === undefined ? most : UNBOUNDED,
    ...wanted,
    limit + 1,
  );
  return pageOf(listing, rows, limit, end === undefined ? null : textOf(end));
}

/** The last row that may be looked at; undefined when there is none behind it. */
async function endOfScan(
  sql: Statements,
  listing: Listing,
  rest: Stretch,
  most: number,
): Promise<readonly SqlValue[] | undefined> {
  const text = `SELECT ${listing.keys.join(", ")} ${inOrder(listing, rest)} LIMIT 2 OFFSET ?`;
  const [last, more] = await sql.all(text, ...rest[1], most - 1);
  return last === undefined || more === undefined ? undefined : keysIn(listing, last);
}

/** `next` is where the scan has ended; a page that is full ends at its last row. */
function pageOf(listing: Listing, rows: readonly Row[], limit: number, next: string | null): Page {
  const page = rows.slice(0, limit);
  const places = page.map((row) => placeOf(listing, row));
  return { rows: page.map(toRecord), places, next: rows.length > limit ? (places.at(-1) ?? null) : next };
}
