import type { DayOfMonthRule, DayOfWeekRule } from "./day-rules.ts";
import type { ValueSet } from "./value-set.ts";

/** What an expression says, field by field. */
export interface CronFields {
  readonly second: ValueSet;
  readonly minute: ValueSet;
  readonly hour: ValueSet;
  readonly dayOfMonth: DayOfMonthRule;
  readonly month: ValueSet;
  readonly dayOfWeek: DayOfWeekRule;
  /** The fields of the time of day that were written with `*`, a range or a step. */
  readonly intervals: Intervals;
}

/**
 * Vixie cron tells expressions by how the time of day is written: with `*`, a range or a step they mean an interval
 * that goes on whatever the clock is set to; else they mean a fixed time of day.
 */
export interface Intervals {
  readonly second: boolean;
  readonly minute: boolean;
  readonly hour: boolean;
}

export function isInterval({ intervals }: CronFields): boolean {
  return intervals.second || intervals.minute || intervals.hour;
}
