import fc from "fast-check";
import { expect, test } from "vitest";
import { quietConsole } from "../../base/logger.ts";
import type { ShownJson } from "../api/shown.ts";
import { readShown } from "./read-shown.ts";
import { Redactor } from "./redactor.ts";
import { ShowBudget, showValue } from "./shown-json.ts";

const OPEN = new Redactor(undefined, quietConsole);

function show(value: unknown, chars = 1_000_000): { shown: ShownJson; budget: ShowBudget } {
  const budget = new ShowBudget(chars);
  return { shown: showValue(value, OPEN, ["arguments"], budget), budget };
}

/** What travels as JSON in between, as it does between server and page. */
function thereAndBack(value: unknown): unknown {
  return readShown(JSON.parse(JSON.stringify(show(value).shown)));
}

const values = fc.anything({
  ...{ withBigInt: true, withDate: true, withMap: true, withSet: true, maxDepth: 4 },
  key: fc.string({ maxLength: 8 }).filter((key) => key !== "__proto__"),
});
const tagged = fc.dictionary(fc.constantFrom("$date", "$map", "$object", "$cut", "a"), values, {
  noNullPrototype: true,
});

test("what is shown and may be edited comes back equal", () => {
  fc.assert(
    fc.property(fc.oneof(values, tagged), (value) => {
      const { budget } = show(value);
      fc.pre(budget.editable && !hasInvalidDate(value));
      expect(thereAndBack(value)).toEqual(value);
    }),
    { numRuns: 300 },
  );
});

test("values that JSON has no form for are marked, each in its way", () => {
  const value = [
    new Date(0),
    7n,
    undefined,
    Number.NaN,
    -0,
    new URL("https://a.example/"),
    /x/gi,
    new Map([[1, 2]]),
  ];
  expect(show(value).shown).toEqual([
    { $date: "1970-01-01T00:00:00.000Z" },
    { $bigint: "7" },
    { $undefined: true },
    { $number: "NaN" },
    { $number: "-0" },
    { $url: "https://a.example/" },
    { $regexp: ["x", "gi"] },
    { $map: [[1, 2]] },
  ]);
});

test("what is only to be looked at is not taken back", () => {
  for (const value of [new Uint8Array(3), new TypeError("no")]) {
    const { shown, budget } = show(value);
    expect(budget.editable).toBe(false);
    expect(() => readShown(shown)).toThrow(expect.objectContaining({ code: "FL_DASHBOARD_INVALID" }));
  }
});

test("deep values are cut, not walked to the end of the stack", () => {
  let deep: unknown = "bottom";
  for (let nth = 0; nth < 100_000; nth++) deep = [deep];
  const { shown, budget } = show(deep);
  expect(budget.editable).toBe(false);
  expect(JSON.stringify(shown)).toContain('{"$cut":1}');
  expect(() => readShown(deep)).toThrow(expect.objectContaining({ code: "FL_DASHBOARD_INVALID" }));
});

test.each<[string, unknown]>([
  ["a text", "x".repeat(1_000_000)],
  ["a list", Array.from({ length: 100_000 }, (_, n) => n)],
  ["an object", Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`key ${n}`, n]))],
  ["a map", new Map(Array.from({ length: 100_000 }, (_, n) => [n, n]))],
  ["long keys", Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${"k".repeat(100_000)}${n}`, n]))],
])("%s that is too long is cut, and says so", (_, value) => {
  const { shown, budget } = show(value, 1_000);
  expect(JSON.stringify(shown).length).toBeLessThan(10_000);
  expect(budget.editable).toBe(false);
});

function hasInvalidDate(value: unknown): boolean {
  return JSON.stringify(show(value).shown)?.includes('"Invalid Date"') === true;
}
