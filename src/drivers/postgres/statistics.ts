import {
  STATISTICS_MS,
  type StateCounts,
  type StatisticsHour,
  type StatisticsRange,
} from "../../storage/index.ts";
import { CLOCK, type Session, type Statement, sought } from "./statements.ts";
import { STATE_COLUMNS } from "./tally.ts";

/** Deltas that one fold takes at most: a short transaction, whatever has gathered. */
export const FOLDED_AT_ONCE = 10_000;

const sums = (columns: readonly string[], of: string) =>
  columns.map((column) => `coalesce(sum(${of}.${column}), 0) AS ${column}`).join(", ");

/**
 * Takes deltas off their table and adds them to what they are about. One at a time folds; whoever comes second has
 * nothing to do. Readers see the deltas or what they were added to, never both: it is one statement.
 */
const FOLD: Statement = {
  name: "fold",
  text: (t) => `
  WITH ${CLOCK},
  alone AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtext('${t.schema}.fold'), 0) AS one
  ),
  oldest AS MATERIALIZED (
    SELECT d.key FROM alone a CROSS JOIN LATERAL (
      SELECT d.key FROM ${t.tally} d ORDER BY d.key LIMIT $1 FOR UPDATE SKIP LOCKED
    ) d WHERE a.one
  ),
  taken AS (DELETE FROM ${t.tally} d USING oldest o WHERE ${sought("d.key", "o.key")} RETURNING d.*),
  sum AS (SELECT count(*) AS count, ${sums(STATE_COLUMNS, "t")} FROM taken t),
  states AS (
    UPDATE ${t.total} x SET ${STATE_COLUMNS.map((column) => `${column} = x.${column} + s.${column}`).join(", ")}
    FROM sum s WHERE x.one AND s.count > 0
  ),
  hours AS (
    INSERT INTO ${t.statistic} AS x (at, succeeded, failed, deleted, retried)
    SELECT t.hour, sum(t.entered_succeeded), sum(t.entered_failed), sum(t.entered_deleted), sum(t.retried)
    FROM taken t GROUP BY t.hour
    HAVING sum(t.entered_succeeded + t.entered_failed + t.entered_deleted + t.retried) > 0
    ON CONFLICT (at) DO UPDATE SET succeeded = x.succeeded + excluded.succeeded, failed = x.failed + excluded.failed,
      deleted = x.deleted + excluded.deleted, retried = x.retried + excluded.retried
  ),
  old AS (DELETE FROM ${t.statistic} x USING alone a WHERE a.one AND x.at < (SELECT now - $2 FROM clock))
  SELECT count::integer FROM sum`,
};

const COUNTS: Statement = {
  name: "counts",
  text: (t) => `
  SELECT ${STATE_COLUMNS.map((column) => `(x.${column} + d.${column})::bigint`).join(", ")}
  FROM ${t.total} x, (SELECT ${sums(STATE_COLUMNS, "y")} FROM ${t.tally} y WHERE y.key > 0) d WHERE x.one`,
};

const STATISTICS: Statement = {
  name: "statistics",
  text: (t) => `
  SELECT a.at, sum(a.succeeded)::bigint, sum(a.failed)::bigint, sum(a.deleted)::bigint, sum(a.retried)::bigint FROM (
    SELECT x.at, x.succeeded, x.failed, x.deleted, x.retried FROM ${t.statistic} x WHERE x.at >= $1 AND x.at < $2
    UNION ALL
    SELECT d.hour, d.entered_succeeded, d.entered_failed, d.entered_deleted, d.retried FROM ${t.tally} d
    WHERE d.key > 0 AND d.hour >= $1 AND d.hour < $2
  ) a GROUP BY a.at HAVING sum(a.succeeded + a.failed + a.deleted + a.retried) > 0 ORDER BY a.at`,
};

type Counts = [number, number, number, number, number, number, number];

/** How many deltas it took. */
export async function fold(session: Session): Promise<number> {
  const [row] = await session.attempt("fold counters", () =>
    session.run<[count: number]>(FOLD, [FOLDED_AT_ONCE, STATISTICS_MS]),
  );
  return row?.[0] ?? 0;
}

export async function counts(session: Session): Promise<StateCounts> {
  const [row] = await session.attempt("count jobs", () => session.run<Counts>(COUNTS, []));
  const [Enqueued, Scheduled, Awaiting, Processing, Succeeded, Failed, Deleted] = row ?? [
    0, 0, 0, 0, 0, 0, 0,
  ];
  return { Enqueued, Scheduled, Awaiting, Processing, Succeeded, Failed, Deleted };
}

export async function statistics(session: Session, { from, to }: StatisticsRange): Promise<StatisticsHour[]> {
  const rows = await session.attempt("read statistics", () =>
    session.run<[number, number, number, number, number]>(STATISTICS, [from, to]),
  );
  return rows.map(([at, succeeded, failed, deleted, retried]) => ({
    at,
    succeeded,
    failed,
    deleted,
    retried,
  }));
}
