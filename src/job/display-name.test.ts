import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDisplayName } from "./display-name.ts";
import { jobPlaceholders, parentPlaceholder } from "./placeholder.ts";

test.each<[string, readonly unknown[], string]>([
  ["Welcome {0}", ["ann@example.com"], "Welcome ann@example.com"],
  ["{1} then {0} then {1}", [1, true], "true then 1 then true"],
  ["{0}", [], "{0}"],
  ["{0} {1} {2}", [null, undefined, 3n], "null undefined 3"],
  ["{0} {1}", [[1, 2], { secret: 1 }], "[2] {…}"],
  ["at {0}", [new Date(0)], "at 1970-01-01T00:00:00.000Z"],
  ["{0}", ["a\r\n\tb\u202eevil\u0000"], "a b evil"],
  [
    "Digest of {0} and {1}",
    [jobPlaceholders.dueAt, parentPlaceholder("p").result],
    "Digest of job.dueAt and parents[0].result",
  ],
  ["{0}", ["half \ud83d pair"], "half   pair"],
])("%s", (template, args, text) => {
  expect(formatDisplayName(template, args)).toBe(text);
});

test("is one well-formed line of at most 200 characters", () => {
  expect(formatDisplayName("{0}", ["👍".repeat(300)])).toBe(`${"👍".repeat(99)}…`);
  const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { size: "large" });
  fc.assert(
    fc.property(units, (codes) => {
      const name = formatDisplayName("{0} {0}", [String.fromCharCode(...codes)]);
      expect(name.length).toBeLessThanOrEqual(200);
      expect(Buffer.from(name).toString()).toBe(name);
      expect(name).not.toMatch(/[\p{Cc}\p{Cs}]/u);
    }),
  );
});

test("a huge argument costs nothing", () => {
  expect(formatDisplayName("{0}", ["x".repeat(50_000_000)])).toHaveLength(200);
});
