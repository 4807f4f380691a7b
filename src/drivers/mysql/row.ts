import type { ClaimedJob, JobLimit, JobRecord, RowCut } from "../../storage/index.ts";
import { STATE, toHold, toState } from "../shared/state-codes.ts";
import { idText } from "./id.ts";
import type { Row } from "./statements.ts";

/** The columns of a record, in the order in which `toRecord` reads them. */
export const COLUMNS = `id, queue, job_rank, seq, state, state_at, entry, hold, created_at, due_at, name, args, display_name,
  failures, crashes, fence, owner, flags, history, planned_at, parameters, tags, limit_key, limit_max, limit_skip`;

const CUT_COLUMNS = COLUMNS.replace(" entry,", " LEFT(entry, ?),")
  .replace(" args,", " LEFT(args, ?),")
  .replace(" history,", ` IF(state = ${STATE.Enqueued}, RIGHT(history, ?), ''),`)
  .replace(" parameters,", " NULL,");

/** The columns with no more of the long texts than is asked for, and the values of their placeholders. */
export function columnsOf(cut: RowCut | undefined): {
  readonly text: string;
  readonly values: readonly number[];
} {
  if (cut === undefined) return { text: COLUMNS, values: [] };
  const entry = Math.max(cut.entry, 1);
  return { text: CUT_COLUMNS, values: [entry, Math.max(cut.args, 0), entry] };
}

export function toRecord(row: Row): JobRecord {
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
    dueAt: numberOrNull(row[9]),
    name: text(row[10]),
    args: text(row[11]),
    displayName: textOrNull(row[12]),
    failures: Number(row[13]),
    crashes: Number(row[14]),
    fence: Number(row[15]),
    owner: textOrNull(row[16]),
    flags: Number(row[17]),
    history: text(row[18]),
    plannedAt: numberOrNull(row[19]),
    parameters: textOrNull(row[20]),
    tags: toTags(row[21]),
    limit: toLimit(row[22], row[23], row[24]),
  };
}

/** The record of a row that was read just before the claim wrote it. */
export function toClaimed(
  row: Row,
  claim: { now: number; entry: string; owner: string },
  blamed: boolean,
): ClaimedJob {
  const record = toRecord(row);
  return {
    ...record,
    state: "Processing",
    stateAt: claim.now,
    entry: claim.entry,
    hold: null,
    owner: claim.owner,
    fence: record.fence + 1,
    blamed,
  };
}

/** A limit from its columns: null for a job that has none. */
export function toLimit(key: unknown, max: unknown, skip: unknown): JobLimit | null {
  if (typeof key !== "string") return null;
  return { key, max: Number(max), whenFull: Number(skip) === 1 ? "skip" : "wait" };
}

const NO_TAGS: readonly string[] = Object.freeze([]);

function toTags(value: unknown): readonly string[] {
  return typeof value === "string" ? JSON.parse(value) : NO_TAGS;
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : String(value);
}

export function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : text(value);
}

export function numberOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}
