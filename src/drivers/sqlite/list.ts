import { type JobWhere, type ListQuery, MAX_SCAN, mayHold, type Page } from "../../storage/index.ts";
import { type Listing, listingOf, orderOf } from "./list-orders.ts";
import { columnsOf, type Row, toRecord } from "./row.ts";
import type { SqlValue, Statements } from "./statements.ts";

const LONGEST_PAGE = 1_000;
const UNBOUNDED: number = Number.MAX_SAFE_INTEGER;

/** What of a list is meant: a condition with its values. */
interface Stretch {
  readonly where: string;
  readonly values: readonly SqlValue[];
}

export function list(sql: Statements, query: ListQuery): Page {
  const { where = {}, state } = query;
  if (where.hold !== undefined && !mayHold(state, where.hold)) return { rows: [], places: [], next: null };
  const listing = listingOf(state, where.hold);
  const limit = Math.max(1, Math.min(query.limit, LONGEST_PAGE));
  const rest = stretchOf(listing, query);
  if (query.where !== undefined) return search(sql, listing, rest, { ...query, where, limit });
  const columns = columnsOf(query.cut);
  const text = `SELECT ${columns.text} ${inOrder(listing, rest)} LIMIT ? + 0`;
  const rows = sql.all(text, ...columns.values, ...rest.values, limit + 1);
  return pageOf(listing, rows, limit, null);
}

/** The jobs behind the cursor. A list by time is walked only where the wanted times are. */
function stretchOf(listing: Listing, { after, where = {} }: ListQuery): Stretch {
  const conditions: [text: string, values: readonly SqlValue[]][] = [[listing.where, []]];
  const cursor = after === undefined ? undefined : parseCursor(after, listing);
  const isByTime = listing.keys[0] === "state_at";
  if (cursor !== undefined)
    conditions.push([`${tuple(listing)} ${beyond(listing)} ${marks(listing)}`, cursor]);
  // One of two bounds on one side is sought, the other one is a filter: the cursor's is never the further one.
  else if (isByTime && where.before !== undefined) conditions.push(["state_at < ?", [where.before]]);
  if (isByTime && where.since !== undefined) conditions.push(["state_at >= ?", [where.since]]);
  return {
    where: conditions.map(([text]) => text).join(" AND "),
    values: conditions.flatMap(([, values]) => values),
  };
}

function inOrder(listing: Listing, { where }: Stretch): string {
  return `FROM firelater_job WHERE ${where} ORDER BY ${orderOf(listing)}`;
}

type Search = ListQuery & { readonly where: JobWhere };

/**
 * Looks at `scan` rows in their order and answers those that match; where the scan ends the next page begins. That place
 * is found first: whoever writes between the two looks does not move it.
 */
function search(
  sql: Statements,
  listing: Listing,
  rest: Stretch,
  { where, cut, limit, scan = MAX_SCAN }: Search,
): Page {
  const most = Math.max(1, Math.min(scan, MAX_SCAN));
  const keys = listing.keys.join(", ");
  const [last, more] = sql.all(
    `SELECT ${keys} ${inOrder(listing, rest)} LIMIT ? + 0 OFFSET ? + 0`,
    ...rest.values,
    2,
    most - 1,
  );
  const end = more === undefined ? undefined : last;
  const conditions = conditionsOf(where);
  const columns = columnsOf(cut);
  // The inner rows stream by in the order of the index, with what the conditions read and nothing else.
  const rows = sql.all(
    `SELECT ${columns.text} FROM firelater_job WHERE key IN (
       SELECT key FROM (
         SELECT key, name, queue, attached, state_at, args, entry
         ${inOrder(listing, end === undefined ? rest : upTo(listing, rest, end))} LIMIT ? + 0)
       WHERE ${conditions.map(([text]) => text).join(" AND ") || "1"} LIMIT ? + 0)
     ORDER BY ${orderOf(listing)}`,
    ...columns.values,
    ...rest.values,
    ...(end ?? []),
    // Up to the end that was found, however many have come between.
    end === undefined ? most : UNBOUNDED,
    ...conditions.flatMap(([, values]) => values),
    limit + 1,
  );
  return pageOf(listing, rows, limit, end === undefined ? null : JSON.stringify(end));
}

function upTo(listing: Listing, { where, values }: Stretch, end: readonly SqlValue[]): Stretch {
  const side = listing.direction === "ASC" ? "<=" : ">=";
  return { where: `${where} AND ${tuple(listing)} ${side} ${marks(listing)}`, values: [...values, ...end] };
}

function tuple({ keys }: Listing): string {
  return `(${keys.join(", ")})`;
}

function marks({ keys }: Listing): string {
  return `(${keys.map(() => "?").join(", ")})`;
}

function beyond({ direction }: Listing): string {
  return direction === "ASC" ? ">" : "<";
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

/** `next` is where the scan has ended; a page that is full ends at its last row. */
function pageOf(listing: Listing, rows: readonly Row[], limit: number, next: string | null): Page {
  const page = rows.slice(0, limit);
  const places = page.map((row) => placeOf(listing, row));
  return {
    rows: page.map(toRecord),
    places,
    next: rows.length > limit ? (places.at(-1) ?? null) : next,
  };
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

function placeOf({ keys }: Listing, row: Row): string {
  return JSON.stringify(keys.map((key) => row[POSITION[key] ?? 0]));
}

/** A cursor comes from outside (a URL): anything else than what `placeOf` makes reads as the start. */
function parseCursor(text: string, { keys }: Listing): (string | number)[] | undefined {
  try {
    const values: unknown = JSON.parse(text);
    if (!Array.isArray(values) || values.length !== keys.length) return undefined;
    const isSound = keys.every((key, nth) =>
      key === "queue" ? typeof values[nth] === "string" : Number.isSafeInteger(values[nth]),
    );
    return isSound ? values : undefined;
  } catch {
    return undefined;
  }
}
