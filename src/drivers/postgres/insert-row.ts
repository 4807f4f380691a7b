import { type Due, FLAG, type NewJob } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { plainArray, type Texts, textArray, texts } from "./arrays.ts";
import { toStored } from "./opaque.ts";
import type { Tables } from "./schema.ts";
import { CLOCK, exact, type Runner, type Statement, stamped } from "./statements.ts";
import { tallied } from "./tally.ts";

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

/** A statement's items: a column of an array each, and what the row takes from them besides what all rows take. */
interface Shape {
  readonly name: string;
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly row: Readonly<Record<string, string>>;
  /** Where the jobs go: a state's code, or the column that has it. */
  readonly to: number | string;
}

const READY: Shape = {
  name: "insert-ready",
  columns: [
    ["id", "uuid"],
    ["queue", "text"],
    ["rank", "smallint"],
    ["name", "text"],
    ["args", "text"],
    ["display_name", "text"],
    ["tails", "text"],
  ],
  row: { state: `${STATE.Enqueued}`, hold: `${HOLD.none}`, entry: "''", flags: "0" },
  to: STATE.Enqueued,
};

const ANY: Shape = {
  name: "insert",
  columns: [
    ...READY.columns,
    ["state", "smallint"],
    ["hold", "smallint"],
    ["entry", "text"],
    ["flags", "smallint"],
    ["due_in", "bigint"],
    ["due_at", "bigint"],
    ["planned_at", "bigint"],
  ],
  row: {
    state: "i.state",
    hold: "i.hold",
    entry: "i.entry",
    flags: "i.flags",
    due_at: "coalesce(i.due_at, c.now + i.due_in)",
    planned_at: "coalesce(i.planned_at, i.due_at, c.now + i.due_in)",
  },
  to: "state",
};

const ATTACHED: Shape = {
  name: "insert-attached",
  columns: [
    ...ANY.columns,
    ["parameters", "text"],
    ["tags", "text"],
    ["limit_key", "text"],
    ["limit_max", "smallint"],
    ["limit_skip", "boolean"],
  ],
  row: {
    ...ANY.row,
    parameters: "i.parameters",
    tags: "i.tags",
    limit_key: "i.limit_key",
    limit_max: "i.limit_max",
    limit_skip: "i.limit_skip",
  },
  to: "state",
};

const ROW = {
  id: "i.id",
  seq: "i.seq",
  state_at: "c.now",
  created_at: "c.now",
  fence: "1",
  failures: "0",
  crashes: "0",
  rank: "i.rank",
  blamed: "false",
  queue: "i.queue",
  name: "i.name",
  args: "i.args",
  display_name: "i.display_name",
  history: stamped("c.now", "i.tails"),
};

/**
 * seq is drawn in the order of the items, rows are written in the order of ids: two calls with the same ids in another
 * order wait for each other instead of ending in a deadlock. What this snapshot shows in either table is left out, what
 * came after it meets the primary key or `refuse_finished`. OFFSET 0 keeps the two looks from becoming joins, whose
 * plan could turn into a scan of everything that ever finished.
 */
function insertInto(t: Tables, { columns, row, to }: Shape): string {
  const arrays = columns.map(([, type], nth) => `$${nth + 1}::${type}[]`);
  const whole = { ...ROW, ...row };
  return `
  WITH ${CLOCK},
  item AS (
    SELECT i.*, nextval('${t.jobSeq}') AS seq
    FROM unnest(${arrays.join(", ")}) AS i(${columns.map(([name]) => name).join(", ")})
  ),
  stored AS (
    INSERT INTO ${t.job} (${Object.keys(whole).join(", ")})
    SELECT ${Object.values(whole).join(", ")}
    FROM item i CROSS JOIN clock c
    WHERE NOT EXISTS (SELECT FROM ${t.job} j WHERE j.id = i.id OFFSET 0)
      AND NOT EXISTS (SELECT FROM ${t.jobDone} d WHERE d.id = i.id OFFSET 0)
    ORDER BY i.id, i.seq
    ON CONFLICT (id) DO NOTHING
    RETURNING id, state, due_at
  ),
  counted AS (${tallied(t, "stored", { to })}),
  answer AS (SELECT count(*)::integer AS stored, array_agg(id) AS ids, min(due_at) AS due FROM stored)
  SELECT a.stored, CASE WHEN a.stored = cardinality($1::uuid[]) THEN NULL ELSE a.ids::text[] END, ${exact("a.due")}
  FROM answer a WHERE a.stored = 0 OR ${t.refuseFinished}(a.ids)`;
}

/** Every array costs all rows of a call: those that nearly no job needs stand in statements of their own. */
const INSERT_READY = statementOf(READY);
const INSERT = statementOf(ANY);
const INSERT_ATTACHED = statementOf(ATTACHED);

function statementOf(shape: Shape): Statement {
  return { name: shape.name, text: (t) => insertInto(t, shape) };
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
  readonly statement: Statement;
  readonly values: readonly unknown[];
}

export function rowsInsert(runner: Runner, rows: readonly FirstRow[]): RowsInsert {
  const [statement, values] = written(rows);
  return { rows, statement, values: runner.encoded(values) };
}

/** One atomic write. The ids that were stored: none of them was there before. */
export async function insertRows(
  runner: Runner,
  { rows, statement, values }: RowsInsert,
): Promise<ReadonlySet<string>> {
  const [answer] = await runner.run<Answer>(statement, values);
  const stored = new Set(answer?.[0] === rows.length ? rows.map(({ job }) => job.id) : (answer?.[1] ?? []));
  for (const { job, first } of rows) {
    const isReady = first.state === STATE.Enqueued && first.hold === HOLD.none;
    if (isReady && stored.has(job.id)) runner.news.readied(job.queue);
  }
  if (answer !== undefined && answer[2] !== null) runner.news.at("due", answer[2]);
  return stored;
}

type Answer = [stored: number, ids: string[] | null, due: number | null];

function written(rows: readonly FirstRow[]): [statement: Statement, values: Column[]] {
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
