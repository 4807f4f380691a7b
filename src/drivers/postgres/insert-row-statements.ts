import { HOLD, STATE } from "../shared/state-codes.ts";
import type { Tables } from "./schema.ts";
import { CLOCK, exact, type Statement, stamped } from "./statements.ts";
import { tallied } from "./tally.ts";

/** A statement's items: a column of an array each, and what the row takes from them besides what all rows take. */
interface Shape {
  readonly name: string;
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly row: Readonly<Record<string, string>>;
  /** Where the jobs go: a state's code, or the column that has it. */
  readonly to: number | string;
  /** When a job is due, where one may be. */
  readonly due?: string;
}

const DUE_AT = "coalesce(i.due_at, c.now + i.due_in)";

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
    due_at: DUE_AT,
    planned_at: `coalesce(i.planned_at, ${DUE_AT})`,
  },
  to: "state",
  due: DUE_AT,
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
  due: DUE_AT,
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
function insertInto(t: Tables, shape: Shape): string {
  return `
  ${storing(t, shape)}
    WHERE NOT EXISTS (SELECT FROM ${t.job} j WHERE j.id = i.id OFFSET 0)
      AND NOT EXISTS (SELECT FROM ${t.jobDone} d WHERE d.id = i.id OFFSET 0)
    ORDER BY i.id, i.seq
    ON CONFLICT (id) DO NOTHING
    RETURNING id, state, due_at
  ),
  counted AS (${tallied(t, "stored", { to: shape.to })}),
  answer AS (SELECT count(*)::integer AS stored, array_agg(id) AS ids, min(due_at) AS due FROM stored)
  SELECT a.stored, CASE WHEN a.stored = cardinality($1::uuid[]) THEN NULL ELSE a.ids::text[] END, ${exact("a.due")}
  FROM answer a WHERE a.stored = 0 OR ${t.refuseFinished}(a.ids)`;
}

/**
 * The same for ids that nobody else can know: nothing is looked for and nobody waited for, which takes a third off the
 * price. An id that is there all the same breaks the primary key, and with it the whole statement.
 */
function insertNewInto(t: Tables, shape: Shape): string {
  const { due } = shape;
  return `
  ${storing(t, shape)}
  ),
  counted AS (${tallied(t, "item", { to: shape.to })})
  SELECT ${due === undefined ? "NULL" : `(SELECT ${exact(`min(${due})`)} FROM item i CROSS JOIN clock c)`} AS due`;
}

/** `item`, the jobs as they were given, each with its place in the order, and the beginning of `stored`, which writes them. */
function storing(t: Tables, { columns, row }: Shape): string {
  const arrays = columns.map(([, type], nth) => `$${nth + 1}::${type}[]`);
  const whole = { ...ROW, ...row };
  return `WITH ${CLOCK},
  item AS (
    SELECT i.*, nextval('${t.jobSeq}') AS seq
    FROM unnest(${arrays.join(", ")}) AS i(${columns.map(([name]) => name).join(", ")})
  ),
  stored AS (
    INSERT INTO ${t.job} (${Object.keys(whole).join(", ")})
    SELECT ${Object.values(whole).join(", ")} FROM item i CROSS JOIN clock c`;
}

/** The statement for jobs that may be there, and the one for new ones. */
export interface Inserting {
  readonly any: Statement;
  readonly ofNew: Statement;
}

/** Every array costs all rows of a call: those that nearly no job needs stand in statements of their own. */
export const INSERT_READY: Inserting = insertingOf(READY);
export const INSERT: Inserting = insertingOf(ANY);
export const INSERT_ATTACHED: Inserting = insertingOf(ATTACHED);

function insertingOf(shape: Shape): Inserting {
  return {
    any: { name: shape.name, text: (t) => insertInto(t, shape) },
    ofNew: { name: `${shape.name}-new`, text: (t) => insertNewInto(t, shape) },
  };
}
