import { HOLD, STATE } from "../shared/state-codes.ts";
import { SHARED, shared } from "./row.ts";
import { CLOCK, left, type Statement, stamped } from "./statements.ts";

/**
 * Takes up to $5 edges of finished parents off their gates. Gates that a neighbour holds are passed over with their
 * edges. An edge is counted by the update that resolves it: it counts once for ever, whoever comes twice. Gives for
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
    SELECT g.id, g.outcome AS before FROM (SELECT DISTINCT gate FROM edge) e
    CROSS JOIN LATERAL (SELECT g.id, g.outcome FROM ${t.gate} g WHERE g.id = e.gate FOR UPDATE SKIP LOCKED) g
  ),
  resolved AS (
    UPDATE ${t.edge} x SET resolved = true FROM edge e JOIN held h ON h.id = e.gate
    WHERE x.key = e.key AND NOT x.resolved
    RETURNING x.gate, e.outcome
  ),
  sums AS MATERIALIZED (
    SELECT r.gate, count(*)::integer AS edges, bool_or(r.outcome = ${STATE.Deleted}) AS broken
    FROM resolved r GROUP BY r.gate
  ),
  counted AS (
    UPDATE ${t.gate} g SET open = g.open - s.edges, outcome = CASE WHEN g.outcome <> 0 THEN g.outcome
      WHEN s.broken THEN ${STATE.Deleted} WHEN g.open = s.edges THEN ${STATE.Succeeded} ELSE 0 END
    FROM sums s WHERE g.id = s.gate
    RETURNING g.id, g.outcome, s.edges
  )
  SELECT c.id, CASE WHEN h.before = 0 AND c.outcome <> 0 THEN c.outcome END, c.edges
  FROM counted c JOIN held h ON h.id = c.id`,
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

const WAITERS = (job: string) => `held AS MATERIALIZED (
    SELECT g.id, g.nth FROM unnest($1::uuid[]) WITH ORDINALITY AS g(id, nth)
    CROSS JOIN LATERAL (
      SELECT FROM ${job} j WHERE j.id = g.id AND j.state = ${STATE.Awaiting} FOR UPDATE SKIP LOCKED
    ) j
  )`;

export const READY_WAITERS: Statement = {
  name: "ready-waiters",
  text: (t) => `
  WITH ${CLOCK},
  ${WAITERS(t.job)},
  numbered AS MATERIALIZED (SELECT h.id, nextval('${t.jobSeq}') AS seq FROM held h)
  UPDATE ${t.job} j SET state = ${STATE.Enqueued}, hold = ${HOLD.none}, state_at = c.now, entry = '', seq = n.seq,
    fence = j.fence + 1, history = j.history || ${left("j")} || ${stamped("c.now", "$2::text")}
  FROM numbered n, clock c WHERE j.id = n.id
  RETURNING j.id`,
};

export const DELETE_WAITERS: Statement = {
  name: "delete-waiters",
  text: (t) => `
  WITH ${CLOCK},
  ${WAITERS(t.job)},
  m AS (DELETE FROM ${t.job} j USING held h WHERE j.id = h.id RETURNING ${shared("j")})
  INSERT INTO ${t.jobDone} (${SHARED.join(", ")})
  SELECT m.id, m.seq, c.now, m.created_at, m.due_at, m.fence + 1, m.failures, m.crashes, m.rank, ${STATE.Deleted},
    m.flags, m.queue, m.name, m.args, m.display_name, $2, m.history || ${left("m")}, m.planned_at
  FROM m, clock c
  RETURNING id, flags`,
};

export const STILL_AWAITING: Statement = {
  name: "still-awaiting",
  text: (t) => `
  SELECT j.id FROM unnest($1::uuid[]) AS g(id)
  CROSS JOIN LATERAL (SELECT j.id FROM ${t.job} j WHERE j.id = g.id AND j.state = ${STATE.Awaiting} OFFSET 0) j`,
};

export const WRITE_DOWN: Statement = {
  name: "write-down",
  text: (t) => `
  INSERT INTO ${t.release} (kind, id, outcome, after, upto)
  SELECT w.* FROM unnest($1::text[], $2::uuid[], $3::smallint[], $4::bigint[], $5::bigint[])
    AS w(kind, id, outcome, after, upto)`,
};

export const TAKE_RECORDS: Statement = {
  name: "take-records",
  text: (t) => `
  WITH taken AS MATERIALIZED (SELECT r.key FROM ${t.release} r ORDER BY r.key LIMIT $1 FOR UPDATE SKIP LOCKED)
  DELETE FROM ${t.release} r USING taken WHERE r.key = taken.key
  RETURNING r.kind, r.id, r.outcome, r.after, r.upto`,
};

export const MORE_RECORDS: Statement = {
  name: "more-records",
  text: (t) => `SELECT EXISTS (SELECT FROM ${t.release})`,
};
