import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StartRate } from "./start-rate.ts";

describe("StartRate", () => {
  it("counts the starts of the last second", () => {
    const rate = new StartRate();
    for (let ms = 0; ms < 1_000; ms += 10) rate.started(5_000 + ms);
    expect(rate.perSecond(5_999)).toBe(100);
  });

  it("forgets them a tenth of a second at a time", () => {
    const rate = new StartRate();
    for (let ms = 0; ms < 1_000; ms += 10) rate.started(5_000 + ms);
    expect(rate.perSecond(6_000)).toBe(90);
    expect(rate.perSecond(6_500)).toBe(40);
    expect(rate.perSecond(7_000)).toBe(0);
  });

  it("is nothing before the first start, and after a long pause", () => {
    const rate = new StartRate();
    expect(rate.perSecond(123_456_789)).toBe(0);
    rate.started(123_456_789);
    expect(rate.perSecond(999_999_999)).toBe(0);
  });

  it("never counts more than a second of starts, nor fewer than 900 ms of them", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }), (gaps) => {
        const rate = new StartRate();
        let now = 10_000;
        const starts = gaps.map((gap) => {
          now += gap;
          rate.started(now);
          return now;
        });
        const within = (ms: number) => starts.filter((start) => start > now - ms).length;
        const counted = rate.perSecond(now);
        return counted <= within(1_000) && counted >= within(900);
      }),
    );
  });
});
