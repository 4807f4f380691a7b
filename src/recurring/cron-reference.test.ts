/**
 * The engine against a reference that is slow and obvious: it asks `Intl` for the wall clock at every second or
 * minute of a window and applies the rules by their definition. It shares no code with the engine.
 *
 * `FIRELATER_CRON_ROUNDS=40` runs forty times as many expressions, on other seeds and in more windows.
 */
import { afterAll, describe, expect, it } from "vitest";
import { CronExpression } from "./cron-expression.ts";

const SECOND = 1_000;
const MINUTE = 60_000;
const DAY = 86_400_000;
const ROUNDS = Number(process.env.FIRELATER_CRON_ROUNDS ?? 1);
const LONG = ROUNDS > 1;

// ---- The rules by their definition ----

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split(" ");
const LIMITS = {
  second: [0, 59],
  minute: [0, 59],
  hour: [0, 23],
  day: [1, 31],
  month: [1, 12],
  weekday: [0, 6],
} as const;
type FieldName = keyof typeof LIMITS;

/** Walks from the first value to the last, one by one, around the end of the field, and keeps every n-th. */
function expandTerm(term: string, field: FieldName): number[] {
  const [least, most] = LIMITS[field];
  const [range = "", step] = term.split("/");
  const [start = "", end] = range.split("-");
  const numberOf = (text: string): number => {
    const names = field === "month" ? ["", ...MONTHS] : field === "weekday" ? WEEKDAYS : [];
    const value = names.includes(text) ? names.indexOf(text) : Number(text);
    return field === "weekday" && value === 7 ? 0 : value;
  };
  const any = range === "*" || range === "?";
  const first = any ? least : numberOf(start);
  const last = end === undefined ? (any || step !== undefined ? most : first) : numberOf(end);
  const values: number[] = [];
  for (let value = first, walked = 0; ; value = value === most ? least : value + 1, walked++) {
    if (walked % Number(step ?? 1) === 0) values.push(value);
    if (value === last) return values;
  }
}

function daysOfMonth(year: number, month: number): Date[] {
  const days: Date[] = [];
  for (let at = Date.UTC(year, month, 1); new Date(at).getUTCMonth() === month; at += DAY)
    days.push(new Date(at));
  return days;
}

function dayMatches(list: string, date: Date): boolean {
  const days = daysOfMonth(date.getUTCFullYear(), date.getUTCMonth());
  const working = days
    .map((day) => day.getUTCDate())
    .filter((_, index) => [1, 2, 3, 4, 5].includes(days[index]?.getUTCDay() ?? 0));
  return list.split(",").some((term) => {
    const special = /^(L|\d+)?(?:-(\d+))?(W)?$/.exec(term);
    if (!special || !/[LW]/.test(term)) return expandTerm(term, "day").includes(date.getUTCDate());
    const wanted = special[1] === "L" ? days.length - Number(special[2] ?? 0) : Number(special[1]);
    if (wanted < 1 || wanted > days.length) return false;
    if (!special[3]) return date.getUTCDate() === wanted;
    const nearest = working.reduce((best, day) =>
      Math.abs(day - wanted) < Math.abs(best - wanted) ? day : best,
    );
    return date.getUTCDate() === nearest;
  });
}

function weekdayMatches(list: string, date: Date): boolean {
  const same = daysOfMonth(date.getUTCFullYear(), date.getUTCMonth()).filter(
    (day) => day.getUTCDay() === date.getUTCDay(),
  );
  const index = same.findIndex((day) => day.getUTCDate() === date.getUTCDate());
  return list.split(",").some((term) => {
    const [, name = "", nth] = /^(\w+)#(\d)$/.exec(term) ?? /^(\w+)L$/.exec(term) ?? [];
    if (name === "") return expandTerm(term, "weekday").includes(date.getUTCDay());
    if (!expandTerm(name, "weekday").includes(date.getUTCDay())) return false;
    return nth === undefined ? index === same.length - 1 : index === Number(nth) - 1;
  });
}

