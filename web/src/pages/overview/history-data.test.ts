import { describe, expect, it } from "vitest";
import { daysOf, HOUR_MS, hoursOf, pointsData } from "./history-data.ts";
import { spanOf } from "./range.ts";

const point = (at: number, succeeded: number) => ({ at, succeeded, failed: 0, deleted: 0, retried: 0 });
const succeeded = (data: ReturnType<typeof pointsData>) => data.finished.series[0]?.values;

describe("bars of hours and days", () => {
  it("have a place for hours in which nothing happened", () => {
    const bars = hoursOf({ from: 10 * HOUR_MS, to: 14 * HOUR_MS });
    const points = [
      point(9 * HOUR_MS, 7),
      point(11 * HOUR_MS, 1),
      point(13 * HOUR_MS, 2),
      point(14 * HOUR_MS, 9),
    ];
    expect(succeeded(pointsData(points, bars))).toEqual([0, 1, 0, 2]);
  });

  it("are days of the zone, of 23 and 25 hours where its clock is set", () => {
    const { starts, end } = daysOf(Date.UTC(2026, 2, 30, 12), "Europe/Paris", 3);
    expect([...starts, end].map((at) => new Date(at).toISOString())).toEqual([
      "2026-03-27T23:00:00.000Z",
      "2026-03-28T23:00:00.000Z",
      "2026-03-29T22:00:00.000Z",
      "2026-03-30T22:00:00.000Z",
    ]);
    const data = pointsData([point(Date.UTC(2026, 2, 29, 21), 3), point(Date.UTC(2026, 2, 29, 22), 4)], {
      starts,
      end,
    });
    expect(succeeded(data)).toEqual([0, 3, 4]);
  });

  it("take a day that is told by its first whole hour, where zones are not whole hours from UTC", () => {
    const bars = daysOf(Date.UTC(2026, 10, 28, 6), "Asia/Kolkata", 2);
    expect(succeeded(pointsData([point(Date.UTC(2026, 10, 27, 19), 5)], bars))).toEqual([0, 5]);
  });
});

describe("what was drawn on a chart", () => {
  it("is whole hours, at least one, in either direction", () => {
    expect(spanOf(String(1.5 * HOUR_MS), String(2.5 * HOUR_MS))).toEqual({ from: HOUR_MS, to: 3 * HOUR_MS });
    expect(spanOf(String(3 * HOUR_MS), String(3 * HOUR_MS))).toEqual({ from: 3 * HOUR_MS, to: 4 * HOUR_MS });
    expect(spanOf("7200000", "3600000")).toEqual({ from: HOUR_MS, to: 2 * HOUR_MS });
  });

  it.each([
    [undefined, undefined],
    ["soon", "3600000"],
    ["0", String(63 * 24 * HOUR_MS)],
    ["-1", "5"],
  ])("is nothing of %s and %s", (from, to) => {
    expect(spanOf(from, to)).toBeUndefined();
  });
});
