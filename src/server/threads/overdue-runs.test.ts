import { describe, expect, it } from "vitest";
import { claimedJob } from "../../../test/lifecycle/claimed-job.ts";
import { ClaimLostError, ServerStoppingError } from "../perform/interruption.ts";
import { JobRun } from "../perform/job-context.ts";
import { OverdueRuns } from "./overdue-runs.ts";
import type { ThreadJob } from "./thread-protocol.ts";

const runOf = () => new JobRun(claimedJob(), { log() {}, progress() {}, parameters() {} });

function jobOf(timeoutMs: number | undefined): ThreadJob {
  const onTimeout = { isRetried: true, retries: 2, delaysMs: [0], onExhausted: "fail" as const };
  return { name: "mail.welcome", hasFilters: false, timeoutMs, onTimeout };
}

describe("OverdueRuns", () => {
  const judge = (overdue: OverdueRuns, run: JobRun, now: number, timeoutMs?: number) =>
    overdue.judge({ run, ended() {}, since: 0 }, jobOf(timeoutMs), now)?.elected.state;

  it("stops runs that go on a second after their time", () => {
    const overdue = new OverdueRuns();
    expect(judge(overdue, runOf(), 1_100, 100)).toBeUndefined();
    expect(judge(overdue, runOf(), 1_101, 100)).toBe("Enqueued");
    expect(judge(overdue, runOf(), 1e9)).toBeUndefined();
  });

  it("gives the filters of a run their five seconds more, as on the event loop", () => {
    const overdue = new OverdueRuns();
    const job = { ...jobOf(100), hasFilters: true };
    const states = [6_100, 6_101].map(
      (now) => overdue.judge({ run: runOf(), ended() {}, since: 0 }, job, now)?.elected.state,
    );
    expect(states).toEqual([undefined, "Enqueued"]);
  });

  it("stops runs that go on five seconds after they were seen to have lost their claim", () => {
    const overdue = new OverdueRuns();
    const run = runOf();
    run.abort(new ClaimLostError(run.name));
    expect([10_000, 15_000].map((now) => judge(overdue, run, now))).toEqual([undefined, undefined]);
    expect(judge(overdue, run, 15_001)).toBe("Failed");
    overdue.ended(run);
    expect(judge(overdue, run, 20_000)).toBeUndefined();
  });

  it("stops none because its server stops: that has a deadline of its own", () => {
    const overdue = new OverdueRuns();
    const run = runOf();
    run.abort(new ServerStoppingError("default"));
    expect([0, 10_000, 1e9].map((now) => judge(overdue, run, now))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
