import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CronExpression } from "./cron-expression.ts";
import { HARDLY_LATE_MS, type Misfire, planSlots } from "./plan-slots.ts";

const at = (time: string) => Date.parse(`2026-05-04T${time}Z`);
const table = (cron: string, misfire: Misfire, timeZone = "UTC") => ({
  cron: CronExpression.parse(cron),
  misfire,
  timeZone,
});

describe("an hourly schedule that was not looked at since 12:30, at 15:30", () => {
  const plan = (misfire: Misfire, most = 100) =>
    planSlots(table("0 * * * *", misfire), at("13:00:00"), at("15:30:00"), most);

  test("relaxed fires once, for the last slot", () => {
    expect(plan("relaxed")).toEqual({ slots: [at("15:00:00")], nextAt: at("16:00:00") });
  });

  test("strict fires each slot", () => {
    const slots = [at("13:00:00"), at("14:00:00"), at("15:00:00")];
    expect(plan("strict")).toEqual({ slots, nextAt: at("16:00:00") });
  });

  test("strict goes on with the rest in the next look when there are too many for one", () => {
    expect(plan("strict", 2)).toEqual({ slots: [at("13:00:00"), at("14:00:00")], nextAt: at("15:00:00") });
  });

  test("ignorable fires nothing", () => {
    expect(plan("ignorable")).toEqual({ slots: [], nextAt: at("16:00:00") });
  });
});

describe.each(["relaxed", "strict", "ignorable"] as const)("%s", (misfire) => {
  const hourly = table("0 * * * *", misfire);

  test("fires a slot that is exactly now", () => {
    const plan = planSlots(hourly, at("15:00:00"), at("15:00:00"), 100);
    expect(plan).toEqual({ slots: [at("15:00:00")], nextAt: at("16:00:00") });
  });

  test("fires one that is hardly late", () => {
    const now = at("15:00:00") + HARDLY_LATE_MS;
    expect(planSlots(hourly, at("15:00:00"), now, 100).slots).toEqual([at("15:00:00")]);
  });

  test("fires nothing before its time, also when what was stored is no slot any more", () => {
    const plan = planSlots(hourly, at("14:59:59"), at("14:59:59.999"), 100);
    expect(plan).toEqual({ slots: [], nextAt: at("15:00:00") });
  });

  test("has no next instant after the last slot", () => {
    expect(planSlots(table("0 0 31 2 *", misfire), 0, at("15:00:00"), 100)).toEqual({
      slots: [],
      nextAt: null,
    });
  });

  test("knows its slots across a shift of the clocks", () => {
    const paris = table("30 2 * * *", misfire, "Europe/Paris");
    const gap = Date.parse("2026-03-29T01:00:00Z"); // 02:30 is skipped: it fires at 03:00, the first instant after
    const next = Date.parse("2026-03-30T00:30:00Z");
    expect(planSlots(paris, gap, gap, 100)).toEqual({ slots: [gap], nextAt: next });
  });
});

test("the last slot is found by bisection, whatever the expression", () => {
  const crons = ["* * * * * *", "*/7 * * * *", "0 9 * * MON-FRI", "15 3 1 * *", "*/5 0 * 1 * *"];
  const start = at("00:00:00");
  fc.assert(
    fc.property(fc.constantFrom(...crons), fc.integer({ min: 0, max: 400_000_000 }), (cron, ahead) => {
      const one = table(cron, "relaxed", "America/New_York");
      const now = start + ahead;
      const { slots } = planSlots(one, start, now, 100);
      const [last] = slots;
      const following = one.cron.nextAt(last ?? start, one.timeZone, last === undefined);
      expect(following === null || following > now).toBe(true);
      if (last !== undefined) expect(one.cron.nextAt(last, one.timeZone, true)).toBe(last);
    }),
  );
});

test("a second of every week that went by costs no look at each", () => {
  const everySecond = table("* * * * * *", "relaxed");
  let looks = 0;
  const counted = {
    ...everySecond,
    cron: new Proxy(everySecond.cron, {
      get(cron, name) {
        if (name !== "nextAt") return Reflect.get(cron, name);
        return (...args: Parameters<CronExpression["nextAt"]>) => {
          looks++;
          return cron.nextAt(...args);
        };
      },
    }),
  };
  const now = at("00:00:00");
  expect(planSlots(counted, now - 7 * 86_400_000, now, 100).slots).toEqual([now]);
  expect(looks).toBeLessThan(60);
});
