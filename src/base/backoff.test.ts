import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffDelay } from "./backoff.ts";

describe("backoffDelay", () => {
  it("doubles from half of the first to the whole of it", () => {
    const backoff = { firstMs: 100, longestMs: 10_000 };
    const least = [1, 2, 3, 4].map((failures) => backoffDelay(backoff, failures, () => 0));
    const most = [1, 2, 3, 4].map((failures) => backoffDelay(backoff, failures, () => 1));
    expect(least).toEqual([50, 100, 200, 400]);
    expect(most).toEqual([100, 200, 400, 800]);
  });

  it("is positive and never longer than the longest, however many failures there were", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, random) => {
          const wait = backoffDelay({ firstMs: 20, longestMs: 5_000 }, n, () => random);
          return wait >= 10 && wait <= 5_000;
        },
      ),
    );
  });
});
