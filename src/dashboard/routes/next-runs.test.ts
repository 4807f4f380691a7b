import { expect, test } from "vitest";
import { nextRuns } from "./next-runs.ts";

const PARIS = "Europe/Paris";

test("a run behind the hour that is skipped in spring says by how much the clock jumped", () => {
  const runs = nextRuns("30 2 * * *", PARIS, Date.parse("2026-03-27T12:00:00Z"), 4);
  expect(runs.map(({ local, offset, jump }) => [local, offset, jump])).toEqual([
    ["2026-03-28T02:30:00", 60, 0],
    ["2026-03-29T03:00:00", 120, 60],
    ["2026-03-30T02:30:00", 120, 0],
    ["2026-03-31T02:30:00", 120, 0],
  ]);
});

test("and one behind the hour that comes twice in autumn", () => {
  const runs = nextRuns("0 9 * * *", PARIS, Date.parse("2026-10-24T12:00:00Z"), 2);
  expect(runs.map(({ at, jump }) => [new Date(at).toISOString(), jump])).toEqual([
    ["2026-10-25T08:00:00.000Z", -60],
    ["2026-10-26T08:00:00.000Z", 0],
  ]);
});

test("there are none of an expression that never matches, and few of one that ends", () => {
  expect(nextRuns("0 0 31 2 *", "UTC", 0, 10)).toEqual([]);
});

test("what cannot be read is said as the parser says it", () => {
  expect(() => nextRuns("x", "UTC", 0, 1)).toThrow(expect.objectContaining({ code: "FL_INVALID_CRON" }));
  expect(() => nextRuns("@daily", "Nowhere", 0, 1)).toThrow(
    expect.objectContaining({ code: "FL_UNKNOWN_TIME_ZONE" }),
  );
});
