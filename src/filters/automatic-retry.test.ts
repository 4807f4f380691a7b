import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryPolicy } from "../../test/lifecycle/retry-policy.ts";
import { failed, summarizeError } from "../states/index.ts";
import { electRetry, type FailedRun, retryDelay } from "./automatic-retry.ts";

const least = () => 0;
const most = () => 0.999_999;
const read = (entry: string): { state: string; reason?: string; error?: object } => JSON.parse(`{${entry}}`);

function failedRun(attempt: number, thrown: unknown = new Error("no route")): FailedRun {
  const summary = summarizeError(thrown);
  return { attempt, thrown, summary, candidate: failed(summary) };
}

describe("the default curve", () => {
  it("is Hangfire's: from 15 seconds to under two hours, four hours in all", () => {
    const seconds = Array.from({ length: 10 }, (_, index) => retryDelay(index + 1, undefined, least) / 1_000);
    expect(seconds).toEqual([15, 16, 31, 96, 271, 640, 1311, 2416, 4111, 6576]);
  });

  it("adds up to 29 seconds for each attempt before, so that jobs that failed together come apart", () => {
    expect(retryDelay(1, undefined, most)).toBe(44_000);
    expect(retryDelay(10, undefined, most)).toBe((6576 + 290) * 1_000);
  });

  it("never falls below its base", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (n, at) => {
          const base = ((n - 1) ** 4 + 15) * 1_000;
          const delay = retryDelay(n, undefined, () => at);
          return delay >= base && delay <= base + 29_000 * n;
        },
      ),
    );
  });
});

describe("delays of one's own", () => {
  it("are taken in turn, and the last one repeats", () => {
    const delays = [1_000, 10_000, 60_000];
    expect([1, 2, 3, 4, 99].map((n) => retryDelay(n, delays, least))).toEqual([
      1_000, 10_000, 60_000, 60_000, 60_000,
    ]);
  });

  it("of nothing make the job ready at once, with the reason of the retry", () => {
    const elected = electRetry(failedRun(1), retryPolicy({ delaysMs: [0] }));
    expect(elected.state).toBe("Enqueued");
    expect(elected.due).toBeUndefined();
    expect(read(elected.entry).reason).toBe("Retry attempt 1 of 10: no route");
  });
});

describe("electRetry", () => {
  it("gives 10 retries after the first run: 11 runs, and the eleventh stays Failed", () => {
    const states = Array.from({ length: 12 }, (_, n) => electRetry(failedRun(n + 1), retryPolicy()).state);
    expect(states).toEqual([...Array(10).fill("Scheduled"), "Failed", "Failed"]);
  });

  it("says which attempt of how many comes, and why", () => {
    const elected = electRetry(failedRun(2), retryPolicy({ retries: 3, delaysMs: [500] }));
    expect(elected).toMatchObject({ state: "Scheduled", due: { in: 500 }, keepsPlan: true });
    expect(read(elected.entry)).toEqual({
      state: "Scheduled",
      reason: "Retry attempt 2 of 3: no route",
      delay: 500,
    });
  });

  it("shortens a message of more than 50 characters to 49 and an ellipsis", () => {
    const reason = (message: string) =>
      read(electRetry(failedRun(1, new Error(message)), retryPolicy()).entry).reason;
    expect(reason("x".repeat(50))).toBe(`Retry attempt 1 of 10: ${"x".repeat(50)}`);
    expect(reason("x".repeat(51))).toBe(`Retry attempt 1 of 10: ${"x".repeat(49)}…`);
  });

  it("leaves the very candidate when nothing is retried", () => {
    const run = failedRun(1);
    expect(electRetry(run, retryPolicy({ retries: 0 }))).toBe(run.candidate);
  });

  it("goes on exactly once after a requeue by hand: attempts are never reset", () => {
    expect(electRetry(failedRun(12), retryPolicy()).state).toBe("Failed");
  });
});

describe("onExhausted: delete", () => {
  const policy = retryPolicy({ retries: 1, onExhausted: "delete" });

  it("deletes after the last retry, and keeps the error", () => {
    expect(electRetry(failedRun(1), policy).state).toBe("Scheduled");
    const elected = electRetry(failedRun(2), policy);
    expect(read(elected.entry)).toMatchObject({
      state: "Deleted",
      reason: "Exceeded the maximum number of retry attempts",
      error: { message: "no route" },
    });
  });

  it("says so when there were no retries at all", () => {
    const elected = electRetry(failedRun(1), retryPolicy({ retries: 0, onExhausted: "delete" }));
    expect(read(elected.entry).reason).toBe("Retries were disabled for this job");
  });
});

describe("onlyOn and exceptOn", () => {
  const states = (over: Parameters<typeof retryPolicy>[0], ...thrown: unknown[]) =>
    thrown.map((one) => electRetry(failedRun(1, one), retryPolicy(over)).state);

  it("retry only errors of the classes in onlyOn, subclasses included", () => {
    class Timeout extends RangeError {}
    expect(states({ onlyOn: [RangeError] }, new RangeError(), new Timeout(), new TypeError())).toEqual([
      "Scheduled",
      "Scheduled",
      "Failed",
    ]);
  });

  it("never retry errors of the classes in exceptOn, which win", () => {
    expect(states({ exceptOn: [TypeError] }, new TypeError(), new RangeError())).toEqual([
      "Failed",
      "Scheduled",
    ]);
    expect(states({ onlyOn: [Error], exceptOn: [TypeError] }, new TypeError())).toEqual(["Failed"]);
  });

  it("mean no restriction when they are empty", () => {
    expect(states({ onlyOn: [], exceptOn: [] }, new Error(), null)).toEqual(["Scheduled", "Scheduled"]);
  });

  it("leave an error that they do not cover Failed, not deleted", () => {
    expect(states({ onlyOn: [RangeError], onExhausted: "delete", retries: 0 }, new Error())).toEqual([
      "Failed",
    ]);
  });

  it("bear whatever was thrown, a proxy that refuses to tell its prototype included", () => {
    const proxy = new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw new Error("no");
        },
      },
    );
    expect(states({ onlyOn: [Error] }, null, "text", 5, proxy)).toEqual(Array(4).fill("Failed"));
    expect(states({ exceptOn: [Error] }, null, proxy)).toEqual(["Scheduled", "Scheduled"]);
  });
});
