import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CREATED_AT, claimedJob } from "../../../test/lifecycle/claimed-job.ts";
import { newId } from "../../base/ids.ts";
import { MemoryStorage } from "../../drivers/memory/index.ts";
import { threadDied } from "../../states/index.ts";
import { type Claim, entryLine } from "../../storage/index.ts";
import { Isolation } from "./isolation.ts";

describe("Isolation", () => {
  const blamed: string[] = [];
  let left = 0;
  let isolation: Isolation;

  beforeEach(() => {
    vi.useFakeTimers();
    blamed.length = left = 0;
    const storage = new MemoryStorage();
    vi.spyOn(storage, "blame").mockImplementation(async (claims: readonly Claim[]) =>
      claims.map(({ id }) => {
        blamed.push(id);
        return "applied" as const;
      }),
    );
    isolation = new Isolation(storage, () => left++);
  });
  afterEach(() => void vi.useRealTimers());

  const suspect = () => claimedJob({ id: newId(), crashes: 2, blamed: false });

  it("concerns jobs that have crashed twice, not those that crashed once", () => {
    expect([0, 1, 2, 3].map((crashes) => isolation.concerns(claimedJob({ crashes }), false))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it("does not concern deaths of threads where jobs run in threads: those have told who is to blame", () => {
    const died = (count: number) =>
      entryLine(CREATED_AT, threadDied('it said "threadDied":true').entry).repeat(count);
    const concerns = (crashes: number, ofThreads: number, deathsAreOwn: boolean) =>
      isolation.concerns(claimedJob({ crashes, history: died(ofThreads) }), deathsAreOwn);
    expect(concerns(2, 2, true)).toBe(false);
    expect(concerns(2, 1, true)).toBe(false);
    expect(concerns(3, 1, true)).toBe(true);
    expect(concerns(2, 0, true)).toBe(true);
    expect(concerns(2, 2, false)).toBe(true);
  });

  it("is active from the first moment: nothing else may start from then on", () => {
    isolation.begin(suspect());
    expect(isolation.isActive).toBe(true);
  });

  it("starts a suspect that is alone at once, with the blame on it", async () => {
    const job = suspect();
    isolation.begin(job);
    await isolation.untilAlone(job, () => true);
    expect(blamed).toEqual([job.id]);
    isolation.leave(job);
    expect([isolation.isActive, left]).toEqual([false, 1]);
  });

  it("waits for the jobs beside it, and blames only then", async () => {
    const job = suspect();
    let beside = 2;
    isolation.begin(job);
    const ready = isolation.untilAlone(job, () => beside === 0);
    beside--;
    isolation.runEnded();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(blamed).toEqual([]);
    beside--;
    isolation.runEnded();
    await ready;
    expect(blamed).toEqual([job.id]);
  });

  it("starts it beside the others after 30 seconds, without blame, and lets others start again", async () => {
    const job = suspect();
    isolation.begin(job);
    const ready = isolation.untilAlone(job, () => false);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(isolation.isActive).toBe(true);
    await vi.advanceTimersByTimeAsync(1_001);
    await ready;
    expect({ blamed, active: isolation.isActive, left }).toEqual({ blamed: [], active: false, left: 1 });
  });

  it("is ended at once when its server gives up waiting", async () => {
    const job = suspect();
    isolation.begin(job);
    const ready = isolation.untilAlone(job, () => false);
    isolation.giveUp();
    await ready;
    expect({ blamed, timers: vi.getTimerCount() }).toEqual({ blamed: [], timers: 0 });
  });
});
