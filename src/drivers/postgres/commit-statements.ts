import { FLAG } from "../../storage/index.ts";
import { STATE } from "../shared/state-codes.ts";
import { attached, SHARED, shared } from "./row.ts";
import type { Tables } from "./schema.ts";
import { CLOCK, exact, type Statement, sought, stamped } from "./statements.ts";
import { tallied } from "./tally.ts";

const CHANGE = `unnest($1::uuid[], $2::integer[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::boolean[],
    $8::text[], $9::bigint[], $10::bigint[], $11::boolean[], $12::boolean[], $13::smallint[], $14::text[],
    $15::boolean[])
    AS c(of_id, of_fence, to_state, to_entry, past, tails, failed, to_queue, due_in, to_due_at, new_seq, crashed,
      to_hold, to_parameters, keeps_plan)`;

/**
 * The changes whose guard holds, their rows locked. The guard is (id, fence) and nothing else: a look at the state
 * would let the planner walk a partial index of all jobs in that state. Rows that a neighbour holds are passed over,
 * never waited for. LATERAL with a lock inside stays what it is: one look by primary key for each change.
 */
function held(table: string, condition = ""): string {
  return `held AS MATERIALIZED (
    SELECT c.*, j.from_state FROM ${CHANGE}
    CROSS JOIN LATERAL (
      SELECT j.state AS from_state FROM ${table} j WHERE j.id = c.of_id AND j.fence = c.of_fence ${condition} FOR UPDATE SKIP LOCKED
    ) j
  )`;
}

/** A moving row, with its change beside it: joining the two again would compare each with each. */
function moved(table: string): string {
  return `m AS (
    DELETE FROM ${table} j USING held h WHERE ${sought("j.id", "h.of_id")} RETURNING ${shared("j")}, h.to_state, h.to_entry, h.past,
      h.tails, h.failed, h.to_queue, h.due_in, h.to_due_at, h.new_seq, h.crashed, h.to_hold, h.to_parameters,
      h.keeps_plan, h.from_state
  )`;
}

/** What the columns become: `row` is the job before, `change` what was asked. */
function after(t: Tables, row: string, change: string) {
  return {
    seq: `CASE WHEN ${change}.new_seq THEN nextval('${t.jobSeq}') ELSE ${row}.seq END`,
    dueAt: `CASE WHEN ${change}.to_state = ${STATE.Scheduled}
      THEN coalesce(${change}.to_due_at, c.now + ${change}.due_in, c.now) ELSE ${row}.due_at END`,
    plannedAt: `CASE WHEN ${change}.to_state = ${STATE.Scheduled} AND NOT ${change}.keeps_plan
      THEN coalesce(${change}.to_due_at, c.now + ${change}.due_in, c.now) ELSE ${row}.planned_at END`,
    failures: `${row}.failures + ${change}.failed::integer`,
    crashes: `${row}.crashes + ${change}.crashed::integer`,
    flags: `${row}.flags & ~${FLAG.recovered}`,
    queue: `coalesce(${change}.to_queue, ${row}.queue)`,
    history: `${change}.past || ${stamped("c.now", `${change}.tails`)}`,
    parameters: `coalesce(${change}.to_parameters, ${row}.parameters)`,
  };
}

/** The shared columns of a row that has moved, in the order of SHARED. */
function arriving(t: Tables): string {
  const to = after(t, "m", "m");
  return `m.id, ${to.seq}, c.now, m.created_at, ${to.dueAt}, m.fence + 1, ${to.failures}, ${to.crashes}, m.rank,
    m.to_state, ${to.flags}, ${to.queue}, m.name, m.args, m.display_name, m.to_entry, ${to.history},
    ${to.plannedAt}, ${to.parameters}, ${attached("m")}`;
}

const MOVES = {
  from: "from_state",
  to: "to_state",
  retried: `failed AND to_state <> ${STATE.Failed}`,
} as const;

/** job → job_done. $16: the caller looks after those who wait; without it jobs that others may wait for are left alone. */
export const FINISH: Statement = {
  name: "finish",
  text: (t) => `
  WITH ${CLOCK},
  ${held(
    t.job,
    `AND ($16 OR ((c.to_state = ${STATE.Failed} OR j.flags & ${FLAG.parent} = 0) AND j.flags & ${FLAG.limited} = 0))`,
  )},
  ${moved(t.job)},
  counted AS (${tallied(t, "m", MOVES)})
  INSERT INTO ${t.jobDone} (${SHARED.join(", ")})
  SELECT ${arriving(t)} FROM m, clock c
  RETURNING id, flags, state, 0, queue, ${exact("due_at")}`,
};

/**
 * The same for the ending that nearly all jobs have, a plain success, with half as many arrays to read and one row to
 * answer: how many have moved and, where these are not all, which.
 */
export const SUCCEED: Statement = {
  name: "succeed",
  text: (t) => `
  WITH ${CLOCK},
  held AS MATERIALIZED (
    SELECT c.*, j.from_state
    FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[]) AS c(of_id, of_fence, to_entry, past)
    CROSS JOIN LATERAL (
      SELECT j.state AS from_state FROM ${t.job} j
      WHERE j.id = c.of_id AND j.fence = c.of_fence AND j.flags & ${FLAG.parent | FLAG.limited} = 0 FOR UPDATE SKIP LOCKED
    ) j
  ),
  m AS (
    DELETE FROM ${t.job} j USING held h WHERE ${sought("j.id", "h.of_id")}
    RETURNING ${shared("j")}, h.to_entry, h.past, h.from_state
  ),
  counted AS (${tallied(t, "m", { from: "from_state", to: STATE.Succeeded })}),
  stored AS (
    INSERT INTO ${t.jobDone} (${SHARED.join(", ")})
    SELECT m.id, m.seq, c.now, m.created_at, m.due_at, m.fence + 1, m.failures, m.crashes, m.rank, ${STATE.Succeeded},
      m.flags & ~${FLAG.recovered}, m.queue, m.name, m.args, m.display_name, m.to_entry, m.past, m.planned_at,
      m.parameters, ${attached("m")}
    FROM m, clock c
    RETURNING id
  )
  SELECT count(*)::integer, CASE WHEN count(*) < cardinality($1::uuid[]) THEN array_agg(id)::text[] END FROM stored`,
};

