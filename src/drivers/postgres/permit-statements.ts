import { HOLD, STATE } from "../shared/state-codes.ts";
import type { Tables } from "./schema.ts";
import { CLOCK, type Statement, sought, stamped } from "./statements.ts";

/** The first half of every lock of a key: schemas of one database are strangers. */
const SPACE = (t: Tables) => `hashtext('${t.schema}.permits')`;

/** Waits. The locks are taken in one order by all, and before any row is locked: nobody waits in a circle. */
export const LOCK_KEYS: Statement = {
  name: "lock-keys",
  text: (t) => `
  SELECT pg_advisory_xact_lock(${SPACE(t)}, k.hash)
  FROM (SELECT DISTINCT hashtext(key) AS hash FROM unnest($1::text[]) AS key ORDER BY 1) k`,
};

/** For writes that hold rows already, and so must not wait: which keys they have got. */
export const TRY_LOCK_KEYS: Statement = {
  name: "try-lock-keys",
  text: (t) => `
  SELECT k.key, pg_try_advisory_xact_lock(${SPACE(t)}, hashtext(k.key)) FROM unnest($1::text[]) AS k(key)`,
};

/**
 * How many jobs of a key are on their way, and the first that wait. A statement of its own after the lock: its snapshot
 * shows what all who had the lock before have committed. The terms are those of the index.
 */
export const LOAD_KEYS: Statement = {
  name: "load-keys",
  text: (t) => `
  SELECT k.key, u.used, w.id, w.rank, w.seq, w.max FROM unnest($1::text[]) AS k(key)
  CROSS JOIN LATERAL (
    SELECT count(*)::integer AS used FROM ${t.job} j
    WHERE j.limit_key = k.key AND j.state IN (1, 4) AND j.hold IN (${HOLD.none}, ${HOLD.unknown})
  ) u
  LEFT JOIN LATERAL (
    SELECT j.id, j.rank, j.seq, j.limit_max AS max FROM ${t.job} j
    WHERE j.limit_key = k.key AND j.state IN (1, 4) AND j.hold = ${HOLD.limit}
    ORDER BY j.limit_key, j.hold, j.rank, j.seq LIMIT $2
  ) w ON true`,
};

/** Rows that a neighbour is about to take elsewhere are passed over. */
export const ADMIT: Statement = {
  name: "admit",
  text: (t) => `
  WITH ${CLOCK},
  held AS MATERIALIZED (
    SELECT w.id FROM unnest($1::uuid[]) AS w(id)
    CROSS JOIN LATERAL (
      SELECT FROM ${t.job} j WHERE j.id = w.id AND j.hold = ${HOLD.limit} FOR UPDATE SKIP LOCKED
    ) j
  )
  UPDATE ${t.job} j SET hold = ${HOLD.none}, state_at = c.now, fence = j.fence + 1,
    history = j.history || ${stamped("c.now", "$2::text")}
  FROM held h, clock c WHERE ${sought("j.id", "h.id")}
  RETURNING j.limit_key, j.queue`,
};

/** Keys of these jobs, for writes that meet limited jobs by id. */
export const LIMITS_OF: Statement = {
  name: "limits-of",
  text: (t) => `
  SELECT j.id, j.flags, j.rank, j.seq, j.limit_key, j.limit_max, j.limit_skip FROM unnest($1::uuid[]) AS i(id)
  CROSS JOIN LATERAL (SELECT j.* FROM ${t.job} j WHERE j.id = i.id AND j.state = $2 FOR UPDATE SKIP LOCKED) j`,
};

export const WAITING = { state: STATE.Enqueued, hold: HOLD.limit } as const;