/** Whether a reading of a wall clock, written as the instant that it would be in UTC, matches. */
function matcher(text: string): (reading: number) => boolean {
  const words = text.split(" ");
  const [second = "", minute = "", hour = "", day = "", month = "", weekday = ""] =
    words.length === 5 ? ["0", ...words] : words;
  const sets = Object.entries({ second, minute, hour, month }).map(
    ([field, list]) => new Set(list.split(",").flatMap((term) => expandTerm(term, field as FieldName))),
  );
  const dates = new Map<number, boolean>();
  return (reading) => {
    const date = new Date(reading);
    const values = [date.getUTCSeconds(), date.getUTCMinutes(), date.getUTCHours(), date.getUTCMonth() + 1];
    if (!values.every((value, index) => sets[index]?.has(value))) return false;
    const number = Math.floor(reading / DAY);
    const known = dates.get(number);
    if (known !== undefined) return known;
    const fits = dayMatches(day, date) && weekdayMatches(weekday, date);
    dates.set(number, fits);
    return fits;
  };
}

function isInterval(text: string): boolean {
  const words = text.split(" ");
  return /[*/-]/.test(words.slice(0, words.length - 3).join(" "));
}

interface Window {
  readonly zone: string;
  readonly from: number;
  readonly step: number;
  /** What the wall clock shows at `from`, `from + step`, … */
  readonly readings: readonly number[];
}

/** Readings by the fields that `Intl` shows, in years after Christ. */
function readWindow(zone: string, from: number, days: number, step: number): Window {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  const readings: number[] = [];
  for (let at = from; at < from + days * DAY; at += step) {
    const [day = 0, month = 0, year = 0, hour, minute, second] = (format.format(at).match(/\d+/g) ?? []).map(
      Number,
    );
    readings.push(Date.UTC(year, month - 1, day, hour, minute, second));
  }
  return { zone, from, step, readings };
}

/** Every firing of a window. The first two days only tell how far the wall clock had come. */
function firingsByDefinition(text: string, { from, step, readings }: Window, after: number): number[] {
  const matches = matcher(text);
  const interval = isInterval(text);
  const firings: number[] = [];
  let farthest = Number.NEGATIVE_INFINITY;
  readings.forEach((reading, index) => {
    const at = from + index * step;
    let fires = interval && matches(reading);
    if (at >= after)
      for (
        let passed = Math.max(farthest + step, reading - 2 * DAY);
        passed <= reading && !fires;
        passed += step
      )
        fires = matches(passed);
    farthest = Math.max(farthest, reading);
    if (fires && at >= after) firings.push(at);
  });
  return firings;
}

// ---- Chance, from a seed ----

class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, not including, 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.integer(0, values.length - 1)] ?? values[0];
  }
}

function someTerm(chance: Chance, least: number, most: number): string {
  const value = (): number => chance.integer(least, most);
  const step = (): number => chance.pick([1, 2, 3, 5, 7, chance.integer(1, Math.min(most, 30))]);
  return chance.pick<() => string>([
    () => `${value()}`,
    () => `${value()}`,
    () => `${value()}-${value()}`,
    () => `${value()}-${value()}/${step()}`,
    () => `${value()}/${step()}`,
    () => `*/${step()}`,
    () => "*",
  ])();
}

/** Fixed and interval expressions alike, mostly about the small hours, when clocks are set. */
function someTime(chance: Chance, least: number, most: number): string {
  const early = (): number =>
    chance.next() < 0.7 ? chance.integer(0, Math.min(most, 4)) : chance.integer(least, most);
  return chance.pick<() => string>([
    () => someTerm(chance, least, most),
    () => `${early()}`,
    () => `${early()},${early()}`,
    () => `${early()},${someTerm(chance, least, most)}`,
  ])();
}

function someDay(chance: Chance): string {
  const one = (): string =>
    chance.pick<() => string>([
      () => someTerm(chance, 1, 31),
      () => "L",
      () => `L-${chance.integer(1, 30)}`,
      () => "LW",
      () => `L-${chance.integer(1, 30)}W`,
      () => `${chance.integer(1, 31)}W`,
    ])();
  return chance.next() < 0.3 ? `${one()},${one()}` : one();
}

function someWeekday(chance: Chance): string {
  const day = (): string =>
    chance.next() < 0.5 ? `${chance.integer(0, 6)}` : (WEEKDAYS[chance.integer(0, 6)] ?? "");
  const one = (): string =>
    chance.pick<() => string>([
      day,
      () => `${day()}-${day()}`,
      () => `${day()}-${day()}/2`,
      () => "*/2",
      () => `${day()}#${chance.integer(1, 5)}`,
      () => `${day()}L`,
    ])();
  return chance.next() < 0.3 ? `${one()},${one()}` : one();
}