/** job → job: a retry, an interruption, a requeue of a job that has not finished. $16 as above. */
export const STAY: Statement = {
  name: "stay",
  text: (t) => {
    const to = after(t, "j", "h");
    return `
  WITH ${CLOCK},
  ${held(t.job, `AND ($16 OR j.flags & ${FLAG.limited} = 0)`)},
  stayed AS (
    UPDATE ${t.job} j SET seq = ${to.seq}, state_at = c.now, due_at = ${to.dueAt},
      planned_at = ${to.plannedAt}, fence = j.fence + 1, failures = ${to.failures}, crashes = ${to.crashes},
      state = h.to_state, flags = ${to.flags}, hold = h.to_hold, blamed = false, owner = NULL, queue = ${to.queue},
      entry = h.to_entry, history = ${to.history}, parameters = ${to.parameters}
    FROM held h, clock c WHERE ${sought("j.id", "h.of_id")}
    RETURNING j.id, j.flags, j.state, j.hold, j.queue, j.due_at, h.from_state, h.to_state, h.failed
  ),
  counted AS (${tallied(t, "stayed", MOVES)})
  SELECT id, flags, state, hold, queue, ${exact("due_at")} FROM stayed`;
  },
};

/** job_done → job: a requeue by hand. Fence and history go on. */
export const REOPEN: Statement = {
  name: "reopen",
  text: (t) => `
  WITH ${CLOCK},
  ${held(t.jobDone)},
  ${moved(t.jobDone)},
  counted AS (${tallied(t, "m", MOVES)})
  INSERT INTO ${t.job} (${SHARED.join(", ")}, hold, blamed)
  SELECT ${arriving(t)}, m.to_hold, false FROM m, clock c
  RETURNING id, flags, state, hold, queue, ${exact("due_at")}`,
};

/** job_done → job_done: a failed job is deleted. */
export const REWRITE: Statement = {
  name: "rewrite",
  text: (t) => {
    const to = after(t, "j", "h");
    return `
  WITH ${CLOCK},
  ${held(t.jobDone)},
  rewritten AS (
    UPDATE ${t.jobDone} j SET seq = ${to.seq}, state_at = c.now, due_at = ${to.dueAt}, planned_at = ${to.plannedAt},
      fence = j.fence + 1, failures = ${to.failures}, crashes = ${to.crashes}, state = h.to_state,
      flags = ${to.flags}, queue = ${to.queue}, entry = h.to_entry, history = ${to.history},
      parameters = ${to.parameters}
    FROM held h, clock c WHERE ${sought("j.id", "h.of_id")}
    RETURNING j.id, j.flags, j.state, j.queue, j.due_at, h.from_state, h.to_state, h.failed
  ),
  counted AS (${tallied(t, "rewritten", MOVES)})
  SELECT id, flags, state, 0, queue, ${exact("due_at")} FROM rewritten`;
  },
};

/**
 * What stands in the way of a change, from one snapshot of both tables: nth, fence, done, flags, replay. A job that was
 * skipped on entering Enqueued was requeued all the same.
 */
export const LOOK: Statement = {
  name: "look",
  text: (t) => `
  SELECT c.nth::integer, r.fence, r.done, r.flags,
    r.fence = c.fence + 1 AND CASE c.to_state
      WHEN ${STATE.Enqueued} THEN right(r.history, length(c.entry) + 3) = ',' || c.entry || E'}\\n'
        AND (r.state = ${STATE.Enqueued} OR (r.state = ${STATE.Deleted} AND r.entry = $5))
      ELSE r.state = c.to_state AND r.entry = c.entry END
  FROM unnest($1::uuid[], $2::integer[], $3::smallint[], $4::text[]) WITH ORDINALITY
    AS c(id, fence, to_state, entry, nth)
  CROSS JOIN LATERAL (
    SELECT j.fence, j.state, j.entry, j.history, j.flags, false AS done FROM ${t.job} j WHERE j.id = c.id
    UNION ALL
    SELECT d.fence, d.state, d.entry, d.history, d.flags, true FROM ${t.jobDone} d WHERE d.id = c.id
  ) r`,
};

/** The limits of jobs whose guard holds, and where these are; their rows locked. */
function lockLimited(table: string, hold: string): string {
  return `
  SELECT c.nth::integer, r.state, r.hold, r.rank, ${exact("r.seq")}, r.limit_key, r.limit_max, r.limit_skip
  FROM unnest($1::uuid[], $2::integer[]) WITH ORDINALITY AS c(id, fence, nth)
  CROSS JOIN LATERAL (
    SELECT j.state, ${hold} AS hold, j.rank, j.seq, j.limit_key, j.limit_max, j.limit_skip FROM ${table} j
    WHERE j.id = c.id AND j.fence = c.fence AND j.flags & ${FLAG.limited} <> 0 FOR UPDATE SKIP LOCKED
  ) r`;
}

export const LOCK_LIMITED: Statement = { name: "lock-limited", text: (t) => lockLimited(t.job, "j.hold") };
export const LOCK_LIMITED_DONE: Statement = {
  name: "lock-limited-done",
  text: (t) => lockLimited(t.jobDone, "0"),
};
