import { describe, expect, it } from "vitest";
import { CronExpression } from "./cron-expression.ts";

/** The next times after an instant, as they are written in UTC. */
function nextTimes(text: string, after: string, count: number, timeZone = "UTC"): string[] {
  const expression = CronExpression.parse(text);
  const times: string[] = [];
  for (let at: Date | null = new Date(after); times.length < count; ) {
    at = expression.next(at, { timeZone });
    if (at === null) break;
    times.push(at.toISOString().replace(".000Z", "Z").replace(":00Z", "Z"));
  }
  return times;
}

/** The days of the months of a year, as "month-day". */
function daysOf(text: string, year: number): string[] {
  const days = CronExpression.parse(text).between(
    new Date(Date.UTC(year, 0)),
    new Date(Date.UTC(year + 1, 0)),
  );
  return [...days].map((day) => day.toISOString().slice(5, 10));
}

describe("fields", () => {
  it.each<[string, string, string[]]>([
    ["* * * * *", "2027-01-01T00:00:30Z", ["2027-01-01T00:01Z", "2027-01-01T00:02Z"]],
    ["* * * * * *", "2027-01-01T00:00:30.001Z", ["2027-01-01T00:00:31Z", "2027-01-01T00:00:32Z"]],
    [" \t*/5\t*  * * * ", "2027-01-01T00:57:00Z", ["2027-01-01T01:00Z", "2027-01-01T01:05Z"]],
    ["30 */20 * * * *", "2027-01-01T00:57:00Z", ["2027-01-01T01:00:30Z", "2027-01-01T01:20:30Z"]],
    ["0 9 ? * MON-FRI", "2027-01-01T12:00:00Z", ["2027-01-04T09:00Z", "2027-01-05T09:00Z"]],
    ["0 9 * * ?", "2027-01-01T12:00:00Z", ["2027-01-02T09:00Z"]],
    ["0 8,20 * * *", "2027-01-01T12:00:00Z", ["2027-01-01T20:00Z", "2027-01-02T08:00Z"]],
    ["0 9-11 * * *", "2027-01-01T12:00:00Z", ["2027-01-02T09:00Z", "2027-01-02T10:00Z", "2027-01-02T11:00Z"]],
    [
      "50-2/6 12 * * *",
      "2027-01-01T12:00:00Z",
      ["2027-01-01T12:02Z", "2027-01-01T12:50Z", "2027-01-01T12:56Z"],
    ],
    [
      "0 23-3/2 * * *",
      "2027-01-01T12:00:00Z",
      ["2027-01-01T23:00Z", "2027-01-02T01:00Z", "2027-01-02T03:00Z", "2027-01-02T23:00Z"],
    ],
    [
      "10/25 12 * * *",
      "2027-01-01T12:00:00Z",
      ["2027-01-01T12:10Z", "2027-01-01T12:35Z", "2027-01-02T12:10Z"],
    ],
    [
      "0 0 28-3/2 2 *",
      "2027-01-01T00:00:00Z",
      ["2027-02-01T00:00Z", "2027-02-03T00:00Z", "2027-02-28T00:00Z"],
    ],
    ["0 0 1 nov-FEB/2 *", "2027-01-15T00:00:00Z", ["2027-11-01T00:00Z", "2028-01-01T00:00Z"]],
    [
      "0 0 * * FRI-mon",
      "2027-01-01T00:00:00Z",
      ["2027-01-02T00:00Z", "2027-01-03T00:00Z", "2027-01-04T00:00Z", "2027-01-08T00:00Z"],
    ],
    [
      "0 0 * * FRI-MON/2",
      "2027-01-01T00:00:00Z",
      ["2027-01-03T00:00Z", "2027-01-08T00:00Z", "2027-01-10T00:00Z"],
    ],
    ["0 0 * * 0", "2027-01-01T00:00:00Z", ["2027-01-03T00:00Z", "2027-01-10T00:00Z"]],
    ["0 0 * * 7", "2027-01-01T00:00:00Z", ["2027-01-03T00:00Z", "2027-01-10T00:00Z"]],
    ["0 0 * * 7-1", "2027-01-01T00:00:00Z", ["2027-01-03T00:00Z", "2027-01-04T00:00Z", "2027-01-10T00:00Z"]],
    ["0 0 * * 6-7", "2027-01-01T00:00:00Z", ["2027-01-02T00:00Z", "2027-01-03T00:00Z", "2027-01-09T00:00Z"]],
    ["0 0 13 * FRI", "2027-01-01T00:00:00Z", ["2027-08-13T00:00Z", "2028-10-13T00:00Z"]],
    ["59 59 23 31 12 *", "2027-01-01T00:00:00Z", ["2027-12-31T23:59:59Z", "2028-12-31T23:59:59Z"]],
    ["0 0 29 2 *", "2096-03-01T00:00:00Z", ["2104-02-29T00:00Z", "2108-02-29T00:00Z"]],
    ["0 0 29 2 WED", "1888-03-01T00:00:00Z", ["1928-02-29T00:00Z", "1956-02-29T00:00Z"]],
  ])("reads %j", (text, after, expected) =>
    expect(nextTimes(text, after, expected.length)).toEqual(expected),
  );

  it.each([
    ["@every_second", "* * * * * *"],
    ["@every_minute", "* * * * *"],
    ["@hourly", "0 * * * *"],
    ["@daily", "0 0 * * *"],
    ["@midnight", "0 0 * * *"],
    [" @Weekly ", "0 0 * * 0"],
    ["@monthly", "0 0 1 * *"],
    ["@yearly", "0 0 1 1 *"],
    ["@ANNUALLY", "0 0 1 1 *"],
  ])("expands %j to %j", (macro, fields) => expect(CronExpression.parse(macro).toString()).toBe(fields));
});

