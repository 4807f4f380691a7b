import {
  daysBeforeMonth,
  daysInMonth,
  firstDayOfYear,
  monthOfDay,
  weekdayOf,
  yearOfDay,
} from "./civil-date.ts";
import type { CronFields } from "./cron-fields.ts";
import { canMatch, type DayBits, matchingDays } from "./day-rules.ts";
import { NONE, type ValueSet } from "./value-set.ts";

/** What a schedule without a next time answers: later than everything. */
export const NEVER: number = Number.POSITIVE_INFINITY;

const SECONDS_A_DAY = 86_400;
/** The last day of a Date, and one more because a wall clock may be ahead of UTC. */
const LAST_DAY = 100_000_001;

/**
 * The readings of a wall clock that match an expression, in a world without time zones. A reading is the number of
 * milliseconds that it would be in UTC. What the zones make of it is `firings.ts`.
 */
export class WallClock {
  /** Whether any reading matches at all. */
  readonly matches: boolean;
  readonly #fields: CronFields;
  readonly #firstTime: number;
  /** The month that was asked for last: most questions stay in it. */
  #month = NONE;
  #year = 0;
  #days: DayBits = 0;

  constructor(fields: CronFields) {
    const { second, minute, hour, month } = fields;
    this.#fields = fields;
    this.matches = canMatch(fields.dayOfMonth, fields.dayOfWeek, month.values);
    this.#firstTime = hour.first * 3_600 + minute.first * 60 + second.first;
  }

  /** The first matching reading that is not before this one, or `NEVER`. */
  atOrAfter(reading: number): number {
    if (!this.matches) return NEVER;
    const seconds = Math.ceil(reading / 1_000);
    const day = Math.floor(seconds / SECONDS_A_DAY);
    const today = this.#dayAtOrAfter(day);
    if (today > day) return toReading(today, this.#firstTime);
    const time = this.#timeAtOrAfter(seconds - day * SECONDS_A_DAY);
    if (time !== NONE) return toReading(day, time);
    return toReading(this.#dayAtOrAfter(day + 1), this.#firstTime);
  }

  /** Month by month from the month of this day. Ends, because some month matches and the calendar repeats. */
  #dayAtOrAfter(day: number): number {
    let year = yearOfDay(day);
    let month = monthOfDay(day - firstDayOfYear(year), year);
    let first = firstDayOfYear(year) + daysBeforeMonth(year, month);
    let left = this.#daysIn(year, month, first) & (-1 << (day - first));
    while (left === 0) {
      const next = this.#fields.month.atOrAfter(month + 1);
      if (next === NONE) year += 1;
      month = next === NONE ? this.#fields.month.first : next;
      first = firstDayOfYear(year) + daysBeforeMonth(year, month);
      if (first > LAST_DAY) return NEVER;
      left = this.#daysIn(year, month, first);
    }
    return first + lowestBit(left);
  }

  #daysIn(year: number, month: number, firstDay: number): DayBits {
    if (month === this.#month && year === this.#year) return this.#days;
    const { dayOfMonth, dayOfWeek } = this.#fields;
    const open = this.#fields.month.atOrAfter(month) === month;
    this.#month = month;
    this.#year = year;
    this.#days = open
      ? matchingDays(dayOfMonth, dayOfWeek, daysInMonth(year, month), weekdayOf(firstDay))
      : 0;
    return this.#days;
  }

  /** Seconds of the day; `NONE` when the rest of the day has no match. */
  #timeAtOrAfter(secondOfDay: number): number {
    const { hour, minute, second } = this.#fields;
    const hourNow = Math.floor(secondOfDay / 3_600);
    if (hour.atOrAfter(hourNow) === hourNow) {
      const time = timeInHour(minute, second, secondOfDay - hourNow * 3_600);
      if (time !== NONE) return hourNow * 3_600 + time;
    }
    const later = hour.atOrAfter(hourNow + 1);
    return later === NONE ? NONE : later * 3_600 + minute.first * 60 + second.first;
  }
}

function timeInHour(minute: ValueSet, second: ValueSet, secondOfHour: number): number {
  const minuteNow = Math.floor(secondOfHour / 60);
  if (minute.atOrAfter(minuteNow) === minuteNow) {
    const time = second.atOrAfter(secondOfHour - minuteNow * 60);
    if (time !== NONE) return minuteNow * 60 + time;
  }
  const later = minute.atOrAfter(minuteNow + 1);
  return later === NONE ? NONE : later * 60 + second.first;
}

function toReading(day: number, secondOfDay: number): number {
  return (day * SECONDS_A_DAY + secondOfDay) * 1_000;
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
