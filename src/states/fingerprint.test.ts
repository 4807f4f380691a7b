import { describe, expect, it } from "vitest";
import type { ErrorSummary } from "./error-summary.ts";
import { fingerprintOf } from "./fingerprint.ts";

const FRAMES = `
    at node:internal/process/task_queues:105:5
    at Client.query (/app/node_modules/pg/lib/client.js:631:17)
    at async charge (/app/src/billing.ts:12:9)
    at async run (/app/src/main.ts:3:1)`;
const error = (over: Partial<ErrorSummary> = {}): ErrorSummary => ({
  type: "TypeError",
  message: "no such user",
  stack: `TypeError: no such user${FRAMES}`,
  ...over,
});
const same = (a: Partial<ErrorSummary>, b: Partial<ErrorSummary>) =>
  fingerprintOf(error(a)) === fingerprintOf(error(b));

describe("two failures are the same", () => {
  it.each([
    ["with other numbers", "user 42 took 3.5 s", "user 7 took 12 s"],
    ["with other ids", "no 01a22045-da10-71de-819b-5b24bb74cc9e", "no 01a22040-0000-7000-8000-000000000000"],
    ["with other quoted values", `column "a" of 'x'`, `column "b" of 'y'`],
    ["with other addresses", "at 0xdeadbeef", "at 0xCAFE"],
  ])("%s in the message", (_, one, other) => {
    expect(same({ message: one }, { message: other })).toBe(true);
  });

  it("whichever line of the file it was, and wherever the file is", () => {
    const moved = FRAMES.replace("/app/src/billing.ts:12:9", "/srv/releases/7/src/billing.ts:99:1");
    expect(same({}, { stack: `TypeError: x${moved}` })).toBe(true);
  });
});

describe("two failures differ", () => {
  it.each<[string, Partial<ErrorSummary>]>([
    ["by class", { type: "RangeError" }],
    ["by message", { message: "no such order" }],
    ["by code", { code: "ECONNRESET" }],
    ["by the function of the first own frame", { stack: `x${FRAMES.replace("charge", "refund")}` }],
    ["by the file of the first own frame", { stack: `x${FRAMES.replace("billing.ts", "orders.ts")}` }],
  ])("%s", (_, over) => {
    expect(same({}, over)).toBe(false);
  });
});

it("is 16 hexadecimal digits, of whatever was thrown, in no time", () => {
  expect(fingerprintOf({ type: "string", message: "" })).toMatch(/^[0-9a-f]{16}$/);
  const hostile = error({ message: '"'.repeat(100_000), stack: `x\n    at ${"(/".repeat(50_000)}` });
  const from = performance.now();
  expect(fingerprintOf(hostile)).toMatch(/^[0-9a-f]{16}$/);
  expect(performance.now() - from).toBeLessThan(1_000);
});
