import type { JobRecord, ListQuery, Page } from "../../storage/index.ts";
import { cursorOf, parseCursor, valuesIn } from "./list-cursor.ts";
import { type Cursor, inOrder, ORDERS, type Order } from "./list-orders.ts";
import { type Row, toRecord } from "./row.ts";
import { search } from "./search.ts";
import type { Session, Statement } from "./statements.ts";

const LONGEST_PAGE = 1_000;

interface Listing {
  readonly first: Statement;
  readonly next: Statement;
}

const LISTINGS: ReadonlyMap<Order, Listing> = new Map(
  Object.values(ORDERS)
    .flat()
    .map((order) => [
      order,
      {
        first: { name: `list-${order.name}`, text: (t) => inOrder(order, t) },
        next: { name: `list-${order.name}-next`, text: (t) => inOrder(order, t, 2) },
      },
    ]),
);

export function list(session: Session, query: ListQuery): Promise<Page> {
  const limit = Math.min(query.limit, LONGEST_PAGE);
  const { where } = query;
  return session.attempt("list jobs", () =>
    where === undefined ? plainPage(session, query, limit) : search(session, { ...query, limit, where }),
  );
}

async function plainPage(session: Session, query: ListQuery, limit: number): Promise<Page> {
  const rows: { readonly job: JobRecord; readonly cursor: () => string }[] = [];
  const start = parseCursor(query.after);
  for (const [part, order] of ORDERS[query.state].entries()) {
    if (part < start.part || rows.length > limit) continue;
    const values = part === start.part ? valuesIn(order, start) : [];
    const found = await pageOf(session, order, values, limit + 1 - rows.length);
    rows.push(...found.map((job) => ({ job, cursor: () => cursorOf(part, order, job) })));
  }
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { rows: rows.slice(0, limit).map(({ job }) => job), next: last?.cursor() ?? null };
}

async function pageOf(session: Session, order: Order, values: Cursor, limit: number): Promise<JobRecord[]> {
  const listing = LISTINGS.get(order);
  if (listing === undefined) return [];
  const [statement, bound] =
    values.length === 0 ? [listing.first, [limit]] : [listing.next, [limit, ...values]];
  return (await session.run<Row>(statement, bound)).map(toRecord);
}
