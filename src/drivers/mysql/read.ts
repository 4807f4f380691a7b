import {
  type EndedJob,
  isAtRest,
  type JobRecord,
  type JobState,
  type ListQuery,
  type Page,
} from "../../storage/index.ts";
import { HOLD, STATE, toState } from "../shared/state-codes.ts";
import { bytes, idBytes } from "./id.ts";
import { keyOf } from "./locked-row.ts";
import { COLUMNS, text, toRecord } from "./row.ts";
import { chunks, type Row, type SqlValue, type Statements } from "./statements.ts";

export async function get(sql: Statements, ids: readonly string[]): Promise<JobRecord[]> {
  const found = new Map<string, JobRecord>();
  for (const some of chunks(ids.map(idBytes))) {
    const rows = await sql.all(
      `SELECT ${COLUMNS} FROM firelater_job FORCE INDEX (PRIMARY) WHERE id IN (?)`,
      some,
    );
    for (const record of rows.map(toRecord)) found.set(record.id, record);
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}

export async function watch(sql: Statements, ids: readonly string[]): Promise<EndedJob[]> {
  const found = new Map<string, Row>();
  for (const some of chunks(ids.map(idBytes))) {
    const rows = await sql.all(
      `SELECT id, state, IF(state >= ${STATE.Succeeded}, entry, NULL) FROM firelater_job FORCE INDEX (PRIMARY)
       WHERE id IN (?)`,
      some,
    );
    for (const row of rows) found.set(keyOf(bytes(row[0])), row);
  }
  return ids.flatMap((id): EndedJob[] => {
    const row = found.get(keyOf(idBytes(id)));
    if (row === undefined) return [{ id, state: null, entry: "" }];
    const state = toState(Number(row[1]));
    return isAtRest(state) ? [{ id, state, entry: text(row[2]) }] : [];
  });
}

/** The order of a state's list: an index has it, so a page costs its own rows and no more. */
interface Listing {
  readonly index: string;
  readonly where: string;
  readonly keys: readonly string[];
  readonly direction: "ASC" | "DESC";
}

function byTime(state: JobState, direction: Listing["direction"]): Listing {
  return { index: "by_state", where: `state = ${STATE[state]}`, keys: ["state_at", "id"], direction };
}

const LISTINGS: Readonly<Record<JobState, Listing>> = {
  Enqueued: {
    index: "enqueued",
    where: `state = ${STATE.Enqueued}`,
    keys: ["hold", "queue", "job_rank", "seq"],
    direction: "ASC",
  },
  Scheduled: { index: "due", where: `hold = ${HOLD.due}`, keys: ["due_at", "seq"], direction: "ASC" },
  Processing: byTime("Processing", "ASC"),
  Awaiting: byTime("Awaiting", "DESC"),
  Succeeded: byTime("Succeeded", "DESC"),
  Failed: byTime("Failed", "DESC"),
  Deleted: byTime("Deleted", "DESC"),
};

export async function list(sql: Statements, query: ListQuery): Promise<Page> {
  const listing = LISTINGS[query.state];
  const limit = Math.min(query.limit, 1_000);
  const cursor = query.after === undefined ? [] : parseCursor(query.after, listing);
  const [text, values] = pageQuery(listing, cursor);
  const rows = await sql.all(text, ...values, limit + 1);
  const page = rows.slice(0, limit);
  return { rows: page.map(toRecord), next: rows.length > limit ? cursorOf(listing, page.at(-1)) : null };
}

export function pageQuery(listing: Listing, cursor: readonly SqlValue[]): [sql: string, values: SqlValue[]] {
  const { index, where, keys, direction } = listing;
  const [after, values] = cursor.length === 0 ? ["", []] : afterCursor(keys, cursor, direction);
  const order = keys.map((key) => `${key} ${direction}`).join(", ");
  const sql = `SELECT ${COLUMNS} FROM firelater_job FORCE INDEX (${index}) WHERE ${where} ${after} ORDER BY ${order} LIMIT ?`;
  return [sql, values];
}

/** Spelt out: a comparison of rows is no range of an index here, an alternative of ranges is. */
function afterCursor(
  keys: readonly string[],
  cursor: readonly SqlValue[],
  direction: Listing["direction"],
): [sql: string, values: SqlValue[]] {
  const beyond = direction === "ASC" ? ">" : "<";
  const values: SqlValue[] = [];
  const ranges = keys.map((key, nth) => {
    values.push(...cursor.slice(0, nth + 1));
    return [...keys.slice(0, nth).map((before) => `${before} = ?`), `${key} ${beyond} ?`].join(" AND ");
  });
  return [`AND (${ranges.map((range) => `(${range})`).join(" OR ")})`, values];
}

const POSITION: Readonly<Record<string, number>> = {
  id: 0,
  queue: 1,
  job_rank: 2,
  seq: 3,
  state_at: 5,
  hold: 7,
  due_at: 9,
};

function cursorOf({ keys }: Listing, last: Row | undefined): string | null {
  if (last === undefined) return null;
  return JSON.stringify(
    keys.map((key) => {
      const value = last[POSITION[key] ?? 0];
      return Buffer.isBuffer(value) ? value.toString("hex") : value;
    }),
  );
}

/** A cursor comes from outside (a URL): anything else than what `cursorOf` makes reads as the start. */
function parseCursor(given: string, { keys }: Listing): SqlValue[] {
  try {
    const values: unknown = JSON.parse(given);
    if (!Array.isArray(values) || values.length !== keys.length) return [];
    return values.map((value, nth) => {
      if (keys[nth] === "id") return Buffer.from(String(value), "hex");
      return keys[nth] === "queue" ? String(value) : numberOf(value);
    });
  } catch {
    return [];
  }
}

function numberOf(value: unknown): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new TypeError("no number");
  return value;
}
