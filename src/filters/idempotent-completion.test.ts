import { describe, expect, it } from "vitest";
import { claimedJob } from "../../test/lifecycle/claimed-job.ts";
import type { ElectedState, JobFilter, StateElectionContext } from "../job/job-filter.ts";
import { ParameterBag } from "../job/parameter-bag.ts";
import { succeeded as success } from "../states/index.ts";
import { electState } from "./elect-state.ts";
import { filterChain } from "./filter-chain.ts";
import { idempotentCompletion } from "./idempotent-completion.ts";
import { StoredJobView } from "./stored-job-view.ts";

type Candidate = StateElectionContext["candidate"];

const succeeded = (result?: unknown): Candidate => ({
  state: "Succeeded",
  reason: null,
  data: result === undefined ? { duration: 1 } : { duration: 1, result },
});
const processing: Candidate = { state: "Processing", reason: null, data: {} };
const deleted: Candidate = { state: "Deleted", reason: null, data: {} };

/** Asks the filter about a job with these parameters. */
function ask(
  candidate: Candidate,
  stored: string | null = null,
  from: StateElectionContext["from"] = "Processing",
) {
  const bag = new ParameterBag(stored);
  const job = new StoredJobView(claimedJob(), bag);
  const elected: ElectedState[] = [];
  void idempotentCompletion.onStateElection?.({
    job,
    from,
    candidate,
    traversed: [],
    attempt: 1,
    error: undefined,
    dueAt: 0,
    stateAt: 0,
    elect: (state) => void elected.push(state),
  });
  // What is elected instead is another end than the candidate's; its text does not matter here.
  const to = elected[0] === undefined ? candidate : { state: elected[0].state, reason: null, data: {} };
  void idempotentCompletion.onStateApplied?.({ job, from, to, traversed: [] });
  return { elected: elected[0], kept: bag.changedText };
}

describe("the first end of a job", () => {
  it.each<[string, Candidate]>([
    ["a success with a result", succeeded(new Map([["a", [1]]]))],
    ["a success without one", succeeded()],
    ["a deletion", deleted],
  ])("is kept and returned to: %s", (_, end) => {
    const { kept = null, elected } = ask(end);
    expect(elected).toBeUndefined();
    expect(kept).toContain(end.state);
    const again = ask(processing, kept);
    expect(again.elected).toMatchObject({ state: end.state, reason: "It has been completed before" });
    expect(again.elected).toEqual(
      "result" in end.data ? expect.objectContaining({ result: end.data.result }) : expect.anything(),
    );
    expect(again.kept).toBeUndefined();
  });

  it("is not replaced by another one", () => {
    const { kept = null } = ask(succeeded(1));
    expect(ask(deleted, kept).elected).toMatchObject({ state: "Succeeded", result: 1 });
    expect(ask(succeeded(2), kept)).toEqual({ elected: undefined, kept: undefined });
  });

  it("is what was decided: an end in whose place another filter has put a retry is none", async () => {
    const again: JobFilter = {
      order: 40,
      onStateElection: ({ candidate, elect }) => {
        if (candidate.state === "Succeeded")
          elect({ state: "Scheduled", delay: "1m", reason: "Not there yet" });
      },
    };
    const chain = filterChain([[idempotentCompletion, again]]);
    if (chain === undefined) throw new Error("there are no filters");
    const bag = new ParameterBag(null);
    const claim = claimedJob();
    const decided = await electState(chain, success({ duration: 1, latency: 0 }), {
      job: new StoredJobView(claim, bag),
      from: "Processing",
      attempt: 1,
      dueAt: 0,
      stateAt: 0,
      duration: 1,
      latency: 0,
      hasRun: true,
      maxResultBytes: undefined,
    });
    expect(decided?.elected.state).toBe("Scheduled");
    expect(bag.changedText).toBeUndefined();
  });

  it("is no other state: a failed run, a retry, a requeue", () => {
    for (const state of ["Failed", "Scheduled", "Enqueued"] as const) {
      expect(ask({ state, reason: null, data: {} })).toEqual({ elected: undefined, kept: undefined });
    }
    expect(ask(processing)).toEqual({ elected: undefined, kept: undefined });
  });
});

describe("what leaves no trace in the way", () => {
  it("a job in a final state is deleted by hand: nothing runs", () => {
    const { kept = null } = ask(succeeded(1));
    expect(ask(deleted, kept, "Succeeded")).toEqual({ elected: undefined, kept: undefined });
  });

  it("a large result stays in the history alone", () => {
    const { kept = null } = ask(succeeded("x".repeat(10_000)));
    expect(kept).toBe('{"Completion":{"state":"Succeeded"}}');
    const { elected } = ask(processing, kept);
    expect(elected).toEqual({
      state: "Succeeded",
      reason: "It has been completed before",
      resultOmitted: expect.stringContaining("it stands in the history"),
    });
  });

  it("a result that could not be stored is not told to have been none", () => {
    const omitted: Candidate = {
      state: "Succeeded",
      reason: null,
      data: { resultOmitted: "it is a function" },
    };
    const { kept = null } = ask(omitted);
    expect(ask(processing, kept).elected).toMatchObject({
      state: "Succeeded",
      resultOmitted: "it is a function",
    });
  });

  it("parameters that leave no room for the result do not fail the job", () => {
    const full = JSON.stringify({ own: "x".repeat(15_000) });
    const { kept } = ask(succeeded("y".repeat(9_000)), full);
    expect(JSON.parse(kept ?? "")).toMatchObject({ Completion: { state: "Succeeded" } });
  });

  it("a parameter that is no completion is none", () => {
    for (const damaged of ['{"Completion":7}', '{"Completion":{"state":"Failed"}}', '{"Completion":null}']) {
      expect(ask(processing, damaged).elected).toBeUndefined();
    }
  });
});
