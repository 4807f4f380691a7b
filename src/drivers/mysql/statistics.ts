import {
  STATISTICS_MS,
  type StateCounts,
  type StatisticsHour,
  type StatisticsRange,
} from "../../storage/index.ts";
import { chunks, type Statements } from "./statements.ts";

const HOUR_MS = 3_600_000;
/** Changes are folded once they are this old: until then others may learn from them that something was written. */
const FOLD_AFTER_MS = 5_000;
const FOLDED_AT_ONCE = 1_000;

const STATES = "enqueued, scheduled, awaiting, processing, succeeded, failed, deleted";
const KINDS = "to_succeeded, to_failed, to_deleted, retried";
const STATE_COUNT = STATES.split(", ").length;
const sums = (columns: string) =>
  columns
    .split(", ")
    .map((column) => `SUM(${column})`)
    .join(", ");

/** One statement, so that it sees each change either by itself or within the totals. */
export async function counts(sql: Statements): Promise<StateCounts> {
  const row = await sql.first(
    `SELECT ${sums(STATES)} FROM (SELECT ${STATES} FROM firelater_total UNION ALL SELECT ${STATES} FROM firelater_change) AS each_one`,
  );
  const [Enqueued = 0, Scheduled = 0, Awaiting = 0, Processing = 0, Succeeded = 0, Failed = 0, Deleted = 0] =
    (row ?? []).map(Number);
  return { Enqueued, Scheduled, Awaiting, Processing, Succeeded, Failed, Deleted };
}

export async function statistics(sql: Statements, { from, to }: StatisticsRange): Promise<StatisticsHour[]> {
  const rows = await sql.all(
    `SELECT hour, ${sums(KINDS)} FROM (
       SELECT at AS hour, ${KINDS} FROM firelater_statistic
       UNION ALL SELECT at - at % ${HOUR_MS}, ${KINDS} FROM firelater_change
     ) AS each_one WHERE hour >= ? AND hour < ? GROUP BY hour ORDER BY hour`,
    from,
    to,
  );
  return rows
    .map((row) => {
      const [at = 0, succeeded = 0, failed = 0, deleted = 0, retried = 0] = row.map(Number);
      return { at, succeeded, failed, deleted, retried };
    })
    .filter(({ succeeded, failed, deleted, retried }) => succeeded + failed + deleted + retried > 0);
}

/**
 * Adds changes that are old enough to the totals and removes them; whether there may be more. The row of the totals is
 * the lock: who does not get it at once leaves the work to the one who has it. Changes of writes that are still under
 * way are passed over.
 */
export async function fold(sql: Statements, now: number, ageMs = FOLD_AFTER_MS): Promise<boolean> {
  if ((await sql.first("SELECT id FROM firelater_total FOR UPDATE SKIP LOCKED")) === undefined) return false;
  const rows = await sql.all(
    `SELECT tick, at, ${STATES}, ${KINDS} FROM firelater_change FORCE INDEX (PRIMARY)
     ORDER BY tick LIMIT ${FOLDED_AT_ONCE} FOR UPDATE SKIP LOCKED`,
  );
  const changes = rows.map((row) => row.map(Number)).filter(([, at = 0]) => at <= now - ageMs);
  if (changes.length === 0) return false;
  await addTotals(sql, changes);
  await addHours(sql, changes, now);
  for (const ticks of chunks(changes.map(([tick = 0]) => tick))) {
    await sql.run(
      "DELETE one FROM firelater_change AS one FORCE INDEX (PRIMARY) WHERE one.tick IN (?)",
      ticks,
    );
  }
  return changes.length === FOLDED_AT_ONCE;
}

async function addTotals(sql: Statements, changes: readonly number[][]): Promise<void> {
  const columns = STATES.split(", ");
  const added = columns.map((_, nth) => changes.reduce((sum, change) => sum + (change[nth + 2] ?? 0), 0));
  const assignments = columns.map((column) => `${column} = ${column} + ?`).join(", ");
  await sql.run(`UPDATE firelater_total SET ${assignments} WHERE id = 1`, ...added);
}

/** The first change of a new hour is when old hours go. */
async function addHours(sql: Statements, changes: readonly number[][], now: number): Promise<void> {
  const kinds = KINDS.split(", ");
  const hours = new Map<number, number[]>();
  for (const change of changes) {
    const [, at = 0] = change;
    const hour = hours.get(at - (at % HOUR_MS)) ?? kinds.map(() => 0);
    hours.set(at - (at % HOUR_MS), hour);
    kinds.forEach((_, nth) => {
      hour[nth] = (hour[nth] ?? 0) + (change[nth + 2 + STATE_COUNT] ?? 0);
    });
  }
  const rows = [...hours].filter(([, hour]) => hour.some((count) => count > 0));
  if (rows.length === 0) return;
  await sql.rows(
    `INSERT INTO firelater_statistic (at, ${KINDS})`,
    rows.map(([at, hour]) => [at, ...hour]),
    `ON DUPLICATE KEY UPDATE ${kinds.map((kind) => `${kind} = ${kind} + VALUES(${kind})`).join(", ")}`,
  );
  await sql.run("DELETE FROM firelater_statistic WHERE at < ?", now - STATISTICS_MS);
}
