import { describe, expect, it } from "vitest";
import { claimedJob } from "../../../test/lifecycle/claimed-job.ts";
import type { ClaimedJob } from "../../storage/index.ts";
import { JobRun } from "../perform/job-context.ts";
import type { ThreadJob } from "./thread-protocol.ts";
import { crashed, timedOut, unknownEnd } from "./thread-verdicts.ts";

const runOf = (over: Partial<ClaimedJob> = {}) =>
  new JobRun(claimedJob(over), { log() {}, progress() {}, parameters() {} });

function jobOf(over: Partial<ThreadJob["onTimeout"]> = {}): ThreadJob {
  const onTimeout = { isRetried: true, retries: 2, delaysMs: [0], onExhausted: "fail" as const, ...over };
  return { name: "mail.welcome", hasFilters: false, timeoutMs: 100, onTimeout };
}

describe("a run whose thread died under it", () => {
  it("is ready again in its place, with a crash and no attempt spent", () => {
    const { candidate, elected } = crashed(runOf({ crashes: 1 }), "out of memory");
    expect(elected).toBe(candidate);
    expect(candidate).toMatchObject({ state: "Enqueued", keepSeq: true, crashed: true });
    expect(candidate.failed).toBeUndefined();
    expect(candidate.entry).toContain("out of memory");
  });

  it("is set aside at the third time, without an attempt either", () => {
    const { elected } = crashed(runOf({ crashes: 2 }), "out of memory");
    expect(elected).toMatchObject({ state: "Failed", crashed: true, failed: false });
  });
});

describe("a run that was stopped for its timeout", () => {
  const elected = (job: ThreadJob, failures = 0) => timedOut(runOf({ failures }), job, 1_200).elected;

  it("is retried as its policy says, and the failed run is in its history", () => {
    const verdict = timedOut(runOf(), jobOf(), 1_200);
    expect(verdict.candidate).toMatchObject({ state: "Failed", failed: true });
    expect(verdict.candidate.entry).toContain("FL_JOB_TIMEOUT");
    expect(verdict.elected).toMatchObject({ state: "Enqueued" });
    expect(verdict.duration).toBe(1_200);
    expect(elected(jobOf({ delaysMs: [5_000] }))).toMatchObject({ state: "Scheduled", due: { in: 5_000 } });
  });

  it("fails when no retry is left, or is deleted", () => {
    expect(elected(jobOf(), 2)).toMatchObject({ state: "Failed" });
    expect(elected(jobOf({ onExhausted: "delete" }), 2)).toMatchObject({ state: "Deleted" });
  });

  it("fails at once when the policy does not cover timeouts", () => {
    expect(elected(jobOf({ isRetried: false, onExhausted: "delete" }))).toMatchObject({ state: "Failed" });
  });
});

it("a run whose end was lost with its thread is given back, nothing spent", () => {
  const { elected } = unknownEnd();
  expect(elected).toMatchObject({ state: "Enqueued", keepSeq: true });
  expect([elected.failed, elected.crashed]).toEqual([undefined, undefined]);
});
