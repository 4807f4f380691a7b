import fc from "fast-check";
import { expect, it } from "vitest";
import { InvalidCronError } from "./cron/invalid-cron-error.ts";
import { CronExpression } from "./cron-expression.ts";

/** `FIRELATER_CRON_ROUNDS=40` runs forty times as many. */
const ROUNDS = Number(process.env.FIRELATER_CRON_ROUNDS ?? 1);
/** What a text or a search may take, on a busy machine, a scan of a zone's offsets included. */
const LONGEST_MS = 500;

/** Of this thread: what the machine does beside it must not count. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

const word = fc.oneof(
  fc.constantFrom(
    "*",
    "?",
    "L",
    "LW",
    "L-3W",
    "15W",
    "FRI#2",
    "5L",
    "*/5",
    "MON-FRI",
    "22-3/2",
    "0",
    "31",
    "2",
    "@daily",
  ),
  fc.stringMatching(/^[0-9LW*?#/,\-A-Z@]{1,8}$/),
  fc.string({ maxLength: 5 }),
);
const text = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.array(word, { maxLength: 8 }).map((words) => words.join(" ")),
  fc.string({ minLength: 1, maxLength: 4 }).map((part) => part.repeat(400)),
);

const time = fc.integer({ min: 0, max: 59 });
const list = (term: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(term, { minLength: 1, maxLength: 3 }).map((terms) => terms.join(","));
const field = (least: number, most: number, special: fc.Arbitrary<string>[] = []): fc.Arbitrary<string> => {
  const value = fc.integer({ min: least, max: most });
  const step = fc.integer({ min: 1, max: Math.min(most, 12) });
  return list(
    fc.oneof(
      fc.constant("*"),
      value.map(String),
      fc.tuple(value, value).map(([from, to]) => `${from}-${to}`),
      fc.tuple(value, value, step).map(([from, to, by]) => `${from}-${to}/${by}`),
      fc.tuple(value, step).map(([from, by]) => `${from}/${by}`),
      ...special,
    ),
  );
};
const day = fc.integer({ min: 1, max: 30 });
const valid = fc
  .tuple(
    field(0, 59),
    field(0, 59),
    field(0, 23),
    field(1, 31, [
      fc.constantFrom("L", "LW"),
      day.map((n) => `L-${n}`),
      day.map((n) => `L-${n}W`),
      day.map((n) => `${n}W`),
    ]),
    field(1, 12),
    field(0, 7, [
      fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 1, max: 5 })).map(([a, n]) => `${a}#${n}`),
      fc.constantFrom("FRIL", "0L"),
    ]),
  )
  .map((fields) => fields.join(" "));

const zone = fc.constantFrom("UTC", ...Intl.supportedValuesOf("timeZone"), "+05:45");
const instant = fc.oneof(
  fc.integer({ min: -8.64e15, max: 8.64e15 }),
  fc.integer({ min: 0, max: 4e12 }),
  fc.integer({ min: 0, max: 200_000_000_000 }).map((back) => 8.64e15 - back),
  fc.constantFrom(-8.64e15, -8.64e15 + 1, 0, 8.64e15 - 1, 8.64e15),
);

it("reads any text or refuses it with the coded error, soon", () => {
  fc.assert(
    fc.property(text, (any) => {
      const from = cpuMs();
      try {
        const expression = CronExpression.parse(any);
        expect(CronExpression.parse(expression.toString()).toString()).toBe(expression.toString());
        expression.next(new Date(0));
      } catch (error) {
        if (!(error instanceof InvalidCronError)) throw error;
      }
      expect(cpuMs() - from).toBeLessThan(LONGEST_MS);
    }),
    { numRuns: 3_000 * ROUNDS },
  );
});

it("moves on from any instant in any zone, soon, to what its canonical text gives too", () => {
  fc.assert(
    fc.property(valid, zone, instant, fc.boolean(), (any, timeZone, after, inclusive) => {
      const expression = CronExpression.parse(any);
      const same = CronExpression.parse(expression.toString());
      const from = cpuMs();
      const next = expression.nextAt(after, timeZone, inclusive);
      expect(cpuMs() - from).toBeLessThan(LONGEST_MS);
      expect(same.nextAt(after, timeZone, inclusive)).toBe(next);
      if (next === null) return;
      expect(Number.isInteger(next) && next <= 8.64e15).toBe(true);
      expect(inclusive ? next >= after : next > after).toBe(true);
      // The answer is itself a firing, and nothing lies between: the set does not depend on where one starts.
      expect(expression.nextAt(next, timeZone, true)).toBe(next);
      const between = after + Math.floor((next - after) / 2);
      expect(expression.nextAt(between, timeZone, inclusive || between > after)).toBe(next);
    }),
    { numRuns: 1_000 * ROUNDS },
  );
});

it("never fires an interval less often than a fixed time", () => {
  fc.assert(
    fc.property(
      time,
      fc.integer({ min: 0, max: 23 }),
      zone,
      fc.integer({ min: 0, max: 4e12 }),
      (minute, hour, timeZone, after) => {
        const fixed = CronExpression.parse(`${minute} ${hour} * * *`).nextAt(after, timeZone);
        const interval = CronExpression.parse(`${minute}-${minute} ${hour} * * *`).nextAt(after, timeZone);
        expect(Number(interval)).toBeLessThanOrEqual(Number(fixed));
      },
    ),
    { numRuns: 300 * ROUNDS },
  );
});
