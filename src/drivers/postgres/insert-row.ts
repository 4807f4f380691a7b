import { type Due, FLAG, type NewJob } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { plainArray, textArray } from "./arrays.ts";
import { toStored } from "./opaque.ts";
import type { Tables } from "./schema.ts";
import { CLOCK, type Runner, type Statement, stamped } from "./statements.ts";
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

const ITEM =
  "id, queue, rank, name, args, display_name, state, hold, entry, tails, flags, due_in, due_at, planned_at";
const ATTACHED = "parameters, tags, limit_key, limit_max, limit_skip";

/**
 * seq is drawn in the order of the items, rows are written in the order of ids: two calls with the same ids in another
 * order wait for each other instead of ending in a deadlock. What this snapshot shows in either table is left out, what
 * came after it meets the primary key or `refuse_finished`. OFFSET 0 keeps the two looks from becoming joins, whose
 * plan could turn into a scan of everything that ever finished.
 */
function insertInto(t: Tables, more: { readonly arrays: string; readonly columns: string }): string {
  const attached = more.columns === "" ? "" : `, ${more.columns}`;
  return `
  WITH ${CLOCK},
  item AS (
    SELECT i.*, nextval('${t.jobSeq}') AS seq
    FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::smallint[],
      $8::smallint[], $9::text[], $10::text[], $11::smallint[], $12::bigint[], $13::bigint[], $14::bigint[]${more.arrays})
    AS i(${ITEM}${attached})
  ),
  stored AS (
    INSERT INTO ${t.job} (id, seq, state_at, created_at, due_at, fence, failures, crashes, rank, state, flags, hold,
      blamed, queue, name, args, display_name, entry, history, planned_at${attached})
    SELECT i.id, i.seq, c.now, c.now, coalesce(i.due_at, c.now + i.due_in), 1, 0, 0, i.rank, i.state, i.flags, i.hold,
      false, i.queue, i.name, i.args, i.display_name, i.entry, ${stamped("c.now", "i.tails")},
      coalesce(i.planned_at, i.due_at, c.now + i.due_in)${attached}
    FROM item i CROSS JOIN clock c
    WHERE NOT EXISTS (SELECT FROM ${t.job} j WHERE j.id = i.id OFFSET 0)
      AND NOT EXISTS (SELECT FROM ${t.jobDone} d WHERE d.id = i.id OFFSET 0)
    ORDER BY i.id, i.seq
    ON CONFLICT (id) DO NOTHING
    RETURNING id, state, due_at
  ),
  counted AS (${tallied(t, "stored", { to: "state" })}),
  answer AS (SELECT count(*)::integer AS stored, array_agg(id) AS ids, min(due_at) AS due FROM stored)
  SELECT a.stored, CASE WHEN a.stored = cardinality($1::uuid[]) THEN NULL ELSE a.ids::text[] END, a.due
  FROM answer a WHERE a.stored = 0 OR ${t.refuseFinished}(a.ids)`;
}

const INSERT: Statement = { name: "insert", text: (t) => insertInto(t, { arrays: "", columns: "" }) };

/** For calls of which a job has something attached: nearly none, and five arrays more would cost all others. */
const INSERT_ATTACHED: Statement = {
  name: "insert-attached",
  text: (t) =>
    insertInto(t, {
      arrays: ", $15::text[], $16::text[], $17::text[], $18::smallint[], $19::boolean[]",
      columns: ATTACHED,
    }),
};

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

/** One atomic write. The ids that were stored: none of them was there before. */
export async function insertRows(runner: Runner, rows: readonly FirstRow[]): Promise<ReadonlySet<string>> {
  const [statement, values] = rows.some(({ job }) => hasAttached(job))
    ? [INSERT_ATTACHED, [...parameters(rows), ...attachments(rows)]]
    : [INSERT, parameters(rows)];
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

function hasAttached({ parameters, tags, limit }: NewJob): boolean {
  return parameters !== undefined || limit !== undefined || (tags !== undefined && tags.length > 0);
}

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

function parameters(rows: readonly FirstRow[]): string[] {
  return [
    textArray(rows.map(({ job }) => job.id)),
    textArray(rows.map(({ job }) => job.queue)),
    plainArray(rows.map(({ job }) => job.rank)),
    textArray(rows.map(({ job }) => job.name)),
    textArray(rows.map(({ job }) => job.args)),
    textArray(rows.map(({ job }) => job.displayName)),
    plainArray(rows.map(({ first }) => first.state)),
    plainArray(rows.map(({ first }) => first.hold)),
    textArray(rows.map(({ first }) => first.entry)),
    textArray(rows.map(({ first }) => first.tails)),
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
