import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Duration, LONGEST_DURATION_MS, toMilliseconds } from "./duration.ts";

describe("toMilliseconds", () => {
  it.each<[Duration, number]>([
    ["500ms", 500],
    ["30s", 30_000],
    ["1.5m", 90_000],
    ["1h", 3_600_000],
    ["1d", 86_400_000],
    ["0s", 0],
    [{ days: 1, hours: 2, minutes: 3, seconds: 4, milliseconds: 5 }, 93_784_005],
    [{ seconds: 2, milliseconds: -500 }, 1_500],
  ])("reads %j", (duration, ms) => expect(toMilliseconds(duration)).toBe(ms));

  it("rounds up, so that nothing is ever early", () => {
    expect(toMilliseconds("0.1ms")).toBe(1);
    expect(toMilliseconds({ milliseconds: 1.2 })).toBe(2);
  });

  it("takes a Temporal.Duration without months, whose parts are getters", () => {
    class TemporalLike {
      get years(): number {
        return 0;
      }
      get hours(): number {
        return 2;
      }
    }
    expect(toMilliseconds(new TemporalLike())).toBe(7_200_000);
  });

  it.each([
    5_000,
    "5",
    "s",
    "-1s",
    "1 s",
    "1w",
    "Infinitys",
    "",
    null,
    undefined,
    {},
    { hours: "2" },
    { months: 1 },
    { seconds: -1 },
    { seconds: Number.NaN },
    { days: 36_526 },
  ])("refuses %j with FL_INVALID_DURATION", (value) => {
    // What the compiler refuses reaches it from JavaScript.
    expect(() => toMilliseconds(value as Duration)).toThrow(
      expect.objectContaining({ code: "FL_INVALID_DURATION" }),
    );
  });

  it.each<[string, unknown]>([
    ["{ days: NaN }", { days: Number.NaN }],
    ["{ days: 36900, minutes: -1 }", { days: 36_900, hours: 0, minutes: -1 }],
    ['{ hours: "2" }', { hours: "2" }],
    ["{ months: 1 }", { months: 1 }],
    ["an object", {}],
    ["an array of 0", []],
  ])("shows %s as it was given", (shown, value) => {
    expect(() => toMilliseconds(value as Duration, "the delay")).toThrow(`Cannot use ${shown} as the delay`);
  });

  it("gives whole milliseconds between nothing and 100 years, or refuses", () => {
    fc.assert(
      fc.property(fc.double(), fc.constantFrom("days", "hours", "seconds", "milliseconds"), (value, part) => {
        try {
          const ms = toMilliseconds({ [part]: value });
          return Number.isInteger(ms) && ms >= 0 && ms <= LONGEST_DURATION_MS;
        } catch (error) {
          return error instanceof Error && error.name === "InvalidDurationError";
        }
      }),
    );
  });
});
