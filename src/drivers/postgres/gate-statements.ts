import { FLAG } from "../../storage/index.ts";
import { CONDITION } from "../shared/gate-conditions.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { attached, SHARED, shared } from "./row.ts";
import { CLOCK, left, type Statement, sought, stamped } from "./statements.ts";
import { tallied } from "./tally.ts";

/** Whether a parent has ended otherwise than its gate wants. */
const BREAKS = `(r.condition = ${CONDITION.succeeded} AND r.outcome <> ${STATE.Succeeded})
      OR (r.condition = ${CONDITION.deleted} AND r.outcome <> ${STATE.Deleted})`;

/**
 * Takes up to $5 edges of finished parents off their gates. Gates that a neighbour holds are passed over with their
 * edges. An edge is counted by the update that resolves it: it counts once for ever, whoever comes twice (asked in a
 * way that no partial index answers, or the planner might walk one). Gives for
 * each gate that was touched what it has come to, null when that was known before or is still open.
 */
export const RESOLVE_EDGES: Statement = {
  name: "resolve-edges",
  text: (t) => `
  WITH edge AS MATERIALIZED (
    SELECT e.key, e.gate, p.outcome
    FROM unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bigint[]) AS p(id, outcome, after, upto)
    CROSS JOIN LATERAL (
      SELECT e.key, e.gate FROM ${t.edge} e
      WHERE e.parent = p.id AND NOT e.resolved AND e.key > p.after AND e.key <= p.upto
      ORDER BY e.key LIMIT $5
    ) e LIMIT $5
  ),
  held AS MATERIALIZED (
    SELECT g.id, g.outcome AS before, g.condition FROM (SELECT DISTINCT gate FROM edge) e
    CROSS JOIN LATERAL (
      SELECT g.id, g.outcome, g.condition FROM ${t.gate} g WHERE g.id = e.gate FOR UPDATE SKIP LOCKED
    ) g
  ),
  resolved AS (
    UPDATE ${t.edge} x SET resolved = true FROM edge e JOIN held h ON h.id = e.gate
    WHERE ${sought("x.key", "e.key")} AND x.resolved::integer = 0
    RETURNING x.gate, e.outcome, h.condition
  ),
  sums AS MATERIALIZED (
    SELECT r.gate, count(*)::integer AS edges, bool_or(${BREAKS}) AS broken
    FROM resolved r GROUP BY r.gate
  ),
  counted AS (
    UPDATE ${t.gate} g SET open = g.open - s.edges, outcome = CASE WHEN g.outcome <> 0 THEN g.outcome
      WHEN s.broken THEN ${STATE.Deleted} WHEN g.open = s.edges THEN ${STATE.Succeeded} ELSE 0 END
    FROM sums s WHERE ${sought("g.id", "s.gate")}
    RETURNING g.id, g.outcome, s.edges
  )
  SELECT c.id, CASE WHEN h.before = 0 AND c.outcome <> 0 THEN c.outcome END, c.edges
  FROM counted c JOIN held h ON h.id = c.id`,
};

/** Which of these parents, by their place in the array, have one of their first $2 gates in a neighbour's hands. */
export const LOCK_GATES: Statement = {
  name: "lock-gates",
  text: (t) => `
  WITH edge AS MATERIALIZED (
    SELECT p.nth, e.gate FROM unnest($1::uuid[]) WITH ORDINALITY AS p(id, nth)
    CROSS JOIN LATERAL (
      SELECT e.gate FROM ${t.edge} e WHERE e.parent = p.id AND NOT e.resolved ORDER BY e.key LIMIT $2
    ) e LIMIT $2
  ),
  held AS MATERIALIZED (
    SELECT g.id FROM (SELECT DISTINCT gate FROM edge) e
    CROSS JOIN LATERAL (SELECT g.id FROM ${t.gate} g WHERE g.id = e.gate FOR UPDATE SKIP LOCKED) g
  )
  SELECT DISTINCT e.nth::integer FROM edge e WHERE NOT EXISTS (SELECT FROM held h WHERE h.id = e.gate)`,
};

/**
 * Which edges an ending that happens now speaks for: those tied since the last ending. Older ones may still be
 * unresolved, with a record of their own. New edges are only added under the lock of the parent, which we hold.
 */
