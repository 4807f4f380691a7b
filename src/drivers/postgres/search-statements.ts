import { ALL_ORDERS, inOrder, type Order, type Range, sorted } from "./list-orders.ts";
import { cut, shared } from "./row.ts";
import type { Statement } from "./statements.ts";

/** The parameters before it are bounds, conditions, and how much of the texts is wanted. */
const FIRST_OF_POSITION = 12;
const TIMES = { since: "$6", before: "$7" };

/** "C": letters of ASCII alone change, and a part is found byte by byte. */
const contains = (column: string, part: string) =>
  `strpos(lower(j.${column} COLLATE "C"), ${part}::text) > 0`;

/**
 * Tags are JSON as they were written, and so is the one that is looked for: an element is compared as a text of JSON,
 * which may hold an escaped zero character. Rows without the text are passed over before anything is parsed.
 */
const TAGGED = `strpos(j.tags COLLATE "C", $5::text) > 0
  AND EXISTS (SELECT FROM json_array_elements(j.tags::json) e(tag) WHERE e.tag::text = $5::text)`;

const CONDITIONS = [
  "($3::text IS NULL OR j.name = $3)",
  "($4::text IS NULL OR j.queue = $4)",
  `($5::text IS NULL OR coalesce(${TAGGED}, false))`,
  "($6::bigint IS NULL OR j.state_at >= $6)",
  "($7::bigint IS NULL OR j.state_at < $7)",
  `($8::text IS NULL OR ${contains("args", "$8")})`,
  `($9::text IS NULL OR ${contains("entry", "$9")})`,
].join(" AND ");

/**
 * The rows stream by in the order of the index, $1 at most: one more than are to be looked at. Answered are $2 of those
 * that match, the last one of all, and the last one that may be looked at.
 */
function searching(order: Order, range: Range): Statement {
  return {
    name: `search-${order.name}${range.place === undefined ? "" : "-next"}`,
    text: (t) => `
  SELECT ${cut("j", "$10", "$11")}, j.hold, j.owner, j.place, ${CONDITIONS} AS matches FROM (
    SELECT l.*, row_number() OVER () AS place, lead(true) OVER () IS NULL AS is_last FROM (
      ${inOrder(order, t, `${shared("j")}, ${order.rest}`, range)}
    ) l ORDER BY ${sorted(order, "l")}
  ) j
  WHERE j.is_last OR j.place >= $1::bigint - 1 OR (${CONDITIONS})
  ORDER BY ${sorted(order, "j")} LIMIT $2`,
  };
}

interface Searching {
  readonly first: Statement;
  readonly next: Statement;
}

export const SEARCHES: ReadonlyMap<Order, Searching> = new Map(
  ALL_ORDERS.map((order) => [
    order,
    {
      first: searching(order, { times: TIMES }),
      next: searching(order, { times: TIMES, place: FIRST_OF_POSITION }),
    },
  ]),
);
