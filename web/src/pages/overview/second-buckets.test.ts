import { describe, expect, it } from "vitest";
import { secondBuckets } from "./second-buckets.ts";

const point = (at: number, succeeded: number) => ({
  ...{ at, succeeded, failed: 0, deleted: 0, retried: 0, enqueued: 0 },
});
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe("the last minute by seconds", () => {
  const now = 1_000_000_500;

  it("spreads a count over the time that it is of", () => {
    const buckets = secondBuckets([point(now - 10_500, 7), point(now - 6_500, 40)], now);
    expect(buckets).toHaveLength(60);
    expect(buckets.filter(({ succeeded }) => succeeded > 0).map(({ succeeded }) => succeeded)).toEqual([
      10, 10, 10, 10,
    ]);
  });

  it("loses nothing but what is older than a minute, and the first point, of which nobody knows the time", () => {
    const points = [point(now - 3_000, 500), point(now - 2_300, 7), point(now - 900, 9)];
    expect(sum(secondBuckets(points, now).map(({ succeeded }) => succeeded))).toBeCloseTo(16);
    expect(
      sum(
        secondBuckets([point(now - 90_000, 1), point(now - 29_500, 121)], now).map(
          ({ succeeded }) => succeeded,
        ),
      ),
    ).toBeCloseTo(62);
  });

  it("is a minute of nothing when there are no points", () => {
    expect(sum(secondBuckets([], now).map(({ succeeded }) => succeeded))).toBe(0);
  });
});