describe("special days", () => {
  it.each<[string, number, string[]]>([
    ["0 0 L 1-4 *", 2028, ["01-31", "02-29", "03-31", "04-30"]],
    ["0 0 L-3 1-4 *", 2027, ["01-28", "02-25", "03-28", "04-27"]],
    ["0 0 L-30 * *", 2027, ["01-01", "03-01", "05-01", "07-01", "08-01", "10-01", "12-01"]],
    // 31 January 2027 is a Sunday, 31 July a Saturday, 28 February a Sunday.
    ["0 0 LW 1,2,7 *", 2027, ["01-29", "02-26", "07-30"]],
    // The 2nd of January, October and May: Saturday, Saturday, Sunday.
    ["0 0 2W 1,5,10 *", 2027, ["01-01", "05-03", "10-01"]],
    // The 1st: a Saturday in May (to Monday, not into April), a Sunday in August.
    ["0 0 1W 5,8 *", 2027, ["05-03", "08-02"]],
    // The last day: a Sunday in January and October (to Friday, not into the next month).
    ["0 0 31W * *", 2027, ["01-29", "03-31", "05-31", "07-30", "08-31", "10-29", "12-31"]],
    ["0 0 30W 2,5 *", 2027, ["05-31"]],
    // The third to last day: 28 March 2027 is a Sunday, 28 August a Saturday.
    ["0 0 L-3W 3,8 *", 2027, ["03-29", "08-27"]],
    ["0 0 1,15W,L 5 *", 2027, ["05-01", "05-14", "05-31"]],
    [
      "0 0 * * FRI#2",
      2027,
      [
        "01-08",
        "02-12",
        "03-12",
        "04-09",
        "05-14",
        "06-11",
        "07-09",
        "08-13",
        "09-10",
        "10-08",
        "11-12",
        "12-10",
      ],
    ],
    ["0 0 * * 5#5", 2027, ["01-29", "04-30", "07-30", "10-29", "12-31"]],
    ["0 0 * 1-3 5L", 2027, ["01-29", "02-26", "03-26"]],
    ["0 0 * 1-3 frIL", 2027, ["01-29", "02-26", "03-26"]],
    ["0 0 * 1 7#1,MON#2,WEDL,THU", 2027, ["01-03", "01-07", "01-11", "01-14", "01-21", "01-27", "01-28"]],
    // Both must match: the 8th to 14th, and a Friday.
    ["0 0 8-14 1-3 FRI", 2027, ["01-08", "02-12", "03-12"]],
    ["0 0 LW * FRI", 2027, ["01-29", "02-26", "04-30", "07-30", "10-29", "12-31"]],
  ])("%j in %d", (text, year, expected) => expect(daysOf(text, year)).toEqual(expected));
});

