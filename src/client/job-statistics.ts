import { checkFields, refuseOption } from "../job/options.ts";
import type { StatisticsHour } from "../storage/index.ts";
import { type Instant, toEpochMilliseconds } from "./instant.ts";

/** Which part of the statistics is asked for. */
export interface StatisticsOptions {
  /** From the hour, or day, of this instant on. Default: 24 hours, or 30 days, ago. */
  readonly from?: Instant | undefined;
  /** Up to this instant. Default: now, by the storage's clock. */
  readonly to?: Instant | undefined;
  /** Default `"hour"`. */
  readonly by?: "hour" | "day" | undefined;
  /** In which days begin and end, such as `"Europe/Paris"`; zones that are not whole hours from UTC are rounded down. Default `"UTC"`. */
  readonly timeZone?: string | undefined;
}

/** What happened in one hour or day; counts never fall, and a job that ran twice counts twice. */
export interface StatisticsEntry {
  /** When the hour or day began. */
  readonly at: Date;
  readonly succeeded: number;
  /** Jobs that failed for good. */
  readonly failed: number;
  readonly deleted: number;
  /** Runs that failed and were tried again. */
  readonly retried: number;
}

export interface StatisticsPeriod {
  readonly from: number;
  readonly to: number;
  /** The beginning of the hour or day in which an instant lies. */
  readonly beginning: (at: number) => number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * @throws InvalidOptionsError `FL_INVALID_OPTIONS`, InvalidInstantError `FL_INVALID_INSTANT`.
 */
export function toPeriod(options: StatisticsOptions, now: number): StatisticsPeriod {
  checkFields<StatisticsOptions>(options, CHECKS, "the options of statistics");
  const { by = "hour", timeZone = "UTC" } = options;
  const to = options.to === undefined ? now + 1 : toEpochMilliseconds(options.to);
  const span = by === "hour" ? DAY_MS : 30 * DAY_MS;
  const from = options.from === undefined ? to - span : toEpochMilliseconds(options.from);
  const beginning = by === "hour" ? (at: number) => at - (at % HOUR_MS) : dayOf(timeZone);
  return { from: beginning(from), to, beginning };
}

/** Hours summed up by the period that they lie in, oldest first; those in which nothing happened are left out. */
export function sumUp(hours: readonly StatisticsHour[], { beginning }: StatisticsPeriod): StatisticsEntry[] {
  const entries = new Map<number, StatisticsEntry>();
  for (const { at, ...counts } of hours) {
    const start = beginning(at);
    const before = entries.get(start) ?? { succeeded: 0, failed: 0, deleted: 0, retried: 0 };
    entries.set(start, {
      at: new Date(start),
      succeeded: before.succeeded + counts.succeeded,
      failed: before.failed + counts.failed,
      deleted: before.deleted + counts.deleted,
      retried: before.retried + counts.retried,
    });
  }
  return [...entries.values()];
}

const CHECKS = {
  from: () => {},
  to: () => {},
  by: (value: unknown, label: string) => {
    if (value !== "hour" && value !== "day") throw refuseOption(value, label, '"hour" or "day".');
  },
  timeZone: (value: unknown, label: string) => {
    try {
      new Intl.DateTimeFormat("en", { timeZone: String(value) });
    } catch {
      throw refuseOption(value, label, 'a time zone of the IANA database, such as "Europe/Paris".');
    }
  },
};

/** A day of 23 or 25 hours where clocks are set: found by the zone's own calendar, hour by hour back to its midnight. */
function dayOf(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("en-u-ca-iso8601", { timeZone, dateStyle: "short" });
  const known = new Map<string, number>();
  return (at) => {
    const hour = at - (at % HOUR_MS);
    const date = format.format(hour);
    let start = known.get(date);
    if (start === undefined) {
      start = hour;
      while (format.format(start - HOUR_MS) === date) start -= HOUR_MS;
      known.set(date, start);
    }
    return start;
  };
}
