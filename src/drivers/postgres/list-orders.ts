import type { JobRecord, JobState } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { shared } from "./row.ts";
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

/** The first $1 rows, or those after a position whose values are the parameters from `after` on. */
export function inOrder(order: Order, t: Tables, after?: number): string {
  const { table, rest, where, keys, direction } = order;
  const columns = keys.map(([column]) => `j.${column}`).join(", ");
  const values = keys.map(([, type], nth) => `$${nth + (after ?? 0)}::${type}`).join(", ");
  const beyond = after === undefined ? "" : `AND (${columns}) ${direction === "ASC" ? ">" : "<"} (${values})`;
  return `
  SELECT ${shared("j")}, ${rest} FROM ${table(t)} j WHERE ${where} ${beyond} ORDER BY ${sorted(order, "j")} LIMIT $1`;
}

export function sorted({ keys, direction }: Order, row: string): string {
  return keys.map(([column]) => `${row}.${column} ${direction}`).join(", ");
}

const BY_TIME = [
  ["state_at", "bigint"],
  ["seq", "bigint"],
] as const;
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

const PLACE = [
  ["queue", "text"],
  ["rank", "smallint"],
  ["seq", "bigint"],
] as const;
const place = ({ queue, rank, seq }: JobRecord): Cursor => [queue, rank, seq];

/** Each state's list; Enqueued is two, one behind the other: as it will be claimed, then what stands aside. */
export const ORDERS: Readonly<Record<JobState, readonly Order[]>> = {
  Enqueued: [
    hot("ready", `j.state = ${STATE.Enqueued} AND j.hold = ${HOLD.none}`, PLACE, "ASC", place),
    hot(
      "aside",
      `j.hold IN (${HOLD.unknown}, ${HOLD.limit})`,
      [["hold", "smallint"], ...PLACE],
      "ASC",
      (job) => [job.hold === "limit" ? HOLD.limit : HOLD.unknown, ...place(job)],
    ),
  ],
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
