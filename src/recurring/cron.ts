import { preview } from "../base/error.ts";
import { type CronField, DAY_OF_MONTH, DAY_OF_WEEK, HOUR, MINUTE, MONTH, SECOND } from "./cron/cron-field.ts";
import { InvalidCronError } from "./cron/invalid-cron-error.ts";

/** A day of the week: its name, or its number from 0 (Sunday) to 7 (Sunday again). */
export type CronWeekday =
  | "SUN"
  | "MON"
  | "TUE"
  | "WED"
  | "THU"
  | "FRI"
  | "SAT"
  | 0
  | 1
  | 2
  | 3
  | 4
  | 5
  | 6
  | 7;

/** The ways in which `Cron` writes an expression. Each throws `InvalidCronError` for a number that does not fit. */
export interface CronHelpers {
  /** Every minute. */
  minutely(): string;
  /** Once an hour; the minute defaults to 0. */
  hourly(minute?: number): string;
  /** Once a day; default midnight. */
  daily(hour?: number, minute?: number): string;
  /** Once a week; default Monday at midnight. */
  weekly(day?: CronWeekday, hour?: number, minute?: number): string;
  /** Once a month; default the 1st at midnight. Months without that day are left out: for the last day write `"0 0 L * *"`. */
  monthly(day?: number, hour?: number, minute?: number): string;
  /** Once a year; default 1 January at midnight. The month counts from 1. */
  yearly(month?: number, day?: number, hour?: number, minute?: number): string;
  /** Each time that the seconds of the minute are a multiple; `seconds` must divide 60, else the last gap would be shorter. */
  everySeconds(seconds: number): string;
  /** Each time that the minutes of the hour are a multiple; `minutes` must divide 60, else the last gap would be shorter. */
  everyMinutes(minutes: number): string;
  /** Each time that the hour is a multiple; `hours` must divide 24. The minute defaults to 0. */
  everyHours(hours: number, minute?: number): string;
  /** On the 1st of January and of every so many months after it, at midnight; `months` must divide 12. */
  everyMonths(months: number): string;
  /** No time at all: a job that only runs when it is triggered. */
  never(): string;
}

/**
 * Writes the usual cron expressions, so that nobody has to remember the order of the fields.
 *
 * @example
 * ```ts
 * import { Cron } from "firelater";
 *
 * console.log(Cron.daily(9)); // 0 9 * * *
 * console.log(Cron.weekly("FRI", 17, 30)); // 30 17 * * FRI
 * console.log(Cron.monthly(15, 8)); // 0 8 15 * *
 * ```
 */
export const Cron: CronHelpers = Object.freeze({
  minutely: () => "* * * * *",
  hourly: (minute = 0) => `${within(minute, MINUTE)} * * * *`,
  daily: (hour = 0, minute = 0) => `${timeOfDay(hour, minute)} * * *`,
  weekly: (day = "MON", hour = 0, minute = 0) => `${timeOfDay(hour, minute)} * * ${weekdayWithin(day)}`,
  monthly: (day = 1, hour = 0, minute = 0) => `${timeOfDay(hour, minute)} ${within(day, DAY_OF_MONTH)} * *`,
  yearly: (month = 1, day = 1, hour = 0, minute = 0) =>
    `${timeOfDay(hour, minute)} ${within(day, DAY_OF_MONTH)} ${within(month, MONTH)} *`,
  everySeconds: (seconds) => `${every(seconds, SECOND)} * * * * *`,
  everyMinutes: (minutes) => `${every(minutes, MINUTE)} * * * *`,
  everyHours: (hours, minute = 0) => `${within(minute, MINUTE)} ${every(hours, HOUR)} * * *`,
  everyMonths: (months) => `0 0 1 ${every(months, MONTH)} *`,
  never: () => "0 0 31 2 *",
} satisfies CronHelpers);

function timeOfDay(hour: number, minute: number): string {
  return `${within(minute, MINUTE)} ${within(hour, HOUR)}`;
}

function within(value: number, field: CronField): number {
  if (Number.isInteger(value) && value >= field.least && value <= field.most) return value;
  throw refuse(value, field, `Pass a whole number from ${field.least} to ${field.most}.`);
}

function weekdayWithin(day: CronWeekday): CronWeekday {
  if (typeof day === "number") within(day, DAY_OF_WEEK);
  else if (!DAY_OF_WEEK.names.includes(day)) {
    throw refuse(day, DAY_OF_WEEK, `Pass one of ${DAY_OF_WEEK.names.join(", ")}, or 0 (SUN) to 7 (SUN).`);
  }
  return day;
}

function every(count: number, field: CronField): string {
  if (count === 1) return "*";
  if (Number.isInteger(count) && count > 1 && count < field.cycle && field.cycle % count === 0)
    return `*/${count}`;
  const fitting = Array.from({ length: field.cycle - 1 }, (_, index) => index + 1).filter(
    (divisor) => field.cycle % divisor === 0,
  );
  throw refuse(count, field, `Pass one that divides ${field.cycle}: ${fitting.join(", ")}.`);
}

function refuse(value: unknown, field: CronField, mend: string): InvalidCronError {
  return new InvalidCronError({
    code: "FL_INVALID_CRON",
    what: `Cannot use ${preview(value)} for the ${field.label} of a cron expression.`,
    mend,
  });
}
