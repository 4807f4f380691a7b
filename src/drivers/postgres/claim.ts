import { type ClaimedJob, type ClaimRequest, FLAG, LeaseLostError } from "../../storage/index.ts";
import { STATE } from "../shared/state-codes.ts";
import { plainArray, textArray } from "./arrays.ts";
import { type Answer, claimed, toClaims } from "./claimed-row.ts";
import type { LowWater, View } from "./low-water.ts";
import { HOLDS_PAUSES_OFF, isOpen } from "./pauses.ts";
import { CLOCK, type Session, type Statement, sought } from "./statements.ts";
import { tallied } from "./tally.ts";

/**
 * Recovered and limited jobs that a claim for the buffer passes over at most in one queue. Rows are read as they are wanted, so the
 * bound costs nothing; it stands there because the planner walks an index in order only towards a limit.
 */
const PASSED_OVER = 1_000;

/**
 * A claim promises nothing that must outlive the server's memory, so it does not wait for the disk: of a crash of the
 * database it is undone, if nothing durable was written after it, and its job is as if nobody had taken it. The setting
 * holds for the transaction of the statement alone; a later commit that waits carries the claim with it.
 */
const WITHOUT_WAITING = "set_config('synchronous_commit', 'off', true)";

/**
 * One statement: nothing is claimed unless all of it is. It walks the stretches of the ready index in the order asked,
 * takes the lock of each row as it comes to it and passes over rows that others hold; `place` counts what it has
 * locked, so that a recovered job beyond the slots is passed over without a second walk.
 *
 * A stretch ends below a rank, not before a (rank, seq): PostgreSQL starts an index scan at a row value but does not
 * stop at one, and would walk the rest of the queue in vain.
 *
 * The lease is read, not locked. A judge that runs at the same time may end it before this commits: these jobs then
 * have an owner without a row, and the next `recover` finds them.
 *
 * The stretches of a paused queue are left out: nothing of them is taken, so their marks stay where they are.
 */
const CLAIM: Statement = {
  name: "claim",
  text: (t) => `
  WITH ${CLOCK},
  lease AS MATERIALIZED (
    SELECT c.now, ${WITHOUT_WAITING} FROM clock c JOIN ${t.server} s ON s.incarnation = $1
    WHERE s.renewed_at + s.timeout_ms > c.now AND ${HOLDS_PAUSES_OFF(t)}
  ),
  picked AS MATERIALIZED (
    SELECT p.id, p.place FROM (
      SELECT r.id, r.flags, row_number() OVER () AS place
      FROM lease CROSS JOIN unnest($3::text[], $4::smallint[], $5::bigint[], $6::integer[])
        AS s(queue, from_rank, from_seq, below_rank)
      CROSS JOIN LATERAL (
        SELECT j.id, j.flags FROM ${t.job} j
        WHERE j.state = 1 AND j.hold = 0 AND j.queue = s.queue
          AND (j.rank, j.seq) > (s.from_rank, s.from_seq) AND j.rank < s.below_rank
        ORDER BY j.rank, j.seq LIMIT $9 FOR UPDATE SKIP LOCKED
      ) r
      WHERE ${isOpen(t, "s.queue")}
    ) p
    WHERE p.place <= $7 OR p.flags & ${FLAG.recovered | FLAG.limited} = 0 LIMIT $7::bigint + $8::bigint
  ),
  taken AS (
    UPDATE ${t.job} j SET state = 4, state_at = l.now, entry = $2, owner = $1, fence = j.fence + 1,
      blamed = p.place <= $7 AND j.crashes < 2
    FROM picked p, lease l WHERE ${sought("j.id", "p.id")}
    RETURNING ${claimed("j", "p")}
  ),
  counted AS (${tallied(t, "taken", { from: STATE.Enqueued, to: STATE.Processing })})
  SELECT taken.* FROM lease LEFT JOIN taken ON true`,
};

export async function claim(
  session: Session,
  lowWater: LowWater,
  request: ClaimRequest,
): Promise<ClaimedJob[]> {
  const view = lowWater.view(request.queues);
  const { jobs, hasPassedOver } = await claimFrom(session, view, request);
  // What was passed over stands before what was taken, and is the first that a slot is for.
  if (!hasPassedOver) lowWater.took(view, jobs);
  if (view.whole || jobs.length === request.slots + request.buffer) return jobs;
  lowWater.forget();
  return [...jobs, ...(await claimBelow(session, lowWater, request, jobs.length))];
}

/** A claim above the marks fell short: what stands below them was put back there, or its insert was slow to commit. */
async function claimBelow(
  session: Session,
  lowWater: LowWater,
  request: ClaimRequest,
  taken: number,
): Promise<ClaimedJob[]> {
  const slots = Math.max(request.slots - taken, 0);
  const buffer = request.slots + request.buffer - taken - slots;
  try {
    return (await claimFrom(session, lowWater.view(request.queues), { ...request, slots, buffer })).jobs;
  } catch (error) {
    // The first part is committed: it must reach the caller, or nobody would run it while this server lives.
    if (taken === 0) throw error;
    return [];
  }
}

interface Claimed {
  readonly jobs: ClaimedJob[];
  readonly hasPassedOver: boolean;
}

function claimFrom(session: Session, { stretches }: View, request: ClaimRequest): Promise<Claimed> {
  return session.attempt("claim jobs", async () => {
    const rows = await session.run<Answer>(CLAIM, [
      request.incarnation,
      request.entry,
      textArray(stretches.map(({ queue }) => queue)),
      plainArray(stretches.map(({ from }) => from.rank)),
      plainArray(stretches.map(({ from }) => from.seq)),
      plainArray(stretches.map(({ belowRank }) => belowRank)),
      request.slots,
      request.buffer,
      request.slots + request.buffer + PASSED_OVER,
    ]);
    if (rows.length === 0) throw new LeaseLostError(request.incarnation);
    const { jobs, lastPlace } = toClaims(rows, request);
    return { jobs, hasPassedOver: lastPlace > jobs.length };
  });
}
