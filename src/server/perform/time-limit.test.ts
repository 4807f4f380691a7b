import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { claimedJob } from "../../../test/lifecycle/claimed-job.ts";
import { JobTimeoutError } from "./interruption.ts";
import { JobRun } from "./job-context.ts";
import { type Hold, type LateWork, limitAround } from "./time-limit.ts";

const recorder = { log() {}, progress() {}, parameters() {} };
const timeout = expect.any(JobTimeoutError);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A run of at most a second inside `body`. */
function limited(body: (hold: Hold) => Promise<unknown>, late: LateWork = "goes on") {
  const run = new JobRun(claimedJob(), recorder);
  const ended: unknown[] = [];
  const given = limitAround(run, 1_000, late, body);
  given.then(
    (value) => ended.push(value),
    (error: unknown) => ended.push(error),
  );
  return { run, ended };
}

const never = () => new Promise<never>(() => {});

describe("a run with filters whose time is up", () => {
  it("is told by its signal, and what stands around it hears of the timeout at once", async () => {
    const heard: unknown[] = [];
    const { run, ended } = limited((hold) =>
      hold(never()).catch((error: unknown) => {
        heard.push(error);
        return "handled";
      }),
    );
    await vi.advanceTimersByTimeAsync(999);
    expect(run.abortReason).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(run.abortReason).toEqual(timeout);
    expect(heard).toEqual([timeout]);
    expect(ended).toEqual(["handled"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not wait for filters without end", async () => {
    const { ended } = limited((hold) => hold(never()).catch(never));
    await vi.advanceTimersByTimeAsync(5_999);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toEqual([timeout]);
  });

  it("aborts also while a filter before it takes its time", async () => {
    const { run, ended } = limited(never);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(run.abortReason).toEqual(timeout);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(ended).toEqual([timeout]);
  });

  it("is waited for where somebody else can stop it, and counts as timed out then", async () => {
    const work = Promise.withResolvers<string>();
    const { ended } = limited((hold) => hold(work.promise), "is waited for");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ended).toEqual([]);
    work.resolve("late");
    await vi.advanceTimersByTimeAsync(0);
    expect(ended).toEqual([timeout]);
  });
});

describe("a run with filters that ends in time", () => {
  it.each<LateWork>(["goes on", "is waited for"])(
    "gives what it gives, and leaves no timer: late work %s",
    async (late) => {
      const { ended } = limited(async (hold) => `${await hold(Promise.resolve("in time"))}!`, late);
      await vi.advanceTimersByTimeAsync(0);
      expect(ended).toEqual(["in time!"]);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it.each<LateWork>(["goes on", "is waited for"])("throws what it throws: late work %s", async (late) => {
    const error = new Error("own");
    const { ended } = limited((hold) => hold(Promise.reject(error)), late);
    await vi.advanceTimersByTimeAsync(0);
    expect(ended).toEqual([error]);
  });
});
