/** Days of a month as bits: bit 0 is the 1st. */
export type DayBits = number;

/** What the day of month allows; a day fits if any part allows it. */
export interface DayOfMonthRule {
  /** Days by their number. */
  readonly days: readonly number[];
  /** `L` is 0, `L-3` is 3. */
  readonly beforeLast: readonly number[];
  /** `15W` is 15. */
  readonly nearestWeekday: readonly number[];
  /** `LW` is 0, `L-3W` is 3. */
  readonly nearestWeekdayBeforeLast: readonly number[];
}

/** What the day of week allows, Sunday being 0; a day fits if any part allows it. */
export interface DayOfWeekRule {
  readonly weekdays: readonly number[];
  /** `FRI#2` is the second Friday. */
  readonly nth: readonly NthWeekday[];
  /** `FRIL` is 5: the last one of the month. */
  readonly last: readonly number[];
}

export interface NthWeekday {
  readonly weekday: number;
  readonly nth: number;
}

const SATURDAY = 6;
const SUNDAY = 0;
/** The 1st, 8th, 15th, 22nd and 29th. */
const ONCE_A_WEEK: DayBits = 0b1_0000001_0000001_0000001_0000001;
const SHORTEST_AND_LONGEST: readonly (readonly [number, number])[] = [
  [31, 31],
  [28, 29],
  ...[31, 30, 31, 30, 31, 31, 30, 31, 30, 31].map((length) => [length, length] as const),
];

/** The days of a month that fit both rules: the day of month and the day of week. */
export function matchingDays(
  dayOfMonth: DayOfMonthRule,
  dayOfWeek: DayOfWeekRule,
  length: number,
  firstWeekday: number,
): DayBits {
  const byNumber = daysByNumber(dayOfMonth, length, firstWeekday);
  return byNumber === 0 ? 0 : byNumber & daysByWeekday(dayOfWeek, length, firstWeekday);
}

/**
 * Whether any month of the calendar has a day that fits. A month is told by its length and its first weekday, and
 * in the 400 years after which the Gregorian calendar repeats every month starts on all seven, in leap years too.
 */
export function canMatch(
  dayOfMonth: DayOfMonthRule,
  dayOfWeek: DayOfWeekRule,
  months: readonly number[],
): boolean {
  return months.some((month) => {
    const [shortest, longest] = SHORTEST_AND_LONGEST[month - 1] ?? [0, 0];
    for (let length = shortest; length <= longest; length++) {
      for (let first = 0; first < 7; first++) {
        if (matchingDays(dayOfMonth, dayOfWeek, length, first) !== 0) return true;
      }
    }
    return false;
  });
}

function daysByNumber(rule: DayOfMonthRule, length: number, firstWeekday: number): DayBits {
  let bits = 0;
  for (const day of rule.days) bits |= bitOf(day, length);
  for (const before of rule.beforeLast) bits |= bitOf(length - before, length);
  for (const day of rule.nearestWeekday) bits |= nearestWeekday(day, length, firstWeekday);
  for (const before of rule.nearestWeekdayBeforeLast) {
    bits |= nearestWeekday(length - before, length, firstWeekday);
  }
  return bits;
}

function daysByWeekday(rule: DayOfWeekRule, length: number, firstWeekday: number): DayBits {
  let bits = 0;
  for (const weekday of rule.weekdays) bits |= ONCE_A_WEEK << (firstOf(weekday, firstWeekday) - 1);
  for (const { weekday, nth } of rule.nth)
    bits |= bitOf(firstOf(weekday, firstWeekday) + 7 * (nth - 1), length);
  for (const weekday of rule.last) {
    const first = firstOf(weekday, firstWeekday);
    bits |= bitOf(first + 7 * Math.floor((length - first) / 7), length);
  }
  return bits & allDays(length);
}

/** Never out of the month: what would leave it goes the other way. */
function nearestWeekday(day: number, length: number, firstWeekday: number): DayBits {
  const weekday = (firstWeekday + day - 1) % 7;
  if (day < 1 || day > length) return 0;
  if (weekday === SATURDAY) return bitOf(day > 1 ? day - 1 : day + 2, length);
  if (weekday === SUNDAY) return bitOf(day < length ? day + 1 : day - 2, length);
  return bitOf(day, length);
}

/** The number of the first day of the month that is this weekday, 1 to 7. */
function firstOf(weekday: number, firstWeekday: number): number {
  return ((weekday - firstWeekday + 7) % 7) + 1;
}

function bitOf(day: number, length: number): DayBits {
  return day >= 1 && day <= length ? 1 << (day - 1) : 0;
}

function allDays(length: number): DayBits {
  return 0x7fff_ffff >>> (31 - length);
}
