import { type CronField, DAY_OF_MONTH, DAY_OF_WEEK, HOUR, MINUTE, MONTH, SECOND } from "./cron-field.ts";
import type { CronFields } from "./cron-fields.ts";
import type { DayOfMonthRule, DayOfWeekRule } from "./day-rules.ts";

/**
 * The one text for all expressions that mean the same: numbers for names, the shortest form of a set, five fields
 * where second 0 is meant. Whether a time of day was written as an interval stays visible, since it decides what
 * happens when clocks are set back.
 */
export function formatCron(fields: CronFields): string {
  const { intervals } = fields;
  const second = formatTime(fields.second.values, SECOND, intervals.second);
  return [
    ...(second === "0" ? [] : [second]),
    formatTime(fields.minute.values, MINUTE, intervals.minute),
    formatTime(fields.hour.values, HOUR, intervals.hour),
    formatDayOfMonth(fields.dayOfMonth),
    formatValues(fields.month.values, MONTH),
    formatDayOfWeek(fields.dayOfWeek),
  ].join(" ");
}

function formatTime(values: readonly number[], field: CronField, interval: boolean): string {
  const [first = 0, ...others] = values;
  if (!interval) return values.join(",");
  if (values.length === 2) return formatEven(values, field);
  const text = formatValues(values, field);
  // An interval whose values look like a list, such as 0-6/3,10: its first value becomes a range of one.
  return /[*/-]/.test(text) ? text : [`${first}-${first}`, ...others].join(",");
}

function formatDayOfMonth({
  days,
  beforeLast,
  nearestWeekday,
  nearestWeekdayBeforeLast,
}: DayOfMonthRule): string {
  const plain = days.length > 0 ? formatValues(days, DAY_OF_MONTH) : "";
  if (plain === "*") return plain;
  const fromLast = (before: number): string => (before === 0 ? "L" : `L-${before}`);
  return [
    ...(plain === "" ? [] : [plain]),
    ...nearestWeekday.map((day) => `${day}W`),
    ...beforeLast.map(fromLast),
    ...nearestWeekdayBeforeLast.map((before) => `${fromLast(before)}W`),
  ].join(",");
}

function formatDayOfWeek({ weekdays, nth, last }: DayOfWeekRule): string {
  const plain = weekdays.length > 0 ? formatValues(weekdays, DAY_OF_WEEK) : "";
  if (plain === "*") return plain;
  return [
    ...(plain === "" ? [] : [plain]),
    ...nth.map((one) => `${one.weekday}#${one.nth}`),
    ...last.map((weekday) => `${weekday}L`),
  ].join(",");
}

/** `*`, one range or step where three values or more are evenly spaced, else a list of ranges and values. */
function formatValues(values: readonly number[], field: CronField): string {
  const [first = 0, second = first] = values;
  if (values.length === field.cycle) return "*";
  if (values.length < 3) return values.join(",");
  const step = second - first;
  return values.every((value, index) => value === first + index * step)
    ? formatEven(values, field)
    : formatRuns(values);
}

function formatEven(values: readonly number[], { least, most }: CronField): string {
  const [first = 0, second = first] = values;
  const last = values.at(-1) ?? first;
  const step = second - first;
  if (step === 1) return `${first}-${last}`;
  if (last + step <= most) return `${first}-${last}/${step}`;
  return first === least ? `*/${step}` : `${first}/${step}`;
}

/** Three neighbours or more become a range. */
function formatRuns(values: readonly number[]): string {
  const runs: number[][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1) === value - 1) run.push(value);
    else runs.push([value]);
  }
  return runs.map((run) => (run.length < 3 ? run.join(",") : `${run.at(0)}-${run.at(-1)}`)).join(",");
}
