import { type Claim, type ClaimOutcome, TAIL } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { plainArray, textArray } from "./arrays.ts";
import type { Connection } from "./connection.ts";
import { CLOCK, type Statement, stamped } from "./statements.ts";

/**
 * Returns claimed jobs to Enqueued under a hold. Locks are taken in the order of ids and waited for: these verbs have no
 * `busy`, and whoever else locks several jobs and waits does so in that order too. `+ 0` keeps the planner from the
 * partial index of all Processing jobs.
 */
const RETURN: Statement = {
  name: "give-back",
  text: (t) => `
  WITH ${CLOCK},
  held AS MATERIALIZED (
    SELECT j.id FROM unnest($1::uuid[], $2::integer[]) AS c(id, fence)
    JOIN ${t.job} j ON j.id = c.id AND j.fence = c.fence AND j.state + 0 = ${STATE.Processing}
    ORDER BY j.id FOR UPDATE OF j
  )
  UPDATE ${t.job} j SET state = ${STATE.Enqueued}, hold = $3, state_at = c.now, entry = '', owner = NULL,
    blamed = false, fence = j.fence + 1, history = j.history || ${stamped("c.now", "$4::text")}
  FROM held h, clock c WHERE j.id = h.id
  RETURNING j.id`,
};

const BLAME: Statement = {
  name: "blame",
  text: (t) => `
  WITH held AS MATERIALIZED (
    SELECT j.id FROM unnest($1::uuid[], $2::integer[]) AS c(id, fence)
    JOIN ${t.job} j ON j.id = c.id AND j.fence = c.fence
    ORDER BY j.id FOR UPDATE OF j
  )
  UPDATE ${t.job} j SET blamed = true FROM held h WHERE j.id = h.id
  RETURNING j.id`,
};

export function giveBack(connection: Connection, claims: readonly Claim[]): Promise<ClaimOutcome[]> {
  return guarded(connection, "give jobs back", RETURN, claims, [HOLD.none, ""]);
}

export function park(connection: Connection, claims: readonly Claim[]): Promise<ClaimOutcome[]> {
  return guarded(connection, "park jobs", RETURN, claims, [HOLD.unknown, TAIL.parked]);
}

export function blame(connection: Connection, claims: readonly Claim[]): Promise<ClaimOutcome[]> {
  return guarded(connection, "mark jobs", BLAME, claims, []);
}

async function guarded(
  connection: Connection,
  doing: string,
  statement: Statement,
  claims: readonly Claim[],
  more: readonly unknown[],
): Promise<ClaimOutcome[]> {
  if (claims.length === 0) return [];
  const ids = textArray(claims.map(({ id }) => id));
  const fences = plainArray(claims.map(({ fence }) => fence));
  const rows = await connection.attempt(doing, () =>
    connection.run<[id: string]>(statement, [ids, fences, ...more]),
  );
  const applied = new Set(rows.map(([id]) => id));
  return claims.map(({ id }) => (applied.has(id) ? "applied" : "stale"));
}
