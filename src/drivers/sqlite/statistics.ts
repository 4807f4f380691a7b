import { STATISTICS_MS, type StatisticsHour, type StatisticsRange } from "../../storage/index.ts";
import type { Statements } from "./statements.ts";

const HOUR_MS = 3_600_000;

type Counts = { -readonly [Kind in Exclude<keyof StatisticsHour, "at">]: number };

/** What a transaction has done, by hours: counted here and written once, however many jobs it was. */
export class Tally {
  readonly #hours = new Map<number, Counts>();

  count(kind: keyof Counts, now: number, count: number): void {
    this.#hour(now - (now % HOUR_MS))[kind] += count;
  }

  add(other: Tally): void {
    for (const [at, counts] of other.#hours) {
      const hour = this.#hour(at);
      hour.succeeded += counts.succeeded;
      hour.failed += counts.failed;
      hour.deleted += counts.deleted;
      hour.retried += counts.retried;
    }
  }

  write(sql: Statements): void {
    for (const [at, counts] of this.#hours) writeHour(sql, at, counts);
  }

  #hour(at: number): Counts {
    let hour = this.#hours.get(at);
    if (hour === undefined) {
      hour = { succeeded: 0, failed: 0, deleted: 0, retried: 0 };
      this.#hours.set(at, hour);
    }
    return hour;
  }
}

/** A row that is missing is a new hour: then old ones go, once an hour. */
function writeHour(sql: Statements, at: number, { succeeded, failed, deleted, retried }: Counts): void {
  const written = sql.run(
    `UPDATE firelater_statistic SET succeeded = succeeded + ?, failed = failed + ?, deleted = deleted + ?,
     retried = retried + ? WHERE at = ?`,
    succeeded,
    failed,
    deleted,
    retried,
    at,
  );
  if (written === 1) return;
  sql.run(
    "INSERT INTO firelater_statistic (at, succeeded, failed, deleted, retried) VALUES (?, ?, ?, ?, ?)",
    at,
    succeeded,
    failed,
    deleted,
    retried,
  );
  sql.run("DELETE FROM firelater_statistic WHERE at < ?", at - STATISTICS_MS);
}

export function statistics(sql: Statements, { from, to }: StatisticsRange): StatisticsHour[] {
  const rows = sql.all(
    `SELECT at, succeeded, failed, deleted, retried FROM firelater_statistic
     WHERE at >= ? AND at < ? ORDER BY at`,
    from,
    to,
  );
  return rows.map(([at, succeeded, failed, deleted, retried]) => ({
    at: Number(at),
    succeeded: Number(succeeded),
    failed: Number(failed),
    deleted: Number(deleted),
    retried: Number(retried),
  }));
}
