import { type ExpireRequest, type ExpireResult, type FinishedState, FLAG } from "../../storage/index.ts";
import { STATE } from "../shared/state-codes.ts";
import { plainArray, textArray } from "./arrays.ts";
import { CLOCK, type Runner, type Session, type Statement, sought } from "./statements.ts";
import { tallied } from "./tally.ts";

/**
 * $1 to $3: position of the bite before, rows. $4: age, null for none. $5: how many may stay, null for all. They are
 * counted in the snapshot in which they are looked at: of two that expire at once none takes what the other has left.
 */
function outOfDate(state: FinishedState): Statement {
  const column = state.toLowerCase();
  return {
    name: `out-of-date-${column}`,
    text: (t) => `
  WITH ${CLOCK},
  too_many AS MATERIALIZED (
    SELECT CASE WHEN $5::bigint IS NULL THEN 0 ELSE (SELECT x.${column} FROM ${t.total} x WHERE x.one)
      + (SELECT coalesce(sum(y.${column}), 0) FROM ${t.tally} y WHERE y.key > 0) - $5::bigint END AS count
  )
  SELECT d.id, d.flags, d.state_at, d.seq, (d.nth <= m.count OR d.state_at + $4::bigint <= c.now) IS TRUE FROM (
    SELECT o.*, row_number() OVER () AS nth FROM (
      SELECT d.id, d.flags, d.state_at, d.seq FROM ${t.jobDone} d
      WHERE d.state = ${STATE[state]} AND (d.state_at, d.seq) > ($1::bigint, $2::bigint)
      ORDER BY d.state_at, d.seq LIMIT $3
    ) o
  ) d, clock c, too_many m ORDER BY d.nth`,
  };
}

const OUT_OF_DATE = {
  Succeeded: outOfDate("Succeeded"),
  Failed: outOfDate("Failed"),
  Deleted: outOfDate("Deleted"),
} as const satisfies Record<FinishedState, Statement>;

/** Children lock their parents: what is locked here gets none that this transaction does not see. */
const LOCK: Statement = {
  name: "lock-expired",
  text: (t) => `
  SELECT d.id FROM unnest($1::uuid[]) AS o(id) CROSS JOIN LATERAL (
    SELECT d.id FROM ${t.jobDone} d WHERE d.id = o.id AND d.state = $2 FOR UPDATE SKIP LOCKED
  ) d`,
};

/** A child that has not finished, a Failed one included, may still ask for its parent's result. */
const REMOVE: Statement = {
  name: "expire",
  text: (t) => `
  WITH ${CLOCK},
  goes AS MATERIALIZED (
    SELECT o.id FROM unnest($1::uuid[], $2::boolean[]) AS o(id, parent)
    WHERE NOT o.parent OR NOT EXISTS (
      SELECT FROM ${t.edge} e CROSS JOIN LATERAL (
        SELECT j.state FROM ${t.job} j WHERE j.id = e.gate
        UNION ALL
        SELECT x.state FROM ${t.jobDone} x WHERE x.id = e.gate AND x.state = ${STATE.Failed}
      ) child WHERE e.parent = o.id OFFSET 0
    )
  ),
  gone AS (DELETE FROM ${t.jobDone} d USING goes g WHERE ${sought("d.id", "g.id")} RETURNING d.id, d.flags, d.state),
  edges AS (DELETE FROM ${t.edge} e USING gone g WHERE g.flags & ${FLAG.gated} <> 0 AND ${sought("e.gate", "g.id")}),
  gates AS (DELETE FROM ${t.gate} x USING gone g WHERE g.flags & ${FLAG.gated} <> 0 AND ${sought("x.id", "g.id")}),
  logs AS (DELETE FROM ${t.log} l USING gone g WHERE g.flags & ${FLAG.appended} <> 0 AND ${sought("l.job", "g.id")}),
  appendices AS (DELETE FROM ${t.appendix} a USING gone g WHERE g.flags & ${FLAG.appended} <> 0 AND ${sought("a.job", "g.id")}),
  counted AS (${tallied(t, "gone", { from: "state" })})
  SELECT count(*)::integer FROM gone`,
};

type Old = [id: string, flags: number, stateAt: number, seq: number, out: boolean];

export function expire(session: Session, { retention, limit, after }: ExpireRequest): Promise<ExpireResult> {
  const state = STATE[retention.state];
  return session.attempt("expire jobs", async () => {
    const looked = await session.run<Old>(OUT_OF_DATE[retention.state], [
      ...parseCursor(after),
      limit,
      retention.ageMs,
      retention.count,
    ]);
    const old = looked.filter(([, , , , isOut]) => isOut);
    const expired = old.length === 0 ? 0 : await session.transaction((tx) => remove(tx, old, state));
    const last = looked.at(-1);
    const isEnd = last === undefined || looked.length < limit || old.length < looked.length;
    return { expired, next: isEnd ? null : `${last[2]},${last[3]}` };
  });
}

async function remove(tx: Runner, old: readonly Old[], state: number): Promise<number> {
  const rows = await tx.run<[id: string]>(LOCK, [textArray(old.map(([id]) => id)), state]);
  const locked = new Set(rows.map(([id]) => id));
  const goes = old.filter(([id]) => locked.has(id));
  const [removed] = await tx.run<[count: number]>(REMOVE, [
    textArray(goes.map(([id]) => id)),
    plainArray(goes.map(([, flags]) => (flags & FLAG.parent) !== 0)),
  ]);
  return removed?.[0] ?? 0;
}

function parseCursor(after: string | undefined): [number, number] {
  const [stateAt, seq] = (after ?? "-1,-1").split(",").map(Number);
  const isSound = Number.isSafeInteger(stateAt) && Number.isSafeInteger(seq);
  return isSound ? [stateAt ?? -1, seq ?? -1] : [-1, -1];
}
