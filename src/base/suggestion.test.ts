import { expect, test } from "vitest";
import { didYouMean, nearest } from "./suggestion.ts";

test.each([
  ["welcom", "welcome"],
  ["wlecome", "welcome"],
  ["Welcome", "welcome"],
  ["mial", "mail"],
  ["xyz", undefined],
  ["x".repeat(1_000), undefined],
])("%s means %s", (wrong, meant) => {
  expect(nearest(wrong, ["mail", "welcome", "remind"])).toBe(meant);
});

test("is said as a question, or not at all", () => {
  expect(didYouMean("mial", ["mail"])).toBe('Did you mean "mail"?');
  expect(didYouMean("mial", [])).toBeUndefined();
});
