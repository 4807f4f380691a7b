import { type JobRecord, type ListQuery, mayHold, type Page } from "../../storage/index.ts";
import { cursorOf, parseCursor } from "./list-cursor.ts";
import { ALL_ORDERS, type Cursor, inOrder, type Order, ordersOf, type Range } from "./list-orders.ts";
import { cut, cutValues, type Row, toRecord } from "./row.ts";
import { search } from "./search.ts";
import type { Session, Statement } from "./statements.ts";

const LONGEST_PAGE = 1_000;
/** The parameters before it are the count of rows, and how much of the texts is wanted. */
const FIRST_OF_PLACE = 4;

interface Listing {
  readonly first: Statement;
  readonly next: Statement;
}

function listing(order: Order, name: string, range: Range): Statement {
  return { name, text: (t) => inOrder(order, t, `${cut("j", "$2", "$3")}, ${order.rest}`, range) };
}

const LISTINGS: ReadonlyMap<Order, Listing> = new Map(
  ALL_ORDERS.map((order) => [
    order,
    {
      first: listing(order, `list-${order.name}`, {}),
      next: listing(order, `list-${order.name}-next`, { place: FIRST_OF_PLACE }),
    },
  ]),
);

export async function list(session: Session, query: ListQuery): Promise<Page> {
  const limit = Math.max(1, Math.min(query.limit, LONGEST_PAGE));
  const { where, state } = query;
  if (where?.hold !== undefined && !mayHold(state, where.hold)) return { rows: [], places: [], next: null };
  return await session.attempt("list jobs", () =>
    where === undefined ? plainPage(session, query, limit) : search(session, { ...query, limit, where }),
  );
}

async function plainPage(session: Session, query: ListQuery, limit: number): Promise<Page> {
  const rows: JobRecord[] = [];
  const places: string[] = [];
  const orders = ordersOf(query.state);
  const start = parseCursor(query.after, orders);
  for (const [part, order] of orders.entries()) {
    if (part < start.part || rows.length > limit) continue;
    const values = part === start.part ? start.values : [];
    const found = await pageOf(session, order, values, [limit + 1 - rows.length, ...cutValues(query.cut)]);
    rows.push(...found);
    places.push(...found.map((job) => cursorOf(part, order, job)));
  }
  const next = rows.length > limit ? (places[limit - 1] ?? null) : null;
  return { rows: rows.slice(0, limit), places: places.slice(0, limit), next };
}

async function pageOf(
  session: Session,
  order: Order,
  place: Cursor,
  bounds: readonly (number | null)[],
): Promise<JobRecord[]> {
  const statements = LISTINGS.get(order);
  if (statements === undefined) return [];
  const [statement, values] =
    place.length === 0 ? [statements.first, bounds] : [statements.next, [...bounds, ...place]];
  return (await session.run<Row>(statement, values)).map(toRecord);
}
