import { describe, expect, it } from "vitest";
import { Cron } from "./cron.ts";
import { CronExpression } from "./cron-expression.ts";

describe("Cron", () => {
  it.each([
    [Cron.minutely(), "* * * * *"],
    [Cron.hourly(), "0 * * * *"],
    [Cron.hourly(20), "20 * * * *"],
    [Cron.daily(), "0 0 * * *"],
    [Cron.daily(9), "0 9 * * *"],
    [Cron.daily(9, 30), "30 9 * * *"],
    [Cron.weekly(), "0 0 * * MON"],
    [Cron.weekly("FRI", 17, 30), "30 17 * * FRI"],
    [Cron.weekly(7, 8), "0 8 * * 7"],
    [Cron.monthly(), "0 0 1 * *"],
    [Cron.monthly(15, 8, 5), "5 8 15 * *"],
    [Cron.yearly(), "0 0 1 1 *"],
    [Cron.yearly(12, 31, 23, 59), "59 23 31 12 *"],
    [Cron.everySeconds(1), "* * * * * *"],
    [Cron.everySeconds(10), "*/10 * * * * *"],
    [Cron.everyMinutes(1), "* * * * *"],
    [Cron.everyMinutes(5), "*/5 * * * *"],
    [Cron.everyHours(6), "0 */6 * * *"],
    [Cron.everyHours(1, 15), "15 * * * *"],
    [Cron.everyMonths(3), "0 0 1 */3 *"],
    [Cron.never(), "0 0 31 2 *"],
  ])("writes %j", (text, expected) => {
    expect(text).toBe(expected);
    const next = CronExpression.parse(text).next(new Date());
    expect(next === null).toBe(text === Cron.never());
  });

  it.each<[string, () => string, string]>([
    [
      "hour 24",
      () => Cron.daily(24),
      "Cannot use 24 for the hour of a cron expression. Pass a whole number from 0 to 23.",
    ],
    ["minute 60", () => Cron.hourly(60), "the minute"],
    ["minute 1.5", () => Cron.daily(1, 1.5), "Cannot use 1.5 for the minute"],
    ["minute NaN", () => Cron.daily(1, Number.NaN), "the minute"],
    ["weekday 8", () => Cron.weekly(...outside(8)), "the day of week"],
    ["weekday FRIDAY", () => Cron.weekly(...outside("FRIDAY")), "Pass one of SUN, MON"],
    ["day 0", () => Cron.monthly(0), "the day of month"],
    ["month 13", () => Cron.yearly(13), "the month"],
    [
      "every 7 minutes",
      () => Cron.everyMinutes(7),
      "Pass one that divides 60: 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30.",
    ],
    ["every 60 minutes", () => Cron.everyMinutes(60), "divides 60"],
    ["every 0 seconds", () => Cron.everySeconds(0), "divides 60"],
    ["every 5 hours", () => Cron.everyHours(5), "Pass one that divides 24: 1, 2, 3, 4, 6, 8, 12."],
    ["every -3 months", () => Cron.everyMonths(-3), "divides 12"],
    [
      "a text for an hour",
      () => Reflect.apply(Cron.daily, Cron, ["9; rm"]),
      'Cannot use "9; rm" for the hour',
    ],
  ])("refuses %s", (_, write, message) => {
    expect(write).toThrow(
      expect.objectContaining({ code: "FL_INVALID_CRON", message: expect.stringContaining(message) }),
    );
  });
});

/** What the compiler refuses reaches it from JavaScript. */
function outside(day: unknown): Parameters<typeof Cron.weekly> {
  return [day] as Parameters<typeof Cron.weekly>;
}
