import type { Hold, JobRecord, JobState } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import type { Tables } from "./schema.ts";

/** Where a page begins: what of a job tells its place. */
export type Cursor = readonly (string | number)[];

/** The order of a list: an index has it, so a page costs its own rows and no more. */
export interface Order {
  readonly name: string;
  readonly table: (t: Tables) => string;
  readonly rest: string;
  readonly where: string;
  readonly keys: readonly (readonly [column: string, type: string])[];
  readonly direction: "ASC" | "DESC";
  /** What of the last row tells where the next page begins. */
  readonly cursor: (job: JobRecord) => Cursor;
}

/** Parameters of the times that a search wants. */
interface Times {
  readonly since: string;
  readonly before: string;
}

/** What is sent beside the count of rows: from the start, or from behind a place. */
export interface Range {
  /** The first of the parameters that tell the place. */
  readonly place?: number;
  /** A list that goes by time is walked only where the wanted times are. */
  readonly times?: Times;
}

/** The first $1 rows of a range, with these columns. */
export function inOrder(order: Order, t: Tables, columns: string, { place, times }: Range): string {
  const { table, where } = order;
  const beyond = place === undefined ? "" : `AND ${behind(order, place)}`;
  const between = times === undefined || order.keys !== BY_TIME ? "" : within(times, place === undefined);
  return `
  SELECT ${columns} FROM ${table(t)} j WHERE ${where} ${between} ${beyond} ORDER BY ${sorted(order, "j")} LIMIT $1`;
}

function behind({ keys, direction }: Order, place: number): string {
  const columns = keys.map(([column]) => `j.${column}`).join(", ");
  const values = keys.map(([, type], nth) => `$${nth + place}::${type}`).join(", ");
  return `(${columns}) ${direction === "ASC" ? ">" : "<"} (${values})`;
}

/** Of two bounds on one side an index scan starts at one and filters by the other: a place is never the further one. */
function within({ since, before }: Times, fromStart: boolean): string {
  const upper = fromStart ? `AND j.state_at < coalesce(${before}::bigint, 9223372036854775807)` : "";
  return `AND j.state_at >= coalesce(${since}::bigint, 0) ${upper}`;
}

export function sorted({ keys, direction }: Order, row: string): string {
  return keys.map(([column]) => `${row}.${column} ${direction}`).join(", ");
}

const BY_TIME: Order["keys"] = [
  ["state_at", "bigint"],
  ["seq", "bigint"],
];
const time = ({ stateAt, seq }: JobRecord): Cursor => [stateAt, seq];

const hot = (
  name: string,
  where: string,
  keys: Order["keys"],
  direction: Order["direction"],
  cursor: Order["cursor"],
): Order => ({ name, table: (t) => t.job, rest: "j.hold, j.owner", where, keys, direction, cursor });

const cold = (state: "Succeeded" | "Failed" | "Deleted"): Order => ({
  name: state.toLowerCase(),
  table: (t) => t.jobDone,
  rest: "0 AS hold, NULL::text AS owner",
  where: `j.state = ${STATE[state]}`,
  keys: BY_TIME,
  direction: "DESC",
  cursor: time,
});

const PLACE: Order["keys"] = [
  ["queue", "text"],
  ["rank", "smallint"],
  ["seq", "bigint"],
];
const place = ({ queue, rank, seq }: JobRecord): Cursor => [queue, rank, seq];
const READY = hot("ready", `j.state = ${STATE.Enqueued} AND j.hold = ${HOLD.none}`, PLACE, "ASC", place);
const ASIDE = hot(
  "aside",
  `j.hold IN (${HOLD.unknown}, ${HOLD.limit})`,
  [["hold", "smallint"], ...PLACE],
  "ASC",
  (job) => [job.hold === "limit" ? HOLD.limit : HOLD.unknown, ...place(job)],
);
const PARKED = hot("parked", `j.hold = ${HOLD.unknown}`, PLACE, "ASC", place);
const WAITING = hot("waiting", `j.hold = ${HOLD.limit}`, PLACE, "ASC", place);

/** Each state's list; Enqueued is two, one behind the other: as it will be claimed, then what stands aside. */
const ORDERS: Readonly<Record<JobState, readonly Order[]>> = {
  Enqueued: [READY, ASIDE],
  Scheduled: [
    hot(
      "scheduled",
      `j.hold = ${HOLD.due}`,
      [
        ["due_at", "bigint"],
        ["seq", "bigint"],
      ],
      "ASC",
      (job) => [job.dueAt ?? 0, job.seq],
    ),
  ],
  // No index of its own: live claims are few, and an index by time would cost every claim.
  Processing: [hot("processing", `j.state = ${STATE.Processing}`, BY_TIME, "ASC", time)],
  Awaiting: [hot("awaiting", `j.state = ${STATE.Awaiting}`, BY_TIME, "DESC", time)],
  Succeeded: [cold("Succeeded")],
  Failed: [cold("Failed")],
  Deleted: [cold("Deleted")],
};

/** With a hold: of Enqueued those alone. Every other state has one hold only. */
export function ordersOf(state: JobState, hold?: Hold | null): readonly Order[] {
  if (state !== "Enqueued" || hold === undefined) return ORDERS[state];
  return hold === null ? [READY] : [hold === "limit" ? WAITING : PARKED];
}

export const ALL_ORDERS: readonly Order[] = [...Object.values(ORDERS).flat(), PARKED, WAITING];