function someMonth(chance: Chance): string {
  const name = (): string => MONTHS[chance.integer(0, 11)] ?? "";
  return chance.pick<() => string>([() => someTerm(chance, 1, 12), () => `${name()}-${name()}`, name])();
}

function someExpression(chance: Chance, withSeconds: boolean): string {
  const rarely = (make: (chance: Chance) => string): string => (chance.next() < 0.2 ? make(chance) : "*");
  const time = [someTime(chance, 0, 59), someTime(chance, 0, 23)];
  if (withSeconds) time.unshift(someTime(chance, 0, 59));
  return [...time, rarely(someDay), rarely(someMonth), rarely(someWeekday)].join(" ");
}

// ---- The comparison ----

/** Instants at which an expression was judged. */
let judged = 0;

afterAll(() => {
  if (LONG) console.log(`${judged} instants agree.`);
});

/** What the engine gives from the start of a window to its end, walking, and from instants of chance. */
function compare(text: string, window: Window, chance: Chance): void {
  const after = window.from + 2 * DAY;
  const end = window.from + window.readings.length * window.step;
  const expected = firingsByDefinition(text, window, after);
  const expression = CronExpression.parse(text);
  const walked: number[] = [];
  let at = expression.nextAt(after, window.zone, true);
  // One more than there should be is enough to tell that something is wrong, even if it would never end.
  while (at !== null && at < end && walked.length <= expected.length) {
    walked.push(at);
    at = expression.nextAt(at, window.zone);
  }
  expect(walked, `${text} in ${window.zone} after ${new Date(after).toISOString()}`).toEqual(expected);
  for (let trial = 0; trial < 20; trial++) {
    const from =
      chance.next() < 0.5
        ? chance.integer(after, end - 1)
        : (expected[chance.integer(0, expected.length - 1)] ?? after) + chance.integer(-1, 1);
    if (from < after) continue;
    const inclusive = chance.next() < 0.5;
    const next = expression.nextAt(from, window.zone, inclusive);
    const first = expected.find((at) => (inclusive ? at >= from : at > from));
    if (first === undefined ? next !== null && next < end : next !== first) {
      expect.fail(`${text} in ${window.zone} from ${new Date(from).toISOString()}: ${next}, not ${first}`);
    }
  }
  judged += (end - after) / window.step;
}

/** Days on which clocks were or will be set, and what is special about them. */
const CHANGES: readonly (readonly [zone: string, day: string, about: string])[] = [
  ["Europe/Paris", "2026-03-29", "02:00 to 03:00"],
  ["Europe/Paris", "2026-10-25", "03:00 back to 02:00"],
  ["America/New_York", "2026-03-08", "02:00 to 03:00"],
  ["America/New_York", "2026-11-01", "02:00 back to 01:00"],
  ["Australia/Lord_Howe", "2026-04-05", "back by half an hour"],
  ["Australia/Lord_Howe", "2026-10-04", "forward by half an hour"],
  ["America/Sao_Paulo", "2018-11-04", "a gap at midnight"],
  ["America/Sao_Paulo", "2019-02-17", "an overlap before midnight"],
  ["Asia/Beirut", "2026-03-29", "a gap at midnight"],
  ["Asia/Beirut", "2026-10-25", "an overlap before midnight"],
  ["Africa/Cairo", "2026-04-24", "a gap at midnight"],
  ["Africa/Cairo", "2026-10-30", "an overlap before midnight"],
  ["America/Havana", "2026-03-08", "a gap at midnight"],
  ["America/Havana", "2026-11-01", "01:00 back to 00:00"],
  ["America/Santiago", "2026-09-06", "a gap at midnight"],
  ["America/Santiago", "2026-04-05", "an overlap before midnight"],
  ["Pacific/Apia", "2011-12-30", "a day that was skipped"],
  ["Pacific/Kwajalein", "1993-08-21", "a day that was skipped"],
  ["Pacific/Kwajalein", "1969-10-01", "back by 23 hours"],
  ["Africa/Casablanca", "2026-02-15", "back for Ramadan"],
  ["Africa/Casablanca", "2026-03-22", "forward after Ramadan"],
  ["Asia/Gaza", "2040-10-23", "a week of summer time"],
  ["Antarctica/Troll", "2026-03-29", "forward by two hours"],
  ["America/St_Johns", "1988-10-30", "back by two hours, at one past midnight"],
  ["Asia/Kathmandu", "1986-01-01", "forward by a quarter of an hour"],
  ["Europe/Dublin", "2090-03-26", "a rule of the far future"],
];

