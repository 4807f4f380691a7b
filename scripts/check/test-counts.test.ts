import { describe, expect, it } from "vitest";
import { addUp, describeTests } from "./test-counts.ts";

const summary = (files: string, tests: string) =>
  `\n Test Files  ${files}\n      Tests  ${tests}\n   Start at  10:00:00\n`;

describe("the number of tests", () => {
  it("is the sum of all runs, in Vitest's form", () => {
    const first = summary("2 passed (2)", "40 passed | 1 skipped (41)");
    const second = summary("1 failed | 3 passed (4)", "2 failed | 58 passed (60)");
    expect(describeTests(addUp([first, "biome said something", second]))).toBe(
      " Test Files  1 failed | 5 passed (6)\n      Tests  2 failed | 98 passed | 1 skipped (101)",
    );
  });
});