describe("what never comes", () => {
  it.each([
    "0 0 31 2 *",
    "0 0 30 2 *",
    "0 0 31 4,6,9,11 *",
    "0 0 L-30 2,4 *",
    "0 0 1 * MON#2",
    "0 0 8 1 MONL",
    "* * * 31W 2 *",
  ])("%j gives null", (text) =>
    expect(CronExpression.parse(text).next(new Date(0), { timeZone: "Europe/Paris" })).toBeNull(),
  );

  it("ends where dates end", () => {
    const end = new Date(8.64e15);
    const minutely = CronExpression.parse("* * * * *");
    expect(minutely.next(end)).toBeNull();
    expect(minutely.next(end, { inclusive: true })).toEqual(end);
    expect(minutely.next(end, { timeZone: "Pacific/Kiritimati", inclusive: true })).toEqual(end);
    expect(
      CronExpression.parse("0 0 29 2 *").next(new Date("+275760-03-01"), { timeZone: "Asia/Tokyo" }),
    ).toBeNull();
  });

  it("begins where dates begin", () => {
    const start = new Date(-8.64e15);
    expect(CronExpression.parse("* * * * *").next(start, { inclusive: true })).toEqual(start);
    for (const timeZone of ["America/Adak", "Pacific/Kiritimati", "Europe/Paris"]) {
      const next = CronExpression.parse("0 0 * * *").next(start, { timeZone });
      expect(Number(next) - Number(start)).toBeLessThanOrEqual(86_400_000);
    }
  });
});

/** A table of: expression, instant, and the times after it, in UTC. */
type Firings = [string, string, string[]];

describe("clocks set forward: what would be skipped runs once, right after the gap", () => {
  it.each<Firings>([
    // Paris, 2026-03-29: 02:00 becomes 03:00 at 01:00Z.
    ["30 2 * * *", "2026-03-28T12:00Z", ["2026-03-29T01:00Z", "2026-03-30T00:30Z"]],
    ["0 2 * * *", "2026-03-28T12:00Z", ["2026-03-29T01:00Z", "2026-03-30T00:00Z"]],
    ["0 3 * * *", "2026-03-28T12:00Z", ["2026-03-29T01:00Z", "2026-03-30T01:00Z"]],
    ["0,30 2,3 * * *", "2026-03-29T00:00Z", ["2026-03-29T01:00Z", "2026-03-29T01:30Z", "2026-03-30T00:00Z"]],
    ["59 59 1 * * *", "2026-03-29T00:00Z", ["2026-03-29T00:59:59Z", "2026-03-29T23:59:59Z"]],
    [
      "*/30 1-3 * * *",
      "2026-03-28T23:45Z",
      [
        "2026-03-29T00:00Z",
        "2026-03-29T00:30Z",
        "2026-03-29T01:00Z",
        "2026-03-29T01:30Z",
        "2026-03-29T23:00Z",
      ],
    ],
    ["15/30 2 * * *", "2026-03-28T12:00Z", ["2026-03-29T01:00Z", "2026-03-30T00:15Z"]],
    [
      "20-40/20 * * * *",
      "2026-03-29T00:30Z",
      ["2026-03-29T00:40Z", "2026-03-29T01:00Z", "2026-03-29T01:20Z"],
    ],
    [
      "* * * * * *",
      "2026-03-29T00:59:58Z",
      ["2026-03-29T00:59:59Z", "2026-03-29T01:00Z", "2026-03-29T01:00:01Z"],
    ],
    ["30 2 * * SUN", "2026-03-28T12:00Z", ["2026-03-29T01:00Z", "2026-04-05T00:30Z"]],
    ["30 2 29 3 *", "2026-03-28T12:00Z", ["2026-03-29T01:00Z", "2027-03-29T00:30Z"]],
  ])("Paris: %j after %s", (text, after, expected) =>
    expect(nextTimes(text, after, expected.length, "Europe/Paris")).toEqual(expected),
  );

  it.each<[string, ...Firings]>([
    ["America/New_York", "30 2 * * *", "2026-03-07T12:00Z", ["2026-03-08T07:00Z", "2026-03-09T06:30Z"]],
    ["Australia/Lord_Howe", "15 2 * * *", "2026-10-03T00:00Z", ["2026-10-03T15:30Z", "2026-10-04T15:15Z"]],
    ["Australia/Lord_Howe", "45 2 * * *", "2026-10-03T00:00Z", ["2026-10-03T15:45Z", "2026-10-04T15:45Z"]],
    ["America/Sao_Paulo", "0 0 * * *", "2018-11-03T12:00Z", ["2018-11-04T03:00Z", "2018-11-05T02:00Z"]],
    ["Asia/Beirut", "0 0 * * *", "2026-03-28T12:00Z", ["2026-03-28T22:00Z", "2026-03-29T21:00Z"]],
    ["Africa/Cairo", "0 0 * * *", "2026-04-23T12:00Z", ["2026-04-23T22:00Z", "2026-04-24T21:00Z"]],
    ["America/Havana", "15 0 * * *", "2026-03-07T12:00Z", ["2026-03-08T05:00Z", "2026-03-09T04:15Z"]],
    ["America/Santiago", "30 0 * * *", "2026-09-05T12:00Z", ["2026-09-06T04:00Z", "2026-09-07T03:30Z"]],
    ["Antarctica/Troll", "0 1-3 * * *", "2026-03-29T00:30Z", ["2026-03-29T01:00Z", "2026-03-29T23:00Z"]],
    // The 30th was skipped: its runs come at once, at the first instant of the 31st.
    [
      "Pacific/Apia",
      "0 9 * * *",
      "2011-12-29T18:00Z",
      ["2011-12-29T19:00Z", "2011-12-30T10:00Z", "2011-12-30T19:00Z"],
    ],
    ["Pacific/Apia", "0 9,17 30 12 *", "2011-12-01T00:00Z", ["2011-12-30T10:00Z", "2012-12-29T19:00Z"]],
    [
      "Pacific/Apia",
      "0 */12 * * *",
      "2011-12-29T12:00Z",
      ["2011-12-29T22:00Z", "2011-12-30T10:00Z", "2011-12-30T22:00Z"],
    ],
    ["Africa/Monrovia", "20 0 7 1 *", "1972-01-01T00:00Z", ["1972-01-07T00:44:30Z", "1973-01-07T00:20Z"]],
    ["Africa/Casablanca", "30 2 * * *", "2026-03-21T12:00Z", ["2026-03-22T02:00Z", "2026-03-23T01:30Z"]],
  ])("%s: %j after %s", (zone, text, after, expected) =>
    expect(nextTimes(text, after, expected.length, zone)).toEqual(expected),
  );
});

