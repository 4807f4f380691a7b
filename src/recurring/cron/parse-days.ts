import { DAY_OF_MONTH, DAY_OF_WEEK } from "./cron-field.ts";
import type { DayOfMonthRule, DayOfWeekRule, NthWeekday } from "./day-rules.ts";
import { invalidPart, type Place } from "./invalid-cron-error.ts";
import { readCount, readTerm, readValue, splitList } from "./terms.ts";

const ANY = "?";
const BEFORE_LAST = /^L(?:-([0-9]+))?(W)?$/;
const NEAREST_WEEKDAY = /^([0-9]+)W$/;
const NTH_WEEKDAY = /^([0-9A-Z]+)#([0-9]+)$/;
const LAST_WEEKDAY = /^([0-9A-Z]+)L$/;
/** `L-0` is `L`, `L-30` the 1st of a month with 31 days. */
const BEFORE_LAST_BOUNDS = { least: 0, most: 30 };
const WEEKS = { least: 1, most: 5 };

/** The third of five fields. The special forms stand in lists like plain days: a day fits if any term allows it. */
export function parseDayOfMonth(list: string, text: string): DayOfMonthRule {
  const place = { text, field: DAY_OF_MONTH };
  const days = new Set<number>();
  const beforeLast = new Set<number>();
  const nearestWeekday = new Set<number>();
  const nearestWeekdayBeforeLast = new Set<number>();
  for (const term of splitList(anyAsStar(list), place)) {
    const [fromLast, before, weekday] = BEFORE_LAST.exec(term) ?? [];
    const [, near] = NEAREST_WEEKDAY.exec(term) ?? [];
    if (fromLast !== undefined) {
      const offset = before === undefined ? 0 : readCount(before, BEFORE_LAST_BOUNDS, term, place);
      (weekday === undefined ? beforeLast : nearestWeekdayBeforeLast).add(offset);
    } else if (near !== undefined) nearestWeekday.add(readValue(near, place));
    else if (term.startsWith("L")) throw invalidPart(place, term, "is none of L, L-3, LW and L-3W");
    else for (const day of readDays(term, place)) days.add(day);
  }
  return {
    days: ascending(days),
    beforeLast: ascending(beforeLast),
    nearestWeekday: ascending(nearestWeekday),
    nearestWeekdayBeforeLast: ascending(nearestWeekdayBeforeLast),
  };
}

/** The last field. */
export function parseDayOfWeek(list: string, text: string): DayOfWeekRule {
  const place = { text, field: DAY_OF_WEEK };
  const weekdays = new Set<number>();
  const last = new Set<number>();
  const nth = new Map<string, NthWeekday>();
  for (const term of splitList(anyAsStar(list), place)) {
    const [, weekday, week] = NTH_WEEKDAY.exec(term) ?? [];
    const [, lastWeekday] = LAST_WEEKDAY.exec(term) ?? [];
    if (weekday !== undefined && week !== undefined) {
      const one = { weekday: readWeekday(weekday, place), nth: readCount(week, WEEKS, term, place) };
      nth.set(`${one.weekday}#${one.nth}`, one);
    } else if (lastWeekday !== undefined) last.add(readWeekday(lastWeekday, place));
    else for (const day of readDays(term, place)) weekdays.add(day % 7);
  }
  return {
    weekdays: ascending(weekdays),
    nth: [...nth.values()].sort((a, b) => a.nth - b.nth || a.weekday - b.weekday),
    last: ascending(last),
  };
}

function anyAsStar(list: string): string {
  return list === ANY ? "*" : list;
}

function readWeekday(text: string, place: Place): number {
  return readValue(text, place) % 7;
}

/** What is special elsewhere gets an error that says so. */
function readDays(term: string, place: Place): readonly number[] {
  if (term.includes(ANY)) throw invalidPart(place, term, `holds "?", which only fits as the whole field`);
  if (term === "L") throw invalidPart(place, term, `needs a day before it, as in FRIL, "the last Friday"`);
  if (/[0-9]L?W/.test(term))
    throw invalidPart(place, term, `holds "W", which only follows a single day, L or L-3`);
  return readTerm(term, place).values;
}

function ascending(values: ReadonlySet<number>): number[] {
  return [...values].sort((a, b) => a - b);
}
