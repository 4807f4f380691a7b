import { HOLD, STATE } from "../shared/state-codes.ts";
import { attached, SHARED, shared } from "./row.ts";
import { CLOCK, type Statement, sought } from "./statements.ts";
import { tallied } from "./tally.ts";

/** Parents that no neighbour holds, locked. */
export const TAKE_PARENTS: Statement = { name: "take-parents", text: (t) => take(t.job) };
export const TAKE_PARENTS_DONE: Statement = { name: "take-parents-done", text: (t) => take(t.jobDone) };

function take(table: string): string {
  return `
  SELECT j.id, j.state FROM unnest($1::uuid[]) AS p(id)
  CROSS JOIN LATERAL (SELECT j.id, j.state FROM ${table} j WHERE j.id = p.id FOR UPDATE SKIP LOCKED) j`;
}

/** Jobs that wait for a permit and are not to. Their history has the Enqueued entry already. */
export const SKIP_WAITING: Statement = {
  name: "skip-waiting",
  text: (t) => `
  WITH ${CLOCK},
  held AS MATERIALIZED (
    SELECT w.id FROM unnest($1::uuid[]) AS w(id)
    CROSS JOIN LATERAL (
      SELECT FROM ${t.job} j WHERE j.id = w.id AND j.hold = ${HOLD.limit} FOR UPDATE SKIP LOCKED
    ) j
  ),
  m AS (DELETE FROM ${t.job} j USING held h WHERE ${sought("j.id", "h.id")} RETURNING ${shared("j")}),
  counted AS (${tallied(t, "m", { from: STATE.Enqueued, to: STATE.Deleted })})
  INSERT INTO ${t.jobDone} (${SHARED.join(", ")})
  SELECT m.id, m.seq, c.now, m.created_at, m.due_at, m.fence + 1, m.failures, m.crashes, m.rank, ${STATE.Deleted},
    m.flags, m.queue, m.name, m.args, m.display_name, $2, m.history, m.planned_at, m.parameters, ${attached("m")}
  FROM m, clock c
  RETURNING id, flags`,
};

export const STILL_WAITING: Statement = {
  name: "still-waiting",
  text: (t) => `
  SELECT w.id FROM unnest($1::uuid[]) AS w(id)
  CROSS JOIN LATERAL (SELECT FROM ${t.job} j WHERE j.id = w.id AND j.hold = ${HOLD.limit} OFFSET 0) j`,
};
