/** The Gregorian calendar, backwards before 1582 too, on day numbers: day 0 is 1970-01-01. Months are 1 to 12. */

const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
const AVERAGE_YEAR = 365.2425;
const LEAP_DAYS_BEFORE_1970 = leapDaysBefore(1970);

/** The day number of 1 January. */
export function firstDayOfYear(year: number): number {
  return 365 * (year - 1970) + leapDaysBefore(year) - LEAP_DAYS_BEFORE_1970;
}

/** The year that a day lies in: the average year misses by one at most. */
export function yearOfDay(day: number): number {
  const guess = Math.floor(day / AVERAGE_YEAR) + 1970;
  if (day < firstDayOfYear(guess)) return guess - 1;
  return day < firstDayOfYear(guess + 1) ? guess : guess + 1;
}

/** The month in which the n-th day of a year lies, counted from 0: no month is longer than 32 days, so one step is enough. */
export function monthOfDay(dayOfYear: number, year: number): number {
  const guess = (dayOfYear >> 5) + 1;
  return dayOfYear < daysBeforeMonth(year, guess + 1) ? guess : guess + 1;
}

/** Days of a year that lie before a month; month 13 gives the length of the year. */
export function daysBeforeMonth(year: number, month: number): number {
  return (DAYS_BEFORE_MONTH[month - 1] ?? 0) + (month > 2 && isLeapYear(year) ? 1 : 0);
}

export function daysInMonth(year: number, month: number): number {
  return daysBeforeMonth(year, month + 1) - daysBeforeMonth(year, month);
}

/** 0 is Sunday. Day 0 was a Thursday. */
export function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Leap days since the year 1; negative before it. */
function leapDaysBefore(year: number): number {
  const years = year - 1;
  return Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
}
