import type { JobRecord, JobState, ListQuery, Page } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { type Row, shared, toRecord } from "./row.ts";
import type { Tables } from "./schema.ts";
import type { Session, Statement } from "./statements.ts";

const LONGEST_PAGE = 1_000;

interface Listing {
  readonly first: Statement;
  readonly next: Statement;
  /** What of the last row tells where the next page begins. */
  readonly cursor: (job: JobRecord) => Cursor;
}

type Cursor = readonly (string | number)[];

/** The order of a list: an index has it, so a page costs its own rows and no more. */
interface Order {
  readonly name: string;
  readonly table: (t: Tables) => string;
  readonly rest: string;
  readonly where: string;
  readonly keys: readonly (readonly [column: string, type: string])[];
  readonly direction: "ASC" | "DESC";
}

function listing(order: Order, cursor: (job: JobRecord) => Cursor): Listing {
  const { name, table, rest, where, keys, direction } = order;
  const columns = keys.map(([column]) => `j.${column}`).join(", ");
  const sorted = keys.map(([column]) => `j.${column} ${direction}`).join(", ");
  const values = keys.map(([, type], nth) => `$${nth + 2}::${type}`).join(", ");
  const page = (t: Tables, after: string) => `
  SELECT ${shared("j")}, ${rest} FROM ${table(t)} j WHERE ${where} ${after} ORDER BY ${sorted} LIMIT $1`;
  return {
    first: { name: `list-${name}`, text: (t) => page(t, "") },
    next: {
      name: `list-${name}-next`,
      text: (t) => page(t, `AND (${columns}) ${direction === "ASC" ? ">" : "<"} (${values})`),
    },
    cursor,
  };
}

const BY_TIME = [
  ["state_at", "bigint"],
  ["seq", "bigint"],
] as const;
const time = ({ stateAt, seq }: JobRecord): Cursor => [stateAt, seq];

const hot = (name: string, where: string, keys: Order["keys"], direction: Order["direction"]): Order => ({
  name,
  table: (t) => t.job,
  rest: "j.hold, j.owner",
  where,
  keys,
  direction,
});

const cold = (state: "Succeeded" | "Failed" | "Deleted"): Listing =>
  listing(
    {
      name: state.toLowerCase(),
      table: (t) => t.jobDone,
      rest: "0, NULL",
      where: `j.state = ${STATE[state]}`,
      keys: BY_TIME,
      direction: "DESC",
    },
    time,
  );

const PLACE = [
  ["queue", "text"],
  ["rank", "smallint"],
  ["seq", "bigint"],
] as const;

/** Each state's list; Enqueued is two, one behind the other: as it will be claimed, then what stands aside. */
const LISTINGS: Readonly<Record<JobState, readonly Listing[]>> = {
  Enqueued: [
    listing(hot("ready", `j.state = ${STATE.Enqueued} AND j.hold = ${HOLD.none}`, PLACE, "ASC"), (job) => [
      job.queue,
      job.rank,
      job.seq,
    ]),
    listing(
      hot("aside", `j.hold IN (${HOLD.unknown}, ${HOLD.limit})`, [["hold", "smallint"], ...PLACE], "ASC"),
      (job) => [job.hold === "limit" ? HOLD.limit : HOLD.unknown, job.queue, job.rank, job.seq],
    ),
  ],
  Scheduled: [
    listing(
      hot(
        "scheduled",
        `j.hold = ${HOLD.due}`,
        [
          ["due_at", "bigint"],
          ["seq", "bigint"],
        ],
        "ASC",
      ),
      (job) => [job.dueAt ?? 0, job.seq],
    ),
  ],
  // No index of its own: live claims are few, and an index by time would cost every claim.
  Processing: [listing(hot("processing", `j.state = ${STATE.Processing}`, BY_TIME, "ASC"), time)],
  Awaiting: [listing(hot("awaiting", `j.state = ${STATE.Awaiting}`, BY_TIME, "DESC"), time)],
  Succeeded: [cold("Succeeded")],
  Failed: [cold("Failed")],
  Deleted: [cold("Deleted")],
};

export function list(session: Session, query: ListQuery): Promise<Page> {
  const limit = Math.min(query.limit, LONGEST_PAGE);
  const listings = LISTINGS[query.state];
  return session.attempt("list jobs", async () => {
    const rows: { readonly part: number; readonly job: JobRecord }[] = [];
    const start = parseCursor(query.after);
    for (let part = start.part; part < listings.length && rows.length <= limit; part++) {
      const values = part === start.part ? start.values : [];
      const found = await pageOf(session, listings[part], values, limit + 1 - rows.length);
      rows.push(...found.map((job) => ({ part, job })));
    }
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    const next = last === undefined ? null : cursorOf(last.part, listings[last.part], last.job);
    return { rows: rows.slice(0, limit).map(({ job }) => job), next };
  });
}

async function pageOf(
  session: Session,
  of: Listing | undefined,
  values: Cursor,
  limit: number,
): Promise<JobRecord[]> {
  if (of === undefined) return [];
  const [statement, bound] = values.length === 0 ? [of.first, [limit]] : [of.next, [limit, ...values]];
  return (await session.run<Row>(statement, bound)).map(toRecord);
}

function cursorOf(part: number, of: Listing | undefined, job: JobRecord): string | null {
  return of === undefined ? null : JSON.stringify([part, ...of.cursor(job)]);
}

/** A cursor comes from outside (a URL): anything else than what `cursorOf` makes reads as the start. */
function parseCursor(text: string | undefined): { readonly part: number; readonly values: Cursor } {
  const start = { part: 0, values: [] };
  if (text === undefined) return start;
  try {
    const given: unknown = JSON.parse(text);
    if (!Array.isArray(given)) return start;
    const [part, ...values]: unknown[] = given;
    const isSound = values.every((value) => typeof value === "string" || Number.isSafeInteger(value));
    return typeof part === "number" && isSound ? { part, values: values.map(toKey) } : start;
  } catch {
    return start;
  }
}

function toKey(value: unknown): string | number {
  return typeof value === "number" ? value : String(value);
}
