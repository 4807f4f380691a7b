import { describe, expect, it } from "vitest";
import { claimedJob } from "../../test/lifecycle/claimed-job.ts";
import type { StateElectionContext } from "../job/job-filter.ts";
import { latencyTimeout } from "./latency-timeout.ts";
import { StoredJobView } from "./stored-job-view.ts";

/** What the filter elects for a run that begins `late` ms after its time. */
function elected(late: number, over: Partial<StateElectionContext> = {}): unknown {
  const states: unknown[] = [];
  void latencyTimeout(1_000).onStateElection?.({
    job: new StoredJobView(claimedJob()),
    from: "Processing",
    candidate: { state: "Processing", reason: null, data: {} },
    traversed: [],
    attempt: 1,
    error: undefined,
    dueAt: 50_000,
    stateAt: 50_000 + late,
    elect: (state) => void states.push(state),
    ...over,
  });
  return states[0];
}

describe("latencyTimeout", () => {
  it("deletes a job whose run would begin later than that after its time, and says how late", () => {
    expect(elected(1_001)).toEqual({
      state: "Deleted",
      reason: "Its latency timeout of 1000 ms was exceeded: the run would have begun after 1001 ms",
    });
  });

  it("lets it run at the very last moment, and before its time", () => {
    expect(elected(1_000)).toBeUndefined();
    expect(elected(-5_000)).toBeUndefined();
  });

  it("holds for retries", () => {
    expect(elected(1_001, { attempt: 4 })).toMatchObject({ state: "Deleted" });
  });

  it("says nothing of states that are no run's beginning, and of a job that is not stored yet", () => {
    expect(elected(9_999, { candidate: { state: "Succeeded", reason: null, data: {} } })).toBeUndefined();
    expect(elected(9_999, { candidate: { state: "Enqueued", reason: null, data: {} } })).toBeUndefined();
    expect(elected(9_999, { stateAt: null, dueAt: null })).toBeUndefined();
  });
});
