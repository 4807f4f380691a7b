import { FLAG } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { SHARED, shared } from "./row.ts";
import type { Tables } from "./schema.ts";
import { CLOCK, type Statement, stamped } from "./statements.ts";

const CHANGE = `unnest($1::uuid[], $2::integer[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::boolean[],
    $8::text[], $9::bigint[], $10::bigint[], $11::boolean[], $12::boolean[])
    AS c(of_id, of_fence, to_state, to_entry, past, tails, failed, to_queue, due_in, to_due_at, keep_seq, crashed)`;

/**
 * The changes whose guard holds, their rows locked. The guard is (id, fence) and nothing else: a look at the state
 * would let the planner walk a partial index of all jobs in that state. Rows that a neighbour holds are passed over,
 * never waited for. LATERAL with a lock inside stays what it is: one look by primary key for each change.
 */
function held(table: string, condition = ""): string {
  return `held AS MATERIALIZED (
    SELECT c.* FROM ${CHANGE}
    CROSS JOIN LATERAL (
      SELECT FROM ${table} j WHERE j.id = c.of_id AND j.fence = c.of_fence ${condition} FOR UPDATE SKIP LOCKED
    ) j
  )`;
}

/** A moving row, with its change beside it: joining the two again would compare each with each. */
function moved(table: string): string {
  return `m AS (
    DELETE FROM ${table} j USING held h WHERE j.id = h.of_id RETURNING ${shared("j")}, h.to_state, h.to_entry, h.past,
      h.tails, h.failed, h.to_queue, h.due_in, h.to_due_at, h.keep_seq, h.crashed
  )`;
}

/** What the columns become: `row` is the job before, `change` what was asked. */
function after(t: Tables, row: string, change: string) {
  return {
    seq: `CASE WHEN ${change}.to_state = ${STATE.Enqueued} AND NOT ${change}.keep_seq
      THEN nextval('${t.jobSeq}') ELSE ${row}.seq END`,
    dueAt: `CASE WHEN ${change}.to_state = ${STATE.Scheduled}
      THEN coalesce(${change}.to_due_at, c.now + ${change}.due_in, c.now) ELSE ${row}.due_at END`,
    plannedAt: `CASE WHEN ${change}.to_state = ${STATE.Scheduled} AND NOT ${change}.failed
      THEN coalesce(${change}.to_due_at, c.now + ${change}.due_in, c.now) ELSE ${row}.planned_at END`,
    failures: `${row}.failures + ${change}.failed::integer`,
    crashes: `${row}.crashes + ${change}.crashed::integer`,
    flags: `${row}.flags & ~${FLAG.recovered}`,
    queue: `coalesce(${change}.to_queue, ${row}.queue)`,
    history: `${change}.past || ${stamped("c.now", `${change}.tails`)}`,
    hold: `CASE ${change}.to_state WHEN ${STATE.Scheduled} THEN ${HOLD.due} WHEN ${STATE.Awaiting} THEN ${HOLD.gate}
      ELSE ${HOLD.none} END`,
  };
}

/** The shared columns of a row that has moved, in the order of SHARED. */
function arriving(t: Tables): string {
  const to = after(t, "m", "m");
  return `m.id, ${to.seq}, c.now, m.created_at, ${to.dueAt}, m.fence + 1, ${to.failures}, ${to.crashes}, m.rank,
    m.to_state, ${to.flags}, ${to.queue}, m.name, m.args, m.display_name, m.to_entry, ${to.history},
    ${to.plannedAt}`;
}

/** job → job_done. $13: the caller resolves the edges; without it a final state of a parent is left alone. */
export const FINISH: Statement = {
  name: "finish",
  text: (t) => `
  WITH ${CLOCK},
  ${held(t.job, `AND ($13 OR c.to_state = ${STATE.Failed} OR j.flags & ${FLAG.parent} = 0)`)},
  ${moved(t.job)}
  INSERT INTO ${t.jobDone} (${SHARED.join(", ")})
  SELECT ${arriving(t)} FROM m, clock c
  RETURNING id, flags`,
};

/** job → job: a retry, an interruption, a requeue of a job that has not finished. */
export const STAY: Statement = {
  name: "stay",
  text: (t) => {
    const to = after(t, "j", "h");
    return `
  WITH ${CLOCK},
  ${held(t.job)}
  UPDATE ${t.job} j SET seq = ${to.seq}, state_at = c.now, due_at = ${to.dueAt},
    planned_at = ${to.plannedAt}, fence = j.fence + 1, failures = ${to.failures}, crashes = ${to.crashes},
    state = h.to_state, flags = ${to.flags}, hold = ${to.hold}, blamed = false, owner = NULL, queue = ${to.queue},
    entry = h.to_entry, history = ${to.history}
  FROM held h, clock c WHERE j.id = h.of_id
  RETURNING j.id, j.flags`;
  },
};

/** job_done → job: a requeue by hand. Fence and history go on. */
export const REOPEN: Statement = {
  name: "reopen",
  text: (t) => `
  WITH ${CLOCK},
  ${held(t.jobDone)},
  ${moved(t.jobDone)}
  INSERT INTO ${t.job} (${SHARED.join(", ")}, hold, blamed)
  SELECT ${arriving(t)}, ${after(t, "m", "m").hold}, false FROM m, clock c
  RETURNING id, flags`,
};

/** job_done → job_done: a failed job is deleted. */
export const REWRITE: Statement = {
  name: "rewrite",
  text: (t) => {
    const to = after(t, "j", "h");
    return `
  WITH ${CLOCK},
  ${held(t.jobDone)}
  UPDATE ${t.jobDone} j SET state_at = c.now, due_at = ${to.dueAt}, planned_at = ${to.plannedAt},
    fence = j.fence + 1, failures = ${to.failures}, crashes = ${to.crashes},
    state = h.to_state, flags = ${to.flags}, queue = ${to.queue}, entry = h.to_entry, history = ${to.history}
  FROM held h, clock c WHERE j.id = h.of_id
  RETURNING j.id, j.flags`;
  },
};

/** What stands in the way of a change, from one snapshot of both tables: nth, fence, done, flags, replay. */
export const LOOK: Statement = {
  name: "look",
  text: (t) => `
  SELECT c.nth::integer, r.fence, r.done, r.flags,
    r.fence = c.fence + 1 AND r.state = c.to_state AND CASE c.to_state
      WHEN ${STATE.Enqueued} THEN right(r.history, length(c.entry) + 3) = ',' || c.entry || E'}\\n'
      ELSE r.entry = c.entry END
  FROM unnest($1::uuid[], $2::integer[], $3::smallint[], $4::text[]) WITH ORDINALITY
    AS c(id, fence, to_state, entry, nth)
  CROSS JOIN LATERAL (
    SELECT j.fence, j.state, j.entry, j.history, j.flags, false AS done FROM ${t.job} j WHERE j.id = c.id
    UNION ALL
    SELECT d.fence, d.state, d.entry, d.history, d.flags, true FROM ${t.jobDone} d WHERE d.id = c.id
  ) r`,
};
