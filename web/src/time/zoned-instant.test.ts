import { describe, expect, it } from "vitest";
import { zonedInstant } from "./zoned-instant.ts";

describe("a wall clock in a zone", () => {
  it.each([
    ["2026-11-28T09:00", "Europe/Paris", "2026-11-28T08:00:00.000Z"],
    ["2026-11-28 09:00:30", "Asia/Kolkata", "2026-11-28T03:30:30.000Z"],
    ["2026-11-28", "America/New_York", "2026-11-28T05:00:00.000Z"],
    ["2026-07-01", "UTC", "2026-07-01T00:00:00.000Z"],
    // The hour that is there twice, and the one that is not there.
    ["2026-10-25T02:30", "Europe/Paris", "2026-10-25T00:30:00.000Z"],
    ["2026-03-29T02:30", "Europe/Paris", "2026-03-29T01:30:00.000Z"],
    ["2026-03-29T03:30", "Europe/Paris", "2026-03-29T01:30:00.000Z"],
    // A day that begins at one o'clock.
    ["2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00.000Z"],
  ])("%s in %s", (text, zone, instant) => {
    expect(new Date(zonedInstant(text, zone) ?? Number.NaN).toISOString()).toBe(instant);
  });

  it.each(["2026-02-30", "2026-11-28T25:00", "2026-11-28T09:00Z", "tomorrow", "2026-11-28T09:00+01:00"])(
    "%s is none",
    (text) => {
      expect(zonedInstant(text, "Europe/Paris")).toBeUndefined();
    },
  );
});
