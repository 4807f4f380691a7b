import { describe, expect, it } from "vitest";
import { claimedJob } from "../../../test/lifecycle/claimed-job.ts";
import { retryPolicy } from "../../../test/lifecycle/retry-policy.ts";
import { PayloadCorruptError } from "../../job/codec.ts";
import { ClaimLostError, JobTimeoutError, ServerStoppingError } from "../perform/interruption.ts";
import { JobRun } from "../perform/job-context.ts";
import { judge } from "../perform/judge.ts";
import type { RunOutcome } from "../perform/performer.ts";
import { settle } from "./settle.ts";

const recorder = { log() {}, progress() {}, parameters() {} };
const timings = { duration: 3, latency: 40 };
const read = (entry: string): Record<string, unknown> => JSON.parse(`{${entry}}`);
const returned = (value: unknown): RunOutcome => ({ ok: true, value });
const threw = (thrown: unknown): RunOutcome => ({ ok: false, thrown });

/** What a run under `policy` comes to; `abort` is the reason it was asked to end with. */
function settled(
  outcome: RunOutcome,
  {
    retry = retryPolicy(),
    abort = undefined as Error | undefined,
    failures = 0,
    maxResultBytes = undefined as number | undefined,
  } = {},
) {
  const run = new JobRun(claimedJob({ failures }), recorder);
  if (abort !== undefined) run.abort(abort);
  return settle(run, judge(run, outcome, timings.duration, { retry, server: "web", maxResultBytes }));
}

describe("a run that returns", () => {
  it("succeeds with its result and what it took", () => {
    const { change, candidate, elected } = settled(returned({ rows: 2 }));
    expect(change).toMatchObject({ state: "Succeeded", failed: false, fence: 2 });
    expect(read(change.entry)).toEqual({ state: "Succeeded", ...timings, result: [{ rows: 2 }] });
    expect(elected).toBe(candidate);
  });

  it("has no result in its entry when it returned nothing", () => {
    expect(read(settled(returned(undefined)).change.entry)).toEqual({ state: "Succeeded", ...timings });
  });

  it.each<[string, unknown]>([
    ["a function", () => 1],
    [
      "a circle",
      Object.assign(
        {},
        {
          get self() {
            return this;
          },
        },
      ),
    ],
    ["a symbol", Symbol("s")],
    [
      "a thing that throws when it is read",
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("no");
          },
        },
      ),
    ],
  ])("succeeds although it returned %s, and says that it is not stored", (_, value) => {
    const { change } = settled(returned(value));
    expect(change.state).toBe("Succeeded");
    expect(read(change.entry).resultOmitted).toEqual(expect.any(String));
  });

  it("succeeds although its result is too large", () => {
    const { change } = settled(returned("x".repeat(2_000)), { maxResultBytes: 1_000 });
    expect(change.state).toBe("Succeeded");
    expect(change.entry.length).toBeLessThan(1_000);
  });

  it("succeeds although its server is stopping: the work is done", () => {
    expect(settled(returned(1), { abort: new ServerStoppingError("web") }).change.state).toBe("Succeeded");
  });
});

describe("a run that throws", () => {
  it("is retried: Failed is replaced, and both are told", () => {
    const { change, candidate, elected } = settled(threw(new Error("no route")));
    expect([candidate.state, elected.state]).toEqual(["Failed", "Scheduled"]);
    expect(change).toMatchObject({ state: "Scheduled", failed: true, replaced: [candidate.entry] });
  });

  it("stays Failed when no retry is left, and counts", () => {
    const { change } = settled(threw(new Error("no route")), { failures: 10 });
    expect(change).toMatchObject({ state: "Failed", failed: true });
    expect(change.replaced).toBeUndefined();
  });

  it("counts when it was its own timeout", () => {
    const timeout = new JobTimeoutError("mail.welcome", 10);
    expect(settled(threw(timeout), { abort: timeout }).change).toMatchObject({
      state: "Scheduled",
      failed: true,
    });
  });

  it("counts for an AbortError of its own, when nobody asked it to end", () => {
    expect(settled(threw(new DOMException("aborted", "AbortError"))).change.failed).toBe(true);
  });

  it("spends no attempt when its server is stopping, whatever it throws", () => {
    for (const thrown of [new Error("cut short"), null, new JobTimeoutError("x", 1)]) {
      const { change } = settled(threw(thrown), { abort: new ServerStoppingError("web") });
      expect(change).toMatchObject({ state: "Enqueued", failed: false, keepSeq: true });
    }
  });

  it("is told from a lost claim only by the fence: the change is composed as ever", () => {
    expect(settled(threw(new Error("x")), { abort: new ClaimLostError("x") }).change.fence).toBe(2);
  });

  it("is not retried when its stored arguments cannot be read: that will not mend itself", () => {
    const corrupt = new PayloadCorruptError({ code: "FL_PAYLOAD_CORRUPT", what: "Cannot read it." });
    const { change } = settled(threw(corrupt));
    expect(change).toMatchObject({ state: "Failed", failed: true });
    expect(read(change.entry)).toMatchObject({ reason: "Its stored arguments cannot be read" });
  });

  it.each<[string, unknown]>([
    ["null", null],
    ["undefined", undefined],
    ["a string", "out of paper"],
    [
      "a proxy that refuses everything",
      new Proxy(
        {},
        {
          getPrototypeOf: () => {
            throw new Error("no");
          },
        },
      ),
    ],
    ["an error with a stack of 1 MB", Object.assign(new Error("deep"), { stack: "at x\n".repeat(200_000) })],
  ])("is settled although it threw %s, in a bounded text", (_, thrown) => {
    const { change } = settled(threw(thrown));
    expect(change.state).toBe("Scheduled");
    expect(JSON.stringify(change).length).toBeLessThan(40_000);
  });
});

describe("whatever a run comes to", () => {
  const outcomes = [returned(1), threw(new Error("x")), threw(null)];
  const policies = [
    retryPolicy(),
    retryPolicy({ retries: 0 }),
    retryPolicy({ retries: 0, onExhausted: "delete" }),
    retryPolicy({ delaysMs: [0] }),
  ];
  const aborts = [
    undefined,
    new ServerStoppingError("web"),
    new ClaimLostError("x"),
    new JobTimeoutError("x", 1),
  ];

  it("is written under the claim's fence, and due only when it is scheduled", () => {
    for (const outcome of outcomes) {
      for (const retry of policies) {
        for (const abort of aborts) {
          const { change } = settled(outcome, { retry, ...(abort === undefined ? {} : { abort }) });
          expect(change.due !== undefined).toBe(change.state === "Scheduled");
          expect(change.fence).toBe(2);
        }
      }
    }
  });
});