export const SPANS: Statement = {
  name: "spans",
  text: (t) => `
  SELECT coalesce((SELECT max(r.upto) FROM ${t.release} r WHERE r.id = p.id AND r.kind = 'parent'), 0)::bigint,
    coalesce((SELECT e.key FROM ${t.edge} e WHERE e.parent = p.id AND NOT e.resolved ORDER BY e.key DESC LIMIT 1), 0)
  FROM unnest($1::uuid[]) WITH ORDINALITY AS p(id, nth) ORDER BY p.nth`,
};

/** Which endings have edges left, by their place in the arrays. */
export const REMAINING_EDGES: Statement = {
  name: "remaining-edges",
  text: (t) => `
  SELECT p.nth::integer FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS p(id, after, upto, nth)
  WHERE EXISTS (
    SELECT FROM ${t.edge} e WHERE e.parent = p.id AND NOT e.resolved AND e.key > p.after AND e.key <= p.upto OFFSET 0
  )`,
};

/** `+ 0` keeps the planner from the partial index of all jobs that wait. */
const WAITERS = (job: string, more: string) => `held AS MATERIALIZED (
    SELECT g.id, g.nth FROM unnest($1::uuid[]) WITH ORDINALITY AS g(id, nth)
    CROSS JOIN LATERAL (
      SELECT FROM ${job} j WHERE j.id = g.id AND j.state + 0 = ${STATE.Awaiting} ${more} FOR UPDATE SKIP LOCKED
    ) j
  )`;

/** $2: the tails of the conditions. Limited jobs are left out: who gets a permit is decided one by one. */
export const READY_WAITERS: Statement = {
  name: "ready-waiters",
  text: (t) => `
  WITH ${CLOCK},
  ${WAITERS(t.job, `AND j.flags & ${FLAG.limited} = 0`)},
  numbered AS MATERIALIZED (
    SELECT h.id, nextval('${t.jobSeq}') AS seq,
      ($2::text[])[1 + (SELECT g.condition FROM ${t.gate} g WHERE g.id = h.id)] AS tail
    FROM held h
  ),
  ready AS (
    UPDATE ${t.job} j SET state = ${STATE.Enqueued}, hold = ${HOLD.none}, state_at = c.now, entry = '', seq = n.seq,
      fence = j.fence + 1, history = j.history || ${left("j")} || ${stamped("c.now", "n.tail")}
    FROM numbered n, clock c WHERE ${sought("j.id", "n.id")}
    RETURNING j.id, j.queue
  ),
  counted AS (${tallied(t, "ready", { from: STATE.Awaiting, to: STATE.Enqueued })})
  SELECT id, queue FROM ready`,
};

/** The limited ones of them, locked. */
export const LOCK_WAITERS: Statement = {
  name: "lock-waiters",
  text: (t) => `
  SELECT j.id, j.rank, j.limit_key, j.limit_max, j.limit_skip,
    ($2::text[])[1 + (SELECT x.condition FROM ${t.gate} x WHERE x.id = j.id)]
  FROM unnest($1::uuid[]) AS g(id)
  CROSS JOIN LATERAL (
    SELECT j.* FROM ${t.job} j
    WHERE j.id = g.id AND j.state + 0 = ${STATE.Awaiting} AND j.flags & ${FLAG.limited} <> 0 FOR UPDATE SKIP LOCKED
  ) j`,
};

export const DELETE_WAITERS: Statement = {
  name: "delete-waiters",
  text: (t) => `
  WITH ${CLOCK},
  ${WAITERS(t.job, "")},
  m AS (DELETE FROM ${t.job} j USING held h WHERE ${sought("j.id", "h.id")} RETURNING ${shared("j")}),
  counted AS (${tallied(t, "m", { from: STATE.Awaiting, to: STATE.Deleted })})
  INSERT INTO ${t.jobDone} (${SHARED.join(", ")})
  SELECT m.id, m.seq, c.now, m.created_at, m.due_at, m.fence + 1, m.failures, m.crashes, m.rank, ${STATE.Deleted},
    m.flags, m.queue, m.name, m.args, m.display_name, $2, m.history || ${left("m")}, m.planned_at, m.parameters,
    ${attached("m")}
  FROM m, clock c
  RETURNING id, flags`,
};

export const STILL_AWAITING: Statement = {
  name: "still-awaiting",
  text: (t) => `
  SELECT j.id FROM unnest($1::uuid[]) AS g(id)
  CROSS JOIN LATERAL (SELECT j.id FROM ${t.job} j WHERE j.id = g.id AND j.state + 0 = ${STATE.Awaiting} OFFSET 0) j`,
};
