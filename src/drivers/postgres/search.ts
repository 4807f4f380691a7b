import { type JobRecord, type JobWhere, type ListQuery, MAX_SCAN, type Page } from "../../storage/index.ts";
import { cursorOf, parseCursor, startOf } from "./list-cursor.ts";
import { type Cursor, type Order, ordersOf } from "./list-orders.ts";
import { type Columns, cutValues, toRecord } from "./row.ts";
import { SEARCHES } from "./search-statements.ts";
import type { Session } from "./statements.ts";

type Looked = [...Columns, place: number, matches: boolean];
const PLACE = 25;
const MATCHES = 26;

interface Part {
  /** More than there is room for when the page is full. */
  readonly matches: readonly JobRecord[];
  /** Of the last row that was looked at, from 1; 0 when there was none. */
  readonly lastPlace: number;
  /** The row at which the scan had to end. */
  readonly end: JobRecord | undefined;
}

type Search = ListQuery & { readonly where: JobWhere };

/** Looks at `scan` rows in the order of the list and answers those that match; where the scan ends the next page begins. */
export async function search(session: Session, query: Search): Promise<Page> {
  const conditions = valuesOf(query.where);
  if (conditions === undefined) return { rows: [], places: [], next: null };
  const values = [...conditions, ...cutValues(query.cut)];
  const orders = ordersOf(query.state, query.where.hold);
  const start = parseCursor(query.after, orders);
  const rows: JobRecord[] = [];
  const places: string[] = [];
  let left = Math.max(Math.min(query.scan ?? MAX_SCAN, MAX_SCAN), 1);
  for (const [part, order] of orders.entries()) {
    if (part < start.part) continue;
    if (left === 0) return { rows, places, next: startOf(part) };
    const from = part === start.part ? start.values : [];
    const room = query.limit - rows.length;
    const { matches, lastPlace, end } = await look(session, order, from, values, left, room);
    rows.push(...matches.slice(0, room));
    places.push(...matches.slice(0, room).map((job) => cursorOf(part, order, job)));
    // Full when this list began: its last row stands in the list before.
    if (room === 0 && matches.length > 0) return { rows, places, next: startOf(part) };
    if (matches.length > room) return { rows, places, next: places.at(-1) ?? null };
    if (end !== undefined) return { rows, places, next: cursorOf(part, order, end) };
    left -= lastPlace;
  }
  return { rows, places, next: null };
}

async function look(
  session: Session,
  order: Order,
  from: Cursor,
  values: readonly unknown[],
  scan: number,
  room: number,
): Promise<Part> {
  const searching = SEARCHES.get(order);
  if (searching === undefined) return { matches: [], lastPlace: 0, end: undefined };
  // As many matches as there is room for, and the two rows where the scan ends.
  const bound = [scan + 1, room + 2, ...values, ...from];
  const rows = await session.run<Looked>(from.length === 0 ? searching.first : searching.next, bound);
  const lastPlace = rows.at(-1)?.[PLACE] ?? 0;
  const end = lastPlace > scan ? rows.find((row) => row[PLACE] === scan) : undefined;
  return {
    matches: rows.filter((row) => row[MATCHES] && row[PLACE] <= scan).map(toRecord),
    lastPlace,
    end: end === undefined ? undefined : toRecord(end),
  };
}

/** In the order of the parameters; undefined where a text has a zero character, which no stored one has. */
function valuesOf({ name, queue, tag, since, before, args, entry }: JobWhere): unknown[] | undefined {
  if ([name, queue, args, entry].some((text) => text?.includes("\u0000"))) return undefined;
  const lowered = [args, entry].map((text) => (text === undefined ? null : lower(text)));
  const element = tag === undefined ? null : JSON.stringify(tag);
  return [name ?? null, queue ?? null, element, since ?? null, before ?? null, ...lowered];
}

/** As the "C" collation does it: ASCII letters and no others. */
function lower(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
