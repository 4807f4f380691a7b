import { type AdoptRequest, type ClaimedJob, LeaseLostError } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { textArray } from "./arrays.ts";
import { type Answer, claimed, toClaims } from "./claimed-row.ts";
import { HOLDS_PAUSES_OFF, isOpen } from "./pauses.ts";
import { CLOCK, type Session, type Statement, sought } from "./statements.ts";
import { tallied } from "./tally.ts";

/**
 * The names that stand in the index are walked one by one, and only those that the server knows are looked into: its
 * price grows neither with what it knows nor with what is parked under other names.
 */
const ADOPT: Statement = {
  name: "adopt",
  text: (t) => `
  WITH RECURSIVE ${CLOCK},
  lease AS MATERIALIZED (
    SELECT c.now FROM clock c JOIN ${t.server} s ON s.incarnation = $1
    WHERE s.renewed_at + s.timeout_ms > c.now AND ${HOLDS_PAUSES_OFF(t)}
  ),
  parked(name) AS (
    (SELECT j.name FROM ${t.job} j WHERE j.hold = ${HOLD.unknown} ORDER BY j.name LIMIT 1)
    UNION ALL
    SELECT (SELECT j.name FROM ${t.job} j WHERE j.hold = ${HOLD.unknown} AND j.name > p.name ORDER BY j.name LIMIT 1)
    FROM parked p WHERE p.name IS NOT NULL
  ),
  first AS MATERIALIZED (
    SELECT f.id FROM parked p CROSS JOIN unnest($3::text[]) AS q(queue)
    CROSS JOIN LATERAL (
      SELECT j.id, j.rank, j.seq FROM ${t.job} j
      WHERE j.hold = ${HOLD.unknown} AND j.name = p.name AND j.queue = q.queue
      ORDER BY j.rank, j.seq LIMIT $5
    ) f
    WHERE p.name = ANY ($4::text[]) AND EXISTS (SELECT FROM lease) AND ${isOpen(t, "q.queue")} ORDER BY f.rank, f.seq LIMIT $5
  ),
  picked AS MATERIALIZED (
    SELECT f.id, row_number() OVER () AS place FROM first f
    CROSS JOIN LATERAL (
      SELECT FROM ${t.job} j WHERE j.id = f.id AND j.hold = ${HOLD.unknown} FOR UPDATE SKIP LOCKED
    ) j
  ),
  taken AS (
    UPDATE ${t.job} j SET state = ${STATE.Processing}, hold = ${HOLD.none}, state_at = l.now, entry = $2, owner = $1,
      fence = j.fence + 1, blamed = j.crashes < 2
    FROM picked p, lease l WHERE ${sought("j.id", "p.id")}
    RETURNING ${claimed("j", "p")}
  ),
  counted AS (${tallied(t, "taken", { from: STATE.Enqueued, to: STATE.Processing })})
  SELECT taken.* FROM lease LEFT JOIN taken ON true`,
};

export function adopt(session: Session, request: AdoptRequest): Promise<ClaimedJob[]> {
  return session.attempt("adopt jobs", async () => {
    const rows = await session.run<Answer>(ADOPT, [
      request.incarnation,
      request.entry,
      textArray(request.queues),
      textArray(request.names),
      request.slots,
    ]);
    if (rows.length === 0) throw new LeaseLostError(request.incarnation);
    return toClaims(rows, request).jobs;
  });
}
