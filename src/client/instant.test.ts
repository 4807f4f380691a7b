import { expect, test } from "vitest";
import { type Instant, toEpochMilliseconds } from "./instant.ts";

test("is a Date or what Temporal gives, rounded up", () => {
  expect(toEpochMilliseconds(new Date(5))).toBe(5);
  expect(toEpochMilliseconds(new Date(-5))).toBe(-5);
  expect(toEpochMilliseconds({ epochMilliseconds: 5.2 })).toBe(6);
});

test.each<unknown>([
  new Date(Number.NaN),
  { epochMilliseconds: Number.NaN },
  { epochMilliseconds: 1e300 },
  5,
  "2027",
  null,
  {},
])("%j is refused", (value) => {
  expect(() => toEpochMilliseconds(value as Instant)).toThrow(
    expect.objectContaining({ code: "FL_INVALID_INSTANT" }),
  );
});
