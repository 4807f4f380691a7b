import { CronExpression } from "../../recurring/cron-expression.ts";
import { timeZoneOf } from "../../recurring/zone/time-zone.ts";
import type { NextRun } from "../api/recurring.ts";

const MINUTE_MS = 60_000;
/** A run after a change of the clock: the ones further away are no news. */
const NEAR_MS = 32 * 24 * 3_600_000;

/**
 * The next runs of an expression, by the parser that fires them, so that what is shown is what happens.
 *
 * @throws InvalidCronError `FL_INVALID_CRON`, UnknownTimeZoneError `FL_UNKNOWN_TIME_ZONE`
 */
export function nextRuns(cron: string, timeZone: string, now: number, count: number): NextRun[] {
  const expression = CronExpression.parse(cron);
  const zone = timeZoneOf(timeZone);
  const offsetAt = (at: number): number => Math.round(zone.at(at).offset / MINUTE_MS);
  const runs: NextRun[] = [];
  let before = now;
  for (let nth = 0; nth < count; nth++) {
    const at = expression.nextAt(before, timeZone);
    if (at === null) break;
    const offset = offsetAt(at);
    const jump = at - before <= NEAR_MS || nth > 0 ? offset - offsetAt(before) : 0;
    runs.push({ at, local: new Date(at + offset * MINUTE_MS).toISOString().slice(0, 19), offset, jump });
    before = at;
  }
  return runs;
}