describe("clocks set back: intervals run in both passes, fixed times in the first", () => {
  it.each<Firings>([
    // Paris, 2026-10-25: 03:00 becomes 02:00 at 01:00Z.
    ["30 2 * * *", "2026-10-24T12:00Z", ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]],
    ["0 2 * * *", "2026-10-24T12:00Z", ["2026-10-25T00:00Z", "2026-10-26T01:00Z"]],
    ["0 3 * * *", "2026-10-24T12:00Z", ["2026-10-25T02:00Z", "2026-10-26T02:00Z"]],
    ["0,30 2 * * *", "2026-10-24T12:00Z", ["2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-26T01:00Z"]],
    [
      "*/30 1-3 * * *",
      "2026-10-24T22:45Z",
      [
        "2026-10-24T23:00Z",
        "2026-10-24T23:30Z",
        "2026-10-25T00:00Z",
        "2026-10-25T00:30Z",
        "2026-10-25T01:00Z",
        "2026-10-25T01:30Z",
        "2026-10-25T02:00Z",
        "2026-10-25T02:30Z",
        "2026-10-26T00:00Z",
      ],
    ],
    ["30 * * * *", "2026-10-25T00:00Z", ["2026-10-25T00:30Z", "2026-10-25T01:30Z", "2026-10-25T02:30Z"]],
    ["0 2-2 * * *", "2026-10-24T12:00Z", ["2026-10-25T00:00Z", "2026-10-25T01:00Z", "2026-10-26T01:00Z"]],
    [
      "* * * * * *",
      "2026-10-25T00:59:58Z",
      ["2026-10-25T00:59:59Z", "2026-10-25T01:00Z", "2026-10-25T01:00:01Z"],
    ],
    [
      "*/30 0 2 * * *",
      "2026-10-24T12:00Z",
      [
        "2026-10-25T00:00Z",
        "2026-10-25T00:00:30Z",
        "2026-10-25T01:00Z",
        "2026-10-25T01:00:30Z",
        "2026-10-26T01:00Z",
      ],
    ],
    // From within the second pass.
    ["30 2 * * *", "2026-10-25T01:10Z", ["2026-10-26T01:30Z"]],
    ["0 3 * * *", "2026-10-25T01:10Z", ["2026-10-25T02:00Z"]],
    ["*/30 2 * * *", "2026-10-25T01:10Z", ["2026-10-25T01:30Z", "2026-10-26T01:00Z"]],
  ])("Paris: %j after %s", (text, after, expected) =>
    expect(nextTimes(text, after, expected.length, "Europe/Paris")).toEqual(expected),
  );

  it.each<[string, ...Firings]>([
    // New York, 2026-11-01: 02:00 becomes 01:00 at 06:00Z.
    ["America/New_York", "0 1 * * *", "2026-10-31T12:00Z", ["2026-11-01T05:00Z", "2026-11-02T06:00Z"]],
    ["America/New_York", "0 2 * * *", "2026-10-31T12:00Z", ["2026-11-01T07:00Z", "2026-11-02T07:00Z"]],
    ["Australia/Lord_Howe", "45 1 * * *", "2026-04-04T00:00Z", ["2026-04-04T14:45Z", "2026-04-05T15:15Z"]],
    [
      "Australia/Lord_Howe",
      "*/15 1 * * *",
      "2026-04-04T14:20Z",
      [
        "2026-04-04T14:30Z",
        "2026-04-04T14:45Z",
        "2026-04-04T15:00Z",
        "2026-04-04T15:15Z",
        "2026-04-05T14:30Z",
      ],
    ],
    ["America/Sao_Paulo", "30 23 * * *", "2019-02-16T12:00Z", ["2019-02-17T01:30Z", "2019-02-18T02:30Z"]],
    ["America/Sao_Paulo", "0 0 * * *", "2019-02-16T12:00Z", ["2019-02-17T03:00Z", "2019-02-18T03:00Z"]],
    ["America/Havana", "0 0 * * *", "2026-10-31T12:00Z", ["2026-11-01T04:00Z", "2026-11-02T05:00Z"]],
    [
      "America/Havana",
      "0 * * * *",
      "2026-11-01T03:30Z",
      ["2026-11-01T04:00Z", "2026-11-01T05:00Z", "2026-11-01T06:00Z"],
    ],
    // 1969-09-30T13:00Z: eleven hours ahead of UTC become twelve behind, and most of the day came twice.
    ["Pacific/Kwajalein", "0 12 * * *", "1969-09-29T13:00Z", ["1969-09-30T01:00Z", "1969-10-02T00:00Z"]],
  ])("%s: %j after %s", (zone, text, after, expected) =>
    expect(nextTimes(text, after, expected.length, zone)).toEqual(expected),
  );
});

