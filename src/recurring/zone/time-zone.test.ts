import { describe, expect, it } from "vitest";
import { TimeZone, timeZoneOf } from "./time-zone.ts";

const HOUR = 3_600_000;

/** The changes of a zone between two days, as "instant: offset before > after" in hours. */
function changes(name: string, from: string, to: string): string[] {
  const zone = timeZoneOf(name);
  const found: string[] = [];
  let stretch = zone.at(Date.parse(from));
  while (stretch.end < Date.parse(to)) {
    const next = zone.at(stretch.end);
    if (next.offset !== stretch.offset) {
      const at = new Date(stretch.end).toISOString().slice(0, 19);
      found.push(`${at}: ${stretch.offset / HOUR} > ${next.offset / HOUR}`);
    }
    stretch = next;
  }
  return found;
}

describe("the offsets of a zone", () => {
  it.each([
    [
      "Europe/Paris",
      "2026-01-01",
      "2027-01-01",
      ["2026-03-29T01:00:00: 1 > 2", "2026-10-25T01:00:00: 2 > 1"],
    ],
    [
      "Australia/Lord_Howe",
      "2026-01-01",
      "2027-01-01",
      ["2026-04-04T15:00:00: 11 > 10.5", "2026-10-03T15:30:00: 10.5 > 11"],
    ],
    ["Pacific/Apia", "2011-12-01", "2012-01-10", ["2011-12-30T10:00:00: -10 > 14"]],
    ["Africa/Monrovia", "1972-01-01", "1973-01-01", [`1972-01-07T00:44:30: ${-2670 / 3600} > 0`]],
    // Summer time is left for Ramadan.
    [
      "Africa/Casablanca",
      "2026-01-01",
      "2026-06-01",
      ["2026-02-15T02:00:00: 1 > 0", "2026-03-22T02:00:00: 0 > 1"],
    ],
    // One of the shortest times between two changes: a week.
    [
      "America/Recife",
      "2000-10-01",
      "2000-11-01",
      ["2000-10-08T03:00:00: -3 > -2", "2000-10-15T02:00:00: -2 > -3"],
    ],
    ["Asia/Tokyo", "1990-01-01", "2100-01-01", []],
  ])("%s from %s to %s", (name, from, to, expected) => expect(changes(name, from, to)).toEqual(expected));

  it("does not depend on what was asked before", () => {
    const once = new TimeZone("Europe/Paris");
    const order = [2030, 1950, 2026, 1890, 2026, 275_000, -200_000];
    for (const year of [...order, ...order]) {
      const at = Date.UTC(2000, 6, 1) + (year - 2000) * 365.25 * 86_400_000;
      const { start, end, offset } = once.at(at);
      expect(start <= at && at < end).toBe(true);
      expect(new TimeZone("Europe/Paris").at(at)).toEqual({ start, end, offset });
    }
  });

  it("goes on for ever beyond what a Date can hold", () => {
    const zone = new TimeZone("Europe/Paris");
    expect(zone.at(8.64e15).end).toBe(Number.POSITIVE_INFINITY);
    expect(zone.at(9e15).end).toBe(Number.POSITIVE_INFINITY);
    expect(zone.at(-8.64e15).start).toBe(Number.NEGATIVE_INFINITY);
    expect(zone.at(-9e15).start).toBe(Number.NEGATIVE_INFINITY);
  });

  it("keeps what was found, and a bounded number of it", () => {
    expect(timeZoneOf("Europe/Rome")).toBe(timeZoneOf("Europe/Rome"));
    const zone = new TimeZone("Asia/Tokyo");
    const first = zone.at(0);
    for (let year = 1; year < 100; year++) zone.at(year * 400 * 24 * HOUR);
    expect(zone.at(0)).not.toBe(first);
    expect(zone.at(0)).toEqual(first);
  });
});

describe("an unknown zone", () => {
  it.each([
    ["Europe/Pariss", 'Did you mean "Europe/Paris"?'],
    ["Paris", 'Did you mean "Europe/Paris"?'],
    ["New York", 'Did you mean "America/New_York"?'],
    ["UTZ", 'Did you mean "UTC"?'],
    ["Mars/Olympus Mons", "Write a name of the IANA database"],
    ["", "Write a name of the IANA database"],
    ["x".repeat(100_000), "Write a name of the IANA database"],
  ])("%j: %s", (name, hint) => {
    expect(() => timeZoneOf(name)).toThrow(
      expect.objectContaining({ code: "FL_UNKNOWN_TIME_ZONE", message: expect.stringContaining(hint) }),
    );
  });

  it.each([null, 5, {}, Symbol("s")])("%s is none", (value) => {
    expect(() => Reflect.apply(timeZoneOf, undefined, [value])).toThrow(
      expect.objectContaining({ code: "FL_UNKNOWN_TIME_ZONE" }),
    );
  });
});
