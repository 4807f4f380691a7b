import { type Claim, type ClaimOutcome, TAIL } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { plainArray, textArray } from "./arrays.ts";
import { CLOCK, type Session, type Statement, sought, stamped } from "./statements.ts";
import { tallied } from "./tally.ts";

/**
 * Returns claimed jobs to Enqueued under a hold. Locks are taken in the order of ids, in which the
 * claims come, and waited for: these verbs have no `busy`, and whoever else locks several jobs and waits does so in that
 * order too. (ORDER BY would be kept by a walk through the whole primary key.) `+ 0` keeps the planner from the
 * partial index of all Processing jobs.
 */
const RETURN: Statement = {
  name: "give-back",
  text: (t) => `
  WITH ${CLOCK},
  held AS MATERIALIZED (
    SELECT j.id FROM unnest($1::uuid[], $2::integer[]) AS c(id, fence)
    CROSS JOIN LATERAL (
      SELECT j.id FROM ${t.job} j
      WHERE j.id = c.id AND j.fence = c.fence AND j.state + 0 = ${STATE.Processing} FOR UPDATE
    ) j
  ),
  returned AS (
    UPDATE ${t.job} j SET state = ${STATE.Enqueued}, hold = $3, state_at = c.now, entry = '', owner = NULL,
      blamed = false, fence = j.fence + 1, history = j.history || ${stamped("c.now", "$4::text")}
    FROM held h, clock c WHERE ${sought("j.id", "h.id")}
    RETURNING j.id, j.queue
  ),
  counted AS (${tallied(t, "returned", { from: STATE.Processing, to: STATE.Enqueued })})
  SELECT id, queue FROM returned`,
};

const BLAME: Statement = {
  name: "blame",
  text: (t) => `
  WITH held AS MATERIALIZED (
    SELECT j.id FROM unnest($1::uuid[], $2::integer[]) AS c(id, fence)
    CROSS JOIN LATERAL (SELECT j.id FROM ${t.job} j WHERE j.id = c.id AND j.fence = c.fence FOR UPDATE) j
  )
  UPDATE ${t.job} j SET blamed = true FROM held h WHERE ${sought("j.id", "h.id")}
  RETURNING j.id, j.queue`,
};

export async function giveBack(session: Session, claims: readonly Claim[]): Promise<ClaimOutcome[]> {
  const rows = await guarded(session, "give jobs back", RETURN, claims, [HOLD.none, ""]);
  for (const [, queue] of rows) session.news.readied(queue);
  return outcomesOf(claims, rows);
}

export async function park(session: Session, claims: readonly Claim[]): Promise<ClaimOutcome[]> {
  const rows = await guarded(session, "park jobs", RETURN, claims, [HOLD.unknown, TAIL.parked]);
  if (rows.length > 0) session.news.happened("parked");
  return outcomesOf(claims, rows);
}

export async function blame(session: Session, claims: readonly Claim[]): Promise<ClaimOutcome[]> {
  return outcomesOf(claims, await guarded(session, "mark jobs", BLAME, claims, []));
}

type Row = [id: string, queue: string];

async function guarded(
  session: Session,
  doing: string,
  statement: Statement,
  claims: readonly Claim[],
  more: readonly unknown[],
): Promise<Row[]> {
  if (claims.length === 0) return [];
  const sorted = [...claims].sort((a, b) => (a.id < b.id ? -1 : 1));
  const ids = textArray(sorted.map(({ id }) => id));
  const fences = plainArray(sorted.map(({ fence }) => fence));
  return await session.attempt(doing, () => session.run<Row>(statement, [ids, fences, ...more]));
}

function outcomesOf(claims: readonly Claim[], rows: readonly Row[]): ClaimOutcome[] {
  const applied = new Set(rows.map(([id]) => id));
  return claims.map(({ id }) => (applied.has(id) ? "applied" : "stale"));
}
