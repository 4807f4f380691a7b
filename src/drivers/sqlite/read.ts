import {
  type EndedJob,
  isAtRest,
  JOB_STATES,
  type JobRecord,
  type JobState,
  type ListQuery,
  type Page,
  type StateCounts,
} from "../../storage/index.ts";
import { STATE, toState } from "../shared/state-codes.ts";
import { idBytes } from "./id.ts";
import { COLUMNS, type Row, text, toRecord } from "./row.ts";
import type { Statements } from "./statements.ts";

export function get(sql: Statements, ids: readonly string[]): JobRecord[] {
  return ids.flatMap((id) => {
    const row = sql.first(`SELECT ${COLUMNS} FROM firelater_job WHERE id = ?`, idBytes(id));
    return row === undefined ? [] : [toRecord(row)];
  });
}

const WATCH = `SELECT state, CASE WHEN state >= ${STATE.Succeeded} THEN entry END FROM firelater_job WHERE id = ?`;

export function watch(sql: Statements, ids: readonly string[]): EndedJob[] {
  return ids.flatMap((id): EndedJob[] => {
    const row = sql.first(WATCH, idBytes(id));
    if (row === undefined) return [{ id, state: null, entry: "" }];
    const state = toState(Number(row[0]));
    return isAtRest(state) ? [{ id, state, entry: text(row[1]) }] : [];
  });
}

/** The order of a state's list: an index has it, so a page costs its own rows and no more. */
interface Listing {
  readonly where: string;
  readonly keys: readonly string[];
  readonly direction: "ASC" | "DESC";
}

/** The state stands in the text: only then is its partial index used. */
function newestFirst(state: JobState): Listing {
  return { where: `state = ${STATE[state]}`, keys: ["state_at", "key"], direction: "DESC" };
}

const LISTINGS: Readonly<Record<JobState, Listing>> = {
  Enqueued: { where: "state = 1", keys: ["hold", "queue", "rank", "seq"], direction: "ASC" },
  Scheduled: { where: "hold = 1", keys: ["due_at", "key"], direction: "ASC" },
  // No index: live claims are few, and an index by time would cost every claim.
  Processing: { where: "state = 4", keys: ["state_at", "key"], direction: "ASC" },
  Awaiting: newestFirst("Awaiting"),
  Succeeded: newestFirst("Succeeded"),
  Failed: newestFirst("Failed"),
  Deleted: newestFirst("Deleted"),
};

export function list(sql: Statements, query: ListQuery): Page {
  const listing = LISTINGS[query.state];
  const limit = Math.min(query.limit, 1_000);
  const cursor = query.after === undefined ? [] : parseCursor(query.after, listing.keys.length);
  const rows = sql.all(pageQuery(listing, cursor.length > 0), ...cursor, limit + 1);
  const page = rows.slice(0, limit);
  return { rows: page.map(toRecord), next: rows.length > limit ? cursorOf(listing, page.at(-1)) : null };
}

function pageQuery(listing: Listing, continued: boolean): string {
  const keys = listing.keys.join(", ");
  const after = `AND (${keys}) ${listing.direction === "ASC" ? ">" : "<"} (${listing.keys.map(() => "?").join(", ")})`;
  const order = listing.keys.map((key) => `${key} ${listing.direction}`).join(", ");
  return `SELECT ${COLUMNS} FROM firelater_job WHERE ${listing.where} ${continued ? after : ""} ORDER BY ${order} LIMIT ? + 0`;
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

function cursorOf(listing: Listing, last: Row | undefined): string | null {
  return last === undefined ? null : JSON.stringify(listing.keys.map((key) => last[POSITION[key] ?? 0]));
}

/** A cursor comes from outside (a URL): anything else than what `cursorOf` makes reads as the start. */
function parseCursor(text: string, length: number): (string | number)[] {
  try {
    const values: unknown = JSON.parse(text);
    const sound = Array.isArray(values) && values.length === length;
    return sound ? values.map((value) => (typeof value === "number" ? value : String(value))) : [];
  } catch {
    return [];
  }
}

export function counts(sql: Statements): StateCounts {
  const values = new Map(
    sql.all("SELECT name, value FROM firelater_counter").map(([name, value]) => [name, value]),
  );
  const count = (state: JobState) => Number(values.get(String(STATE[state])) ?? 0);
  const [Enqueued, Scheduled, Awaiting, Processing, Succeeded, Failed, Deleted] = JOB_STATES.map(count);
  return {
    Enqueued: Enqueued ?? 0,
    Scheduled: Scheduled ?? 0,
    Awaiting: Awaiting ?? 0,
    Processing: Processing ?? 0,
    Succeeded: Succeeded ?? 0,
    Failed: Failed ?? 0,
    Deleted: Deleted ?? 0,
  };
}