describe("next", () => {
  const noon = CronExpression.parse("0 12 * * *");

  it("leaves out the instant it is given, unless told otherwise", () => {
    const at = new Date("2027-01-01T12:00:00Z");
    expect(noon.next(at)).toEqual(new Date("2027-01-02T12:00:00Z"));
    expect(noon.next(at, { inclusive: true })).toEqual(at);
    expect(noon.next(new Date(+at + 1), { inclusive: true })).toEqual(new Date("2027-01-02T12:00:00Z"));
  });

  it("takes what has epochMilliseconds, as Temporal has", () => {
    expect(noon.next({ epochMilliseconds: 0 })).toEqual(new Date("1970-01-01T12:00:00Z"));
  });

  it("refuses an invalid date", () => {
    expect(() => noon.next(new Date(Number.NaN))).toThrow(
      expect.objectContaining({ code: "FL_INVALID_INSTANT" }),
    );
  });

  it.each(["utc", "Etc/UTC", "+00:00"])("takes UTC as %s", (timeZone) => {
    expect(noon.next(new Date(0), { timeZone })).toEqual(new Date("1970-01-01T12:00:00Z"));
  });
});

describe("between", () => {
  const hourly = CronExpression.parse("@hourly");
  const [from, to] = [new Date("2027-01-01T00:00:00Z"), new Date("2027-01-01T02:00:00Z")];
  const hours = (times: Iterable<Date>): number[] => [...times].map((time) => time.getUTCHours());

  it("includes the start and not the end, unless told otherwise", () => {
    expect(hours(hourly.between(from, to))).toEqual([0, 1]);
    expect(hours(hourly.between(from, to, { fromInclusive: false }))).toEqual([1]);
    expect(hours(hourly.between(from, to, { toInclusive: true }))).toEqual([0, 1, 2]);
    expect(hours(hourly.between(to, from))).toEqual([]);
    expect(hours(hourly.between(from, from))).toEqual([]);
    expect(hours(hourly.between(from, from, { toInclusive: true }))).toEqual([0]);
  });

  it("finds one after the other, and again when iterated again", () => {
    const forever = CronExpression.parse("@every_second").between(from, new Date(8.64e15), {
      timeZone: "Asia/Tokyo",
    });
    for (let round = 0; round < 2; round++) {
      const [first, second] = forever;
      expect([first, second].map(Number)).toEqual([+from, +from + 1_000]);
    }
  });

  it("refuses at once what it would refuse later", () => {
    expect(() => hourly.between(from, to, { timeZone: "Mars/Olympus" })).toThrow(
      expect.objectContaining({ code: "FL_UNKNOWN_TIME_ZONE" }),
    );
    expect(() => hourly.between(from, new Date(Number.NaN))).toThrow(
      expect.objectContaining({ code: "FL_INVALID_INSTANT" }),
    );
  });
});
