import { describe, expect, it } from "vitest";
import { CLAIMED_AT, CREATED_AT, claimedJob } from "../../test/lifecycle/claimed-job.ts";
import { entryLine, HISTORY_ENTRIES } from "../storage/index.ts";
import { apply, deleted, enqueued, failed, scheduled, succeeded } from "./index.ts";

const error = { type: "Error", message: "no route" };
const lines = (text: string): { state?: string; at?: number; dropped?: number }[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe("apply", () => {
  it("carries the claim's id and fence, and the state that is left as the last line of the past", () => {
    const job = claimedJob({ fence: 7 });
    const change = apply(job, succeeded({ duration: 1, latency: 2 }));
    expect(change).toMatchObject({ id: job.id, fence: 7, state: "Succeeded", failed: false });
    expect(lines(change.past)).toMatchObject([
      { at: CREATED_AT, state: "Enqueued" },
      { at: CLAIMED_AT, state: "Processing" },
    ]);
  });

  it("does not repeat Enqueued, whose entry the history has already", () => {
    const job = claimedJob({ state: "Enqueued", entry: "" });
    expect(lines(apply(job, deleted()).past)).toHaveLength(1);
  });

  it("keeps a replaced Failed in the history and counts its failure", () => {
    const change = apply(claimedJob(), scheduled({ in: 5 }, "Retry"), [failed(error)]);
    expect(change).toMatchObject({ state: "Scheduled", failed: true, due: { in: 5 } });
    expect(change.replaced).toEqual([failed(error).entry]);
  });

  it("counts no failure where a filter has made a success of it", () => {
    const change = apply(claimedJob(), succeeded({ duration: 1, latency: 2 }), [failed(error)]);
    expect(change).toMatchObject({ state: "Succeeded", failed: false, replaced: [failed(error).entry] });
  });

  it("refuses a state that the job cannot enter", () => {
    const job = claimedJob({ state: "Enqueued" });
    expect(() => apply(job, succeeded({ duration: 1, latency: 2 }))).toThrow(/cannot become Succeeded/);
  });

  it("writes a new queue and parameters only where there are any", () => {
    expect(apply(claimedJob(), enqueued(), [], '{"a":1}')).toMatchObject({ parameters: '{"a":1}' });
    expect(apply(claimedJob(), { ...enqueued(), queue: "slow" })).toMatchObject({ queue: "slow" });
    expect(apply(claimedJob(), enqueued())).not.toHaveProperty("queue");
    expect(apply(claimedJob(), enqueued())).not.toHaveProperty("parameters");
  });

  it("counts no failure for a change from outside", () => {
    expect(apply(claimedJob(), enqueued("Requeued")).failed).toBe(false);
    expect(apply(claimedJob(), scheduled({ in: 1 })).failed).toBe(false);
  });

  it("leaves no undefined members: some engines would store them", () => {
    for (const candidate of [enqueued(), scheduled({ in: 1 }), failed(error), deleted()]) {
      expect(Object.values(apply(claimedJob(), candidate))).not.toContain(undefined);
    }
  });
});

describe("a long history", () => {
  const entries = (count: number) =>
    Array.from({ length: count }, (_, n) => entryLine(n, enqueued(`number ${n}`).entry)).join("");

  it("keeps the newest 50 entries, the state that is left among them, and counts what it dropped", () => {
    const past = lines(apply(claimedJob({ history: entries(60) }), deleted()).past);
    expect(past[0]).toEqual({ dropped: 11 });
    expect(past).toHaveLength(HISTORY_ENTRIES + 1);
    expect(past.at(-1)).toMatchObject({ at: CLAIMED_AT, state: "Processing" });
    expect(past[1]).toMatchObject({ at: 11 });
  });

  it("adds up what was dropped before", () => {
    let history = entries(50);
    for (let n = 0; n < 30; n++) history = apply(claimedJob({ history }), deleted()).past;
    expect(lines(history)[0]).toEqual({ dropped: 30 });
    expect(lines(history)).toHaveLength(HISTORY_ENTRIES + 1);
  });

  it("drops nothing at exactly 50", () => {
    expect(lines(apply(claimedJob({ history: entries(49) }), deleted()).past)).toHaveLength(50);
  });

  it("is not cut where a text in it looks like a line of its own", () => {
    const tail = enqueued('{"dropped":9}\n{"at":1}').entry;
    const history = Array.from({ length: 49 }, (_, n) => entryLine(n, tail)).join("");
    expect(lines(apply(claimedJob({ history }), deleted()).past)).toHaveLength(50);
  });
});
