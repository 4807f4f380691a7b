import { describe, expect, it } from "vitest";
import { sumUp, toPeriod } from "./job-statistics.ts";

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 2, 29, 12, 30);
const hour = (at: number, succeeded: number) => ({ at, succeeded, failed: 1, deleted: 0, retried: 2 });

describe("statistics", () => {
  it("go 24 hours or 30 days back, from the beginning of the first", () => {
    expect(toPeriod({}, NOW)).toMatchObject({ from: Date.UTC(2026, 2, 28, 12), to: NOW + 1 });
    expect(toPeriod({ by: "day" }, NOW)).toMatchObject({ from: Date.UTC(2026, 1, 27) });
  });

  it("by hour are the hours themselves", () => {
    const hours = [hour(Date.UTC(2026, 2, 29, 10), 3), hour(Date.UTC(2026, 2, 29, 12), 4)];
    expect(sumUp(hours, toPeriod({}, NOW))).toEqual(hours.map((one) => ({ ...one, at: new Date(one.at) })));
  });

  it("by day follow the calendar of the zone, also on the day of 23 hours", () => {
    // In Paris the 29th of March 2026 begins at 23:00 UTC and ends 23 hours later.
    const begins = Date.UTC(2026, 2, 28, 23);
    const hours = Array.from({ length: 30 }, (_, n) => hour(begins + (n - 3) * HOUR_MS, 1));
    const entries = sumUp(hours, toPeriod({ by: "day", timeZone: "Europe/Paris" }, NOW));
    expect(entries.map(({ at, succeeded }) => [at.toISOString(), succeeded])).toEqual([
      ["2026-03-27T23:00:00.000Z", 3],
      ["2026-03-28T23:00:00.000Z", 23],
      ["2026-03-29T22:00:00.000Z", 4],
    ]);
    expect(entries[1]).toMatchObject({ failed: 23, deleted: 0, retried: 46 });
  });

  it.each([
    [{ by: "week" }, "by"],
    [{ timeZone: "Mars/Olympus" }, "timeZone"],
    [{ since: 5 }, "since"],
  ])("refuse %j", (options, named) => {
    const ask = () => Reflect.apply(toPeriod, undefined, [options, NOW]);
    expect(ask).toThrow(
      expect.objectContaining({ code: "FL_INVALID_OPTIONS", message: expect.stringContaining(named) }),
    );
  });
});
