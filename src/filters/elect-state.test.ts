import { afterEach, describe, expect, it, vi } from "vitest";
import { claimedJob } from "../../test/lifecycle/claimed-job.ts";
import type { ElectedState, JobFilter, StateElectionContext } from "../job/job-filter.ts";
import {
  deleted,
  failed,
  type StateCandidate,
  scheduled,
  succeeded,
  summarizeError,
} from "../states/index.ts";
import { type ElectionSubject, electAfterRun, electOrThrow, electState } from "./elect-state.ts";
import { type FilterChain, filterChain } from "./filter-chain.ts";
import { LONGEST_ANSWER_MS } from "./in-time.ts";
import { StoredJobView } from "./stored-job-view.ts";

const thrown = new Error("no route");
const success = succeeded({ duration: 3, latency: 40 });
const failure = failed(summarizeError(thrown));
const claim = claimedJob();
const retry = scheduled({ in: 15_000 }, "Retry attempt 1 of 10: no route");

function subject(over: Partial<ElectionSubject> = {}): ElectionSubject {
  return {
    job: new StoredJobView(claim),
    from: "Processing",
    attempt: 1,
    dueAt: claim.createdAt,
    stateAt: claim.stateAt,
    duration: 3,
    latency: 40,
    hasRun: true,
    maxResultBytes: undefined,
    ...over,
  };
}

function chainOf(...filters: readonly JobFilter[]): FilterChain {
  const chain = filterChain([filters]);
  if (chain === undefined) throw new Error("there are no filters");
  return chain;
}

/** A filter that elects a state, or writes down what it sees. */
function electing(state: ElectedState, order = 0): JobFilter {
  return { order, onStateElection: ({ elect }) => elect(state) };
}
function seeing(seen: StateElectionContext[], order = 0): JobFilter {
  return { order, onStateElection: (context) => void seen.push(context) };
}

afterEach(() => void vi.useRealTimers());

