import { describe, expect, it } from "vitest";
import type { ElectedState } from "../job/job-filter.ts";
import { type ElectionRun, electedCandidate } from "./elected-candidate.ts";

const RUN: ElectionRun = { duration: 3, latency: 40, hasRun: true, maxResultBytes: undefined };
const read = (entry: string): object => JSON.parse(`{${entry}}`);

describe("what a filter elects is stored as if the server had decided it", () => {
  it("Enqueued, with or without another queue", () => {
    const elected = electedCandidate({ state: "Enqueued", reason: "again", queue: "slow" }, RUN);
    expect(elected).toMatchObject({ state: "Enqueued", queue: "slow" });
    expect(read(elected.entry)).toEqual({ state: "Enqueued", reason: "again" });
    expect(electedCandidate({ state: "Enqueued" }, RUN)).not.toHaveProperty("queue");
  });

  it("Scheduled after a delay", () => {
    const elected = electedCandidate({ state: "Scheduled", delay: "2s", queue: "slow" }, RUN);
    expect(elected).toMatchObject({ state: "Scheduled", due: { in: 2_000 }, keepsPlan: true, queue: "slow" });
  });

  it("Succeeded with a result of any storable kind, and what the run took", () => {
    const { entry } = electedCandidate({ state: "Succeeded", result: new Map([["a", 1]]) }, RUN);
    expect(read(entry)).toMatchObject({ state: "Succeeded", duration: 3, latency: 40, result: { v: 1 } });
    expect(read(electedCandidate({ state: "Succeeded" }, RUN).entry)).not.toHaveProperty("result");
    const omitted = electedCandidate({ state: "Succeeded", resultOmitted: "too large" }, RUN);
    expect(read(omitted.entry)).toMatchObject({ resultOmitted: "too large" });
  });

  it("Failed, which counts against the retries only where a run has ended", () => {
    const elect = (hasRun: boolean) =>
      electedCandidate({ state: "Failed", error: new TypeError("no"), reason: "why" }, { ...RUN, hasRun });
    expect(elect(true)).toMatchObject({ state: "Failed", failed: true, summary: { type: "TypeError" } });
    expect(elect(false).failed).toBe(false);
    expect(read(elect(true).entry)).toMatchObject({ reason: "why", error: { message: "no" } });
  });

  it("Deleted, with the error that led to it", () => {
    const { entry } = electedCandidate({ state: "Deleted", reason: "stale", error: new Error("x") }, RUN);
    expect(read(entry)).toMatchObject({ state: "Deleted", reason: "stale", error: { message: "x" } });
    expect(read(electedCandidate({ state: "Deleted" }, RUN).entry)).toEqual({ state: "Deleted" });
  });
});

describe("what cannot be stored is refused with its own code", () => {
  it.each<[string, unknown, string]>([
    ["a bad queue", { state: "Enqueued", queue: "No!" }, "FL_INVALID_QUEUE"],
    ["a bad delay", { state: "Scheduled", delay: 5 }, "FL_INVALID_DURATION"],
    ["no delay", { state: "Scheduled" }, "FL_INVALID_DURATION"],
    ["a result that cannot be stored", { state: "Succeeded", result: () => 1 }, "FL_UNSTORABLE_RESULT"],
    ["a result that is too large", { state: "Succeeded", result: "x".repeat(200) }, "FL_RESULT_TOO_LARGE"],
    ["a state that nobody elects", { state: "Processing" }, "FL_INVALID_OPTIONS"],
    ["no state", {}, "FL_INVALID_OPTIONS"],
  ])("%s", (_, state, code) => {
    const elect = () => electedCandidate(state as ElectedState, { ...RUN, maxResultBytes: 100 });
    expect(elect).toThrow(expect.objectContaining({ code }));
  });
});
