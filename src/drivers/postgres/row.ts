import type { ClaimedJob, JobRecord, JobState } from "../../storage/index.ts";
import { NOT_KEPT_YET } from "../shared/not-kept-yet.ts";
import { toHold, toState } from "../shared/state-codes.ts";

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
] as const;

/** The same columns of one row variable. */
export function shared(row: string): string {
  return SHARED.map((column) => `${row}.${column}`).join(", ");
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
    hold: toHold(row[18]),
    createdAt: row[3],
    dueAt: row[4],
    name: row[12],
    args: row[13],
    displayName: row[14],
    failures: row[6],
    crashes: row[7],
    fence: row[5],
    owner: row[19],
    flags: row[10],
    history: row[16],
    plannedAt: row[17],
    ...NOT_KEPT_YET,
  };
}

export function toClaimed(row: Row, blamed: boolean): ClaimedJob {
  return { ...toRecord(row), blamed };
}
