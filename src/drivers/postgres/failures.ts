import { type FailureGroup, type FailureQuery, MAX_SCAN } from "../../storage/index.ts";
import { BEFORE_FINGERPRINT, FINGERPRINT_CHARS } from "../shared/fingerprint.ts";
import { STATE } from "../shared/state-codes.ts";
import type { Session, Statement } from "./statements.ts";

const FAILURES: Statement = {
  name: "failures",
  text: (t) => `
  WITH newest AS MATERIALIZED (
    SELECT d.id, d.state_at, d.seq,
      CASE WHEN strpos(d.entry, $2) = 0 THEN '' ELSE substr(d.entry, strpos(d.entry, $2) + $3, $4) END AS fingerprint
    FROM (
      SELECT j.id, j.state_at, j.seq, j.entry COLLATE "C" AS entry FROM ${t.jobDone} j
      WHERE j.state = ${STATE.Failed} ORDER BY j.state_at DESC, j.seq DESC LIMIT $1
    ) d
  )
  SELECT n.fingerprint, count(*) AS failed, min(n.state_at), max(n.state_at) AS last_at,
    (array_agg(n.id ORDER BY n.state_at DESC, n.seq DESC))[1]
  FROM newest n GROUP BY n.fingerprint ORDER BY failed DESC, last_at DESC LIMIT $5`,
};

type Group = [fingerprint: string, count: number, firstAt: number, lastAt: number, last: string];

export async function failures(session: Session, { scan, limit }: FailureQuery): Promise<FailureGroup[]> {
  const rows = await session.attempt("read failures", () =>
    session.run<Group>(FAILURES, [
      Math.min(scan, MAX_SCAN),
      BEFORE_FINGERPRINT,
      BEFORE_FINGERPRINT.length,
      FINGERPRINT_CHARS,
      Math.min(limit, MAX_SCAN),
    ]),
  );
  return rows.map(([fingerprint, count, firstAt, lastAt, last]) => ({
    fingerprint,
    count,
    firstAt,
    lastAt,
    last,
  }));
}
