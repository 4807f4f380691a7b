import { type Due, FLAG, type NewJob } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { plainArray, type Texts, textArray, texts } from "./arrays.ts";
import { isThereAlready } from "./errors.ts";
import { INSERT, INSERT_ATTACHED, INSERT_READY, type Inserting } from "./insert-row-statements.ts";
import { toStored } from "./opaque.ts";
import type { Runner } from "./statements.ts";

/** How a job begins: `tails` are stamped into its history, `entry` goes to the columns. */
export interface FirstState {
  readonly state: number;
  readonly hold: number;
  readonly entry: string;
  readonly tails: string;
  readonly flags: number;
}

export interface FirstRow {
  readonly job: NewJob;
  readonly first: FirstState;
}

/** The state of a job that neither a gate nor a limit holds. */
export function plainState(job: NewJob): FirstState {
  const { due, entry } = job;
  return due === undefined
    ? { state: STATE.Enqueued, hold: HOLD.none, entry: "", tails: entry, flags: limitFlag(job) }
    : { state: STATE.Scheduled, hold: HOLD.due, entry, tails: "", flags: limitFlag(job) };
}

export function limitFlag({ limit }: NewJob): number {
  return limit === undefined ? 0 : FLAG.limited;
}

/** Rows that are put together as the statement takes them. */
export interface RowsInsert {
  readonly rows: readonly FirstRow[];
  readonly inserting: Inserting;
  readonly values: readonly unknown[];
}

export function rowsInsert(runner: Runner, rows: readonly FirstRow[]): RowsInsert {
  const [inserting, values] = written(rows);
  return { rows, inserting, values: runner.encoded(values) };
}

/** One atomic write. The ids that were stored: none of them was there before. */
export async function insertRows(
  runner: Runner,
  { rows, inserting, values }: RowsInsert,
): Promise<ReadonlySet<string>> {
  const [answer] = await runner.run<Answer>(inserting.any, values);
  const stored = new Set(answer?.[0] === rows.length ? rows.map(({ job }) => job.id) : (answer?.[1] ?? []));
  tell(
    runner,
    rows.filter(({ job }) => stored.has(job.id)),
    answer?.[2],
  );
  return stored;
}

type Answer = [stored: number, ids: string[] | null, due: number | null];

/** Whether all were stored; false: one is there all the same, and nothing was written. Only where that spoils no transaction. */
export async function insertNewRows(
  runner: Runner,
  { rows, inserting, values }: RowsInsert,
): Promise<boolean> {
  try {
    const [answer] = await runner.run<[due: number | null]>(inserting.ofNew, values);
    tell(runner, rows, answer?.[0]);
    return true;
  } catch (error) {
    if (isThereAlready(error)) return false;
    throw error;
  }
}

function tell({ news }: Runner, stored: readonly FirstRow[], due: number | null | undefined): void {
  for (const { job, first } of stored) {
    if (first.state === STATE.Enqueued && first.hold === HOLD.none) news.readied(job.queue);
  }
  if (due !== null && due !== undefined) news.at("due", due);
}

function written(rows: readonly FirstRow[]): [inserting: Inserting, values: Column[]] {
  if (rows.every(isReady)) return [INSERT_READY, readyColumns(rows)];
  const columns = [...readyColumns(rows), ...stateColumns(rows)];
  return rows.some(({ job }) => hasAttached(job))
    ? [INSERT_ATTACHED, [...columns, ...attachments(rows)]]
    : [INSERT, columns];
}

function isReady({ job, first: { state, hold, entry, flags } }: FirstRow): boolean {
  const isPlain = state === STATE.Enqueued && hold === HOLD.none && entry === "" && flags === 0;
  return isPlain && job.due === undefined && job.plannedAt === undefined && !hasAttached(job);
}

function hasAttached({ parameters, tags, limit }: NewJob): boolean {
  return parameters !== undefined || limit !== undefined || (tags !== undefined && tags.length > 0);
}

type Column = string | Texts;

/** The columns of what is attached to jobs. */
export function attachments(rows: readonly FirstRow[]): string[] {
  return [
    textArray(rows.map(({ job }) => job.parameters ?? null)),
    textArray(rows.map(({ job: { tags = [] } }) => (tags.length === 0 ? null : JSON.stringify(tags)))),
    textArray(rows.map(({ job: { limit } }) => (limit === undefined ? null : toStored(limit.key)))),
    plainArray(rows.map(({ job }) => job.limit?.max ?? null)),
    plainArray(rows.map(({ job: { limit } }) => (limit === undefined ? null : limit.whenFull === "skip"))),
  ];
}

function readyColumns(rows: readonly FirstRow[]): Column[] {
  return [
    textArray(rows.map(({ job }) => job.id)),
    texts(rows.map(({ job }) => job.queue)),
    plainArray(rows.map(({ job }) => job.rank)),
    texts(rows.map(({ job }) => job.name)),
    texts(rows.map(({ job }) => job.args)),
    texts(rows.map(({ job }) => job.displayName)),
    texts(rows.map(({ first }) => first.tails)),
  ];
}

function stateColumns(rows: readonly FirstRow[]): Column[] {
  return [
    plainArray(rows.map(({ first }) => first.state)),
    plainArray(rows.map(({ first }) => first.hold)),
    texts(rows.map(({ first }) => first.entry)),
    plainArray(rows.map(({ first }) => first.flags)),
    plainArray(rows.map(({ job }) => dueIn(job.due))),
    plainArray(rows.map(({ job }) => dueAt(job.due))),
    plainArray(rows.map(({ job }) => job.plannedAt ?? null)),
  ];
}

export function dueIn(due: Due | undefined): number | null {
  return due !== undefined && "in" in due ? due.in : null;
}

export function dueAt(due: Due | undefined): number | null {
  return due !== undefined && "at" in due ? due.at : null;
}
