import type { ClaimedJob, JobRecord, RowCut } from "../../storage/index.ts";
import { STATE, toHold, toState } from "../shared/state-codes.ts";
import { toAttached } from "./attached.ts";
import { idText } from "./id.ts";
import type { SqlValue } from "./statements.ts";

/** The columns of a record, in the order in which `toRecord` reads them. */
export const COLUMNS = `id, queue, rank, seq, state, state_at, entry, hold, created_at, due_at, name, args, display_name,
  failures, crashes, fence, owner, flags, history, planned_at, blamed, key, parameters, attached`;

export type Row = readonly SqlValue[];

const CUT_COLUMNS = COLUMNS.replace(" entry,", " substr(entry, 1, ?),")
  .replace(" args,", " substr(args, 1, ?),")
  .replace(" history,", ` CASE state WHEN ${STATE.Enqueued} THEN substr(history, ?) ELSE '' END,`)
  .replace(" parameters,", " NULL,");

/** The columns with no more of the long texts than is asked for, and the values of their placeholders. */
export function columnsOf(cut: RowCut | undefined): {
  readonly text: string;
  readonly values: readonly number[];
} {
  if (cut === undefined) return { text: COLUMNS, values: [] };
  const entry = Math.max(cut.entry, 1);
  return { text: CUT_COLUMNS, values: [entry, Math.max(cut.args, 0), -entry] };
}

export function toRecord(row: Row): JobRecord {
  const { limit, tags } = toAttached(row[23]);
  return {
    id: idText(row[0]),
    queue: text(row[1]),
    rank: Number(row[2]),
    seq: Number(row[3]),
    state: toState(Number(row[4])),
    stateAt: Number(row[5]),
    entry: text(row[6]),
    hold: toHold(Number(row[7])),
    createdAt: Number(row[8]),
    dueAt: time(row[9]),
    name: text(row[10]),
    args: text(row[11]),
    displayName: textOrNull(row[12]),
    failures: Number(row[13]),
    crashes: Number(row[14]),
    fence: Number(row[15]),
    owner: textOrNull(row[16]),
    flags: Number(row[17]),
    history: text(row[18]),
    plannedAt: time(row[19]),
    parameters: textOrNull(row[22]),
    tags,
    limit,
  };
}

/** What a claim reads: the columns that it writes itself are known. */
export const CLAIM_COLUMNS = `id, queue, rank, seq, created_at, due_at, name, args, display_name, failures, crashes, fence,
  flags, history, planned_at, key, parameters, attached`;
/** Places among CLAIM_COLUMNS. */
export const RANK = 2;
export const SEQ = 3;
export const CRASHES = 10;
export const FLAGS = 12;
export const KEY = 15;

/** The record of a claimed row, which was read just before the claim wrote it. */
export function toClaimed(
  row: Row,
  claim: { now: number; entry: string; owner: string },
  blamed: boolean,
): ClaimedJob {
  const { limit, tags } = toAttached(row[17]);
  return {
    id: idText(row[0]),
    queue: text(row[1]),
    rank: Number(row[2]),
    seq: Number(row[3]),
    state: "Processing",
    stateAt: claim.now,
    entry: claim.entry,
    hold: null,
    createdAt: Number(row[4]),
    dueAt: time(row[5]),
    name: text(row[6]),
    args: text(row[7]),
    displayName: row[8] === null ? null : text(row[8]),
    failures: Number(row[9]),
    crashes: Number(row[CRASHES]),
    fence: Number(row[11]) + 1,
    owner: claim.owner,
    flags: Number(row[FLAGS]),
    history: text(row[13]),
    plannedAt: time(row[14]),
    parameters: textOrNull(row[16]),
    tags,
    limit,
    blamed,
  };
}

export function textOrNull(value: SqlValue | undefined): string | null {
  return value === null ? null : text(value);
}

export function time(value: SqlValue | undefined): number | null {
  return typeof value === "number" ? value : null;
}

export function text(value: SqlValue | undefined): string {
  return typeof value === "string" ? value : String(value);
}