/** Offsets that hold seconds, so that only a look at each second is exact. */
const CHANGES_OF_SECONDS: readonly (readonly [zone: string, at: string, about: string])[] = [
  ["Africa/Monrovia", "1972-01-07T00:44:30Z", "forward by 44 minutes and 30 seconds"],
  ["Europe/Paris", "1911-03-10T23:50:39Z", "back by 9 minutes and 21 seconds"],
  ["Asia/Kolkata", "1905-12-31T18:38:50Z", "forward by 8 minutes and 50 seconds"],
];

describe("the engine gives what the definition gives", () => {
  it.each(CHANGES)("in %s around %s: %s, by minutes", (zone, day) => {
    const chance = new Chance(Date.parse(day) / DAY + zone.length * ROUNDS);
    const window = readWindow(zone, Date.parse(day) - 4 * DAY, 7, MINUTE);
    for (let round = 0; round < 15 * ROUNDS; round++) compare(someExpression(chance, false), window, chance);
  });

  it.each(
    [CHANGES[0], CHANGES[1], CHANGES[4], CHANGES[6]].map(
      (change) => change ?? (["UTC", "2026-01-01", ""] as const),
    ),
  )("in %s around %s: %s, by seconds", (zone, day) => {
    const chance = new Chance(Date.parse(day) / DAY + zone.length + ROUNDS);
    const window = secondsAround(zone, Date.parse(day));
    for (let round = 0; round < 2 * ROUNDS; round++) compare(someExpression(chance, true), window, chance);
  });

  it.each(CHANGES_OF_SECONDS)("in %s around %s: %s", (zone, at) => {
    const chance = new Chance(Date.parse(at) / SECOND + ROUNDS);
    const window = secondsAround(zone, Date.parse(at));
    for (let round = 0; round < 2 * ROUNDS; round++) compare(someExpression(chance, true), window, chance);
  });

  it("in any zone at any time from 1975 to 2100", () => {
    const chance = new Chance(1975 + ROUNDS);
    const zones = Intl.supportedValuesOf("timeZone");
    for (let round = 0; round < 12 * ROUNDS; round++) {
      const zone = zones[chance.integer(0, zones.length - 1)] ?? "UTC";
      const from = chance.integer(Date.UTC(1975, 0) / MINUTE, Date.UTC(2100, 0) / MINUTE) * MINUTE;
      const window = readWindow(zone, changeAfter(zone, from) - 3.5 * DAY, 5, MINUTE);
      for (let each = 0; each < 10; each++) compare(someExpression(chance, false), window, chance);
    }
  });

  it("on the days of a hundred years", () => {
    const chance = new Chance(400 + ROUNDS);
    for (let round = 0; round < 15 * ROUNDS; round++) {
      const text = `0 0 ${someDay(chance)} ${chance.next() < 0.5 ? "*" : someMonth(chance)} ${chance.next() < 0.5 ? "*" : someWeekday(chance)}`;
      const matches = matcher(text);
      const from = Date.UTC(chance.integer(1890, 2010), 0);
      const expected: number[] = [];
      for (let at = from; at < from + 36_524 * DAY; at += DAY) if (matches(at)) expected.push(at);
      const found = [
        ...CronExpression.parse(text).between(new Date(from), new Date(from + 36_524 * DAY)),
      ].map(Number);
      expect(found, text).toEqual(expected);
      judged += 36_524;
    }
  });
});

/** By the second a window costs much: it is as short as the lead-in allows. */
function secondsAround(zone: string, at: number): Window {
  return readWindow(zone, at - 2.5 * DAY, LONG ? 5 : 3, SECOND);
}

/** A day on which the offset of a zone changes, looked for from any time on; that time if there is none for a year. */
function changeAfter(zone: string, from: number): number {
  const { readings } = readWindow(zone, from, 400, DAY);
  const before = readings.findIndex(
    (reading, index) => reading - (readings[index - 1] ?? reading) !== (index > 0 ? DAY : 0),
  );
  return from + Math.max(0, before) * DAY;
}
