import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { claimedJob } from "../../../test/lifecycle/claimed-job.ts";
import type { Appendix } from "../../storage/index.ts";
import { JobRun } from "../perform/job-context.ts";
import { ThreadLog } from "./thread-log.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The log of a thread in which a run has begun, and what it tells. */
function talk() {
  const told: Appendix[] = [];
  const log = new ThreadLog((appendix) => told.push(appendix));
  const run = new JobRun(claimedJob({ failures: 1 }), log);
  log.begin(run);
  const texts = () => told.map(({ text }) => text);
  const values = () => told.flatMap((one) => (one.kind === "progress" ? [one.value] : []));
  return { told, log, run, texts, values };
}

function times(count: number, body: (n: number) => void): void {
  for (let n = 0; n < count; n++) body(n);
}

/** The clock goes on and no timer has its turn, as under code that spins. */
function spinFor(ms: number): void {
  const now = performance.now() + ms;
  vi.spyOn(performance, "now").mockReturnValue(now);
}

describe("ThreadLog", () => {
  it("tells lines and progress at once, in their order, as those of their claim and attempt", () => {
    const { told, run } = talk();
    run.log("first", { a: 1 });
    run.progress(50, "half");
    run.log("second");
    const own = { id: run.id, fence: run.claim.fence, attempt: 2 };
    expect(told).toEqual([
      { ...own, kind: "log", text: "first", data: '{"a":1}' },
      { ...own, kind: "progress", value: 50, text: "half" },
      { ...own, kind: "log", text: "second", data: null },
    ]);
  });

  it("says at the end of a flood how many lines it dropped, all within what the server takes", () => {
    const { log, run, texts } = talk();
    times(5_000, (n) => run.log(`line ${n}`));
    log.end();
    expect(texts()).toHaveLength(1_000);
    expect(texts().at(-1)).toBe("4001 more lines came within 250 ms and were dropped");
  });

  it("tells lines again in the next window, also while the loop has no turn", () => {
    const { run, texts } = talk();
    times(1_001, (n) => run.log(`line ${n}`));
    spinFor(250);
    times(1_000, (n) => run.log(`later ${n}`));
    expect(texts().slice(998, 1_001)).toEqual([
      "line 998",
      "2 more lines came within 250 ms and were dropped",
      "later 0",
    ]);
    // The line that says so is one of them.
    expect(texts()).toHaveLength(999 + 999);
  });

  it("says what it dropped when the window is over, although the run says no more", () => {
    const { run, texts } = talk();
    times(1_500, () => run.log("line"));
    vi.advanceTimersByTime(250);
    expect(texts().at(-1)).toMatch(/^501 more lines/);
    vi.advanceTimersByTime(10_000);
    expect(texts()).toHaveLength(1_000);
  });

  it("tells the latest progress of many at the end of the window", () => {
    const { run, values } = talk();
    times(5_000, (n) => run.progress(n));
    expect(values()).toHaveLength(100);
    vi.advanceTimersByTime(250);
    expect(values().slice(100)).toEqual([4_999]);
  });

  it("tells the latest progress of many at the end of the run, and no timer stays", () => {
    const { log, run, values } = talk();
    times(5_000, (n) => run.progress(n));
    log.end();
    expect(values().slice(100)).toEqual([4_999]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tells nothing of a run that has ended, and counts it for no other", () => {
    const { log, run, texts } = talk();
    log.end();
    const next = new JobRun(claimedJob({ id: "next" }), log);
    log.begin(next);
    times(2_000, () => run.log("left behind"));
    next.log("next");
    log.end();
    expect(texts()).toEqual(["next"]);
  });

  it("gives each run its own bound", () => {
    const { log, run, texts } = talk();
    times(999, () => run.log("one"));
    log.end();
    const next = new JobRun(claimedJob({ id: "next" }), log);
    log.begin(next);
    times(999, () => next.log("two"));
    log.end();
    expect(texts()).toHaveLength(2 * 999);
  });

  it("refuses progress that is no finite number", () => {
    const { run, told } = talk();
    expect(() => run.progress(Number.NaN)).toThrow(expect.objectContaining({ code: "FL_INVALID_PROGRESS" }));
    expect(told).toEqual([]);
  });
});
