import { describe, expect, it } from "vitest";
import { deleted, enqueued, failed, interrupted, processingEntry, scheduled, succeeded } from "./index.ts";

const read = (entry: string): unknown => JSON.parse(`{${entry}}`);
const error = { type: "Error", message: "no route" };

describe("the entry of", () => {
  it("Enqueued has a reason only when one is given", () => {
    expect(read(enqueued().entry)).toEqual({ state: "Enqueued" });
    expect(read(enqueued("Requeued").entry)).toEqual({ state: "Enqueued", reason: "Requeued" });
  });

  it("an interrupted run says so, and the job keeps its place", () => {
    const candidate = interrupted("web");
    expect(candidate).toMatchObject({ state: "Enqueued", keepSeq: true });
    expect(candidate.failed).toBeUndefined();
    expect(read(candidate.entry)).toMatchObject({
      interrupted: true,
      reason: expect.stringContaining("web"),
    });
  });

  it("Scheduled keeps a delay as a delay and an instant as an instant", () => {
    expect(scheduled({ in: 500 })).toMatchObject({ due: { in: 500 } });
    expect(read(scheduled({ in: 500 }).entry)).toEqual({ state: "Scheduled", delay: 500 });
    expect(read(scheduled({ at: 9 }, "Rescheduled").entry)).toEqual({
      state: "Scheduled",
      reason: "Rescheduled",
      dueAt: 9,
    });
  });

  it("Processing names the server and its incarnation, quotes and all", () => {
    expect(read(processingEntry('my "web"', "web:1:a"))).toEqual({
      state: "Processing",
      server: 'my "web"',
      incarnation: "web:1:a",
    });
  });

  it("Succeeded holds what the run took and gave", () => {
    expect(read(succeeded({ duration: 3, latency: 4 }).entry)).toEqual({
      state: "Succeeded",
      duration: 3,
      latency: 4,
    });
    const rich = succeeded({ duration: 3, latency: 4, result: '[{"a":"\\u0000"}]' });
    expect(read(rich.entry)).toMatchObject({ result: [{ a: "\u0000" }] });
    const omitted = succeeded({ duration: 3, latency: 4, resultOmitted: 'it is "odd"' });
    expect(read(omitted.entry)).toMatchObject({ resultOmitted: 'it is "odd"' });
  });

  it("Failed counts the run and keeps the error", () => {
    const candidate = failed(error, undefined, 12);
    expect(candidate).toMatchObject({ state: "Failed", failed: true, summary: error });
    expect(read(candidate.entry)).toEqual({
      state: "Failed",
      reason: "An exception occurred during performance of the job",
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      error,
      duration: 12,
    });
  });

  it("Deleted keeps the error that it was deleted for", () => {
    expect(read(deleted().entry)).toEqual({ state: "Deleted" });
    expect(read(deleted("Enough", error).entry)).toEqual({ state: "Deleted", reason: "Enough", error });
  });
});
