import { FLAG } from "../../storage/index.ts";
import { STATE } from "../shared/state-codes.ts";
import { attached, SHARED } from "./row.ts";
import { CLOCK, type Statement, sought, stamped } from "./statements.ts";
import { tallied } from "./tally.ts";

/** Which of these ids are there, from one snapshot of both tables. */
export const EXISTING: Statement = {
  name: "existing",
  text: (t) => `
  SELECT i.id FROM unnest($1::uuid[]) AS i(id) WHERE
    EXISTS (SELECT FROM ${t.job} j WHERE j.id = i.id OFFSET 0)
    OR EXISTS (SELECT FROM ${t.jobDone} d WHERE d.id = i.id OFFSET 0)`,
};

/** The ids come sorted: every inserter locks the parents that it shares with others in one order. */
export const LOCK_JOBS: Statement = { name: "lock-jobs", text: (t) => lock(t.job) };
export const LOCK_JOBS_DONE: Statement = { name: "lock-jobs-done", text: (t) => lock(t.jobDone) };

function lock(table: string): string {
  return `
  SELECT j.id, j.state FROM unnest($1::uuid[]) AS p(id)
  CROSS JOIN LATERAL (SELECT j.id, j.state FROM ${table} j WHERE j.id = p.id FOR UPDATE) j`;
}

/** A flag is no change of the job: the fence stays. */
export const MARK_PARENTS: Statement = {
  name: "mark-parents",
  text: (t) => `
  WITH done AS (
    UPDATE ${t.jobDone} j SET flags = j.flags | ${FLAG.parent}
    FROM unnest($1::uuid[]) AS p(id) WHERE ${sought("j.id", "p.id")} AND j.flags & ${FLAG.parent} = 0
  )
  UPDATE ${t.job} j SET flags = j.flags | ${FLAG.parent}
  FROM unnest($1::uuid[]) AS p(id) WHERE ${sought("j.id", "p.id")} AND j.flags & ${FLAG.parent} = 0`,
};

/** Jobs that are Deleted from the start: a parent has ended otherwise, or no permit is free. */
export const INSERT_DELETED: Statement = {
  name: "insert-deleted",
  text: (t) => `
  WITH ${CLOCK},
  item AS (
    SELECT i.*, nextval('${t.jobSeq}') AS seq
    FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
      $9::smallint[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::smallint[], $15::boolean[])
      AS i(id, queue, rank, name, args, display_name, entry, tails, flags, planned_at, parameters, tags, limit_key,
        limit_max, limit_skip)
  ),
  counted AS (${tallied(t, "item", { to: STATE.Deleted })})
  INSERT INTO ${t.jobDone} (${SHARED.join(", ")})
  SELECT i.id, i.seq, c.now, c.now, NULL, 1, 0, 0, i.rank, ${STATE.Deleted}, i.flags, i.queue, i.name, i.args,
    i.display_name, i.entry, ${stamped("c.now", "i.tails")}, i.planned_at, i.parameters,
    ${attached("i")}
  FROM item i CROSS JOIN clock c
  ORDER BY i.id
  ON CONFLICT (id) DO NOTHING
  RETURNING 1`,
};

export const INSERT_GATES: Statement = {
  name: "insert-gates",
  text: (t) =>
    `INSERT INTO ${t.gate} (id, open, condition)
     SELECT g.* FROM unnest($1::uuid[], $2::integer[], $3::smallint[]) AS g(id, open, condition)`,
};

export const INSERT_EDGES: Statement = {
  name: "insert-edges",
  text: (t) => `
  INSERT INTO ${t.edge} (gate, parent, position, resolved)
  SELECT e.* FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::boolean[]) AS e(gate, parent, position, resolved)`,
};