describe("electState", () => {
  it("lets the candidate stand when nobody elects another", async () => {
    const seen: StateElectionContext[] = [];
    const decided = await electState(chainOf(seeing(seen)), success, subject());
    expect(decided).toEqual({ elected: success, replaced: [] });
    expect(seen[0]).toMatchObject({
      from: "Processing",
      candidate: { state: "Succeeded" },
      traversed: [],
      attempt: 1,
      dueAt: claim.createdAt,
      stateAt: claim.stateAt,
      error: undefined,
    });
  });

  it("shows each filter what those before it have left", async () => {
    const seen: StateElectionContext[] = [];
    const chain = chainOf(
      electing({ state: "Deleted", reason: "first" }),
      seeing(seen),
      electing({ state: "Enqueued" }),
      seeing(seen),
    );
    const decided = await electState(chain, success, subject());
    expect(decided?.elected.state).toBe("Enqueued");
    expect(decided?.replaced.map(({ state }) => state)).toEqual(["Succeeded", "Deleted"]);
    expect(seen[0]).toMatchObject({ candidate: { state: "Deleted", reason: "first" } });
    expect(seen[1]?.traversed.map(({ state }) => state)).toEqual(["Succeeded", "Deleted"]);
    expect(seen[0]?.traversed).toHaveLength(1);
  });

  it("asks automatic retry in its place: filters before see Failed, those behind see the retry", async () => {
    const [before, after]: [StateElectionContext[], StateElectionContext[]] = [[], []];
    const chain = chainOf(seeing(before, 19), seeing(after, 20));
    const decided = await electState(chain, failure, subject({ error: thrown, retry: () => retry }));
    expect(decided).toEqual({ elected: retry, replaced: [failure] });
    expect(before[0]).toMatchObject({ candidate: { state: "Failed" }, error: thrown });
    expect(after[0]).toMatchObject({ candidate: { state: "Scheduled" }, error: thrown });
  });

  it("does not retry what a filter has made of Failed, and retries what one has failed", async () => {
    const retries: unknown[] = [];
    const spy = (_: StateCandidate, error: unknown) => {
      retries.push(error);
      return retry;
    };
    await electState(chainOf(electing({ state: "Deleted" })), failure, subject({ retry: spy }));
    expect(retries).toEqual([]);
    const own = new RangeError("own");
    const chain = chainOf(electing({ state: "Failed", error: own }));
    expect((await electState(chain, success, subject({ retry: spy })))?.elected).toBe(retry);
    expect(retries).toEqual([own]);
  });

  it("decides nothing of a job that is Processing already, unless a filter elects another state", async () => {
    const applied: unknown[] = [];
    const observer: JobFilter = { onStateApplied: (context) => void applied.push(context) };
    expect(await electState(chainOf(observer), claim, subject())).toBeUndefined();
    expect(applied).toEqual([]);
    const chain = chainOf(observer, electing({ state: "Scheduled", delay: "1h" }));
    const decided = await electState(chain, claim, subject());
    expect(decided).toMatchObject({ elected: { state: "Scheduled" }, replaced: [] });
    expect(applied).toMatchObject([{ to: { state: "Scheduled" }, traversed: [{ state: "Processing" }] }]);
  });

  it("tells what was decided when all have elected", async () => {
    const order: string[] = [];
    const tell = (order_: number): JobFilter => ({
      order: order_,
      onStateElection: () => void order.push(`elect ${order_}`),
      onStateApplied: ({ from, to }) => void order.push(`${order_}: ${from} → ${to.state}`),
    });
    await electState(chainOf(tell(30), tell(0)), success, subject());
    expect(order).toEqual(["elect 0", "elect 30", "0: Processing → Succeeded", "30: Processing → Succeeded"]);
  });

  it("refuses a state that the job cannot enter, and what cannot be stored", async () => {
    const enqueued = subject({ from: "Enqueued" });
    await expect(
      electOrThrow(chainOf(electing({ state: "Succeeded" })), deleted(), enqueued),
    ).rejects.toThrow(expect.objectContaining({ code: "FL_ILLEGAL_TRANSITION" }));
    const bad = chainOf(electing({ state: "Enqueued", queue: "No!" }));
    await expect(electOrThrow(bad, deleted(), enqueued)).rejects.toThrow(
      expect.objectContaining({ code: "FL_INVALID_QUEUE" }),
    );
  });

  it("does not hear a filter that has answered already", async () => {
    let late: StateElectionContext | undefined;
    const chain = chainOf({
      onStateElection: (context) => {
        late = context;
      },
    });
    const decided = await electState(chain, success, subject());
    late?.elect({ state: "Deleted" });
    expect(decided).toEqual({ elected: success, replaced: [] });
  });

  it("names the filter that threw, and asks nobody after it", async () => {
    const seen: StateElectionContext[] = [];
    const chain = chainOf({ name: "quota", onStateElection: () => Promise.reject(thrown) }, seeing(seen));
    await expect(electState(chain, success, subject())).rejects.toMatchObject({
      filter: "quota",
      cause: thrown,
    });
    await expect(electOrThrow(chain, success, subject())).rejects.toBe(thrown);
    expect(seen).toEqual([]);
  });

  it.each([
    ["a promise", () => new Promise<void>(() => {})],
    // biome-ignore lint/suspicious/noThenProperty: a thenable is the point
    ["one that is no promise", () => ({ then() {} })],
  ])("gives up on a filter that never answers: %s", async (_, answer) => {
    vi.useFakeTimers();
    const silent: JobFilter = { name: "silent", onStateApplied() {} };
    // From JavaScript anything may come.
    Reflect.set(silent, "onStateApplied", answer);
    const chain = chainOf(silent);
    const decided = electState(chain, success, subject()).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(LONGEST_ANSWER_MS);
    expect(await decided).toMatchObject({
      filter: "silent",
      cause: { message: expect.stringContaining("30 seconds") },
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves no timer behind for a filter that answers", async () => {
    vi.useFakeTimers();
    await electState(chainOf({ onStateElection: async () => {} }), success, subject());
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("electAfterRun", () => {
  async function elected(filter: JobFilter) {
    vi.useFakeTimers();
    const decided = electAfterRun(chainOf(filter), success, subject());
    await vi.advanceTimersByTimeAsync(1_100);
    return decided;
  }

  it("asks again where a filter has thrown, and all is well when it does not any more", async () => {
    let asked = 0;
    const decided = await elected({
      onStateElection: ({ elect }) => {
        if (++asked < 3) throw thrown;
        elect({ state: "Deleted" });
      },
    });
    expect(asked).toBe(3);
    expect(decided).toMatchObject({ elected: { state: "Deleted" }, replaced: [success] });
  });

  it("begins each time with the run's own candidate: nothing is replaced twice", async () => {
    let asked = 0;
    const decided = await elected({
      onStateElection: ({ elect }) => elect({ state: "Deleted" }),
      onStateApplied: () => {
        if (++asked < 3) throw thrown;
      },
    });
    expect(decided.replaced).toEqual([success]);
  });

  it("fails the job for a person to see after the third time; what it had come to is not lost", async () => {
    let asked = 0;
    const decided = await elected({
      name: "quota",
      onStateElection: () => {
        asked++;
        throw thrown;
      },
    });
    expect(asked).toBe(3);
    expect(decided.replaced).toEqual([success]);
    expect(decided.elected.state).toBe("Failed");
    expect(JSON.parse(`{${decided.elected.entry}}`)).toMatchObject({
      reason: 'Failed: the filter "quota" threw while Succeeded was elected',
      error: { message: "no route" },
    });
  });
});
