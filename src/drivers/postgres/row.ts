import type { JobRecord, JobState, RowCut } from "../../storage/index.ts";
import { STATE, toHold, toState } from "../shared/state-codes.ts";
import { toLimit } from "./limit-columns.ts";

/** Whether a job of this state stands in `job_done`. */
export function isDone(state: JobState): boolean {
  return state === "Succeeded" || state === "Failed" || state === "Deleted";
}

/** The columns that both tables have, in one order. */
export const SHARED = [
  "id",
  "seq",
  "state_at",
  "created_at",
  "due_at",
  "fence",
  "failures",
  "crashes",
  "rank",
  "state",
  "flags",
  "queue",
  "name",
  "args",
  "display_name",
  "entry",
  "history",
  "planned_at",
  "parameters",
  "tags",
  "limit_key",
  "limit_max",
  "limit_skip",
] as const;

/** The same columns of one row variable. */
export function shared(row: string): string {
  return SHARED.map((column) => `${row}.${column}`).join(", ");
}

/**
 * The same, with no more of the long texts than two parameters say, which are null for whole ones. What is not asked for
 * is not fetched from where large values are.
 */
export function cut(row: string, args: string, entry: string): string {
  const history = `CASE WHEN ${entry}::integer IS NULL THEN ${row}.history
    WHEN ${row}.state = ${STATE.Enqueued} THEN right(${row}.history, ${entry}) ELSE '' END`;
  const shorter: Readonly<Record<string, string>> = {
    args: `CASE WHEN ${args}::integer IS NULL THEN ${row}.args ELSE left(${row}.args, ${args}) END`,
    entry: `CASE WHEN ${entry}::integer IS NULL THEN ${row}.entry ELSE left(${row}.entry, ${entry}) END`,
    history,
    parameters: `CASE WHEN ${entry}::integer IS NULL THEN ${row}.parameters END`,
  };
  return SHARED.map((column) => shorter[column] ?? `${row}.${column}`).join(", ");
}

/** The values of the two parameters. */
export function cutValues(given: RowCut | undefined): [args: number | null, entry: number | null] {
  return given === undefined ? [null, null] : [Math.max(given.args, 0), Math.max(given.entry, 1)];
}

/** The columns that a move between the tables leaves as they are, at the end of SHARED. */
export function attached(row: string): string {
  return `${row}.tags, ${row}.limit_key, ${row}.limit_max, ${row}.limit_skip`;
}

/** What `toRecord` reads: the shared columns, then hold and owner. */
export type Columns = [
  id: string,
  seq: number,
  stateAt: number,
  createdAt: number,
  dueAt: number | null,
  fence: number,
  failures: number,
  crashes: number,
  rank: number,
  state: number,
  flags: number,
  queue: string,
  name: string,
  args: string,
  displayName: string | null,
  entry: string,
  history: string,
  plannedAt: number | null,
  parameters: string | null,
  tags: string | null,
  limitKey: string | null,
  limitMax: number | null,
  limitSkip: boolean | null,
  hold: number,
  owner: string | null,
];

export type Row = [...Columns, ...rest: unknown[]];

export function toRecord(row: Row): JobRecord {
  return {
    id: row[0],
    queue: row[11],
    rank: row[8],
    seq: row[1],
    state: toState(row[9]),
    stateAt: row[2],
    entry: row[15],
    hold: toHold(row[23]),
    createdAt: row[3],
    dueAt: row[4],
    name: row[12],
    args: row[13],
    displayName: row[14],
    failures: row[6],
    crashes: row[7],
    fence: row[5],
    owner: row[24],
    flags: row[10],
    history: row[16],
    plannedAt: row[17],
    parameters: row[18],
    tags: toTags(row[19]),
    limit: toLimit(row[20], row[21], row[22]),
  };
}

export function toTags(text: string | null): string[] {
  const tags: unknown = text === null ? [] : JSON.parse(text);
  return Array.isArray(tags) ? tags.map(String) : [];
}
