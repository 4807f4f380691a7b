import { mock } from "node:test";
import { defineJobs, type JobFilter } from "firelater";
import { TestJobs } from "firelater/testing";
import { afterEach, describe, expect, it, vi } from "vitest";

const seen: Date[] = [];
const jobs = defineJobs(
  {
    look: () => seen.push(new Date()),
    fails: () => Promise.reject(new Error("no")),
    slow: () => new Promise<void>(() => {}),
  },
  { slow: { timeout: "30s", retry: false } },
);
const WAYS = [
  {
    way: "Vitest",
    fake: () => void vi.useFakeTimers(),
    set: (now: Date) => void vi.setSystemTime(now),
    tick: (ms: number) => void vi.advanceTimersByTime(ms),
  },
  {
    way: "Vitest, of the event loop too",
    fake: () => void vi.useFakeTimers({ toFake: ["setTimeout", "setImmediate", "setInterval", "Date"] }),
    set: (now: Date) => void vi.setSystemTime(now),
    tick: (ms: number) => void vi.advanceTimersByTime(ms),
  },
  {
    way: "node:test",
    fake: () => mock.timers.enable(),
    set: (now: Date) => mock.timers.setTime(now.getTime()),
    tick: (ms: number) => mock.timers.tick(ms),
  },
];

afterEach(() => {
  vi.useRealTimers();
  mock.timers.reset();
  seen.length = 0;
});

describe.each(WAYS)("under the fake timers of $way", ({ fake, set, tick }) => {
  it("jobs run, and see the time of the clock where it is told to others", async () => {
    fake();
    await using app = new TestJobs({ jobs, now: "2026-03-01T09:00:00Z", onTime: set, logger: false });
    await app.client.enqueue((j) => j.look());
    await app.client.delay((j) => j.look(), "2d");
    await app.client.enqueue((j) => j.fails());
    await app.drain();
    await app.advance("3d");
    expect(seen).toEqual([new Date("2026-03-01T09:00:00Z"), new Date("2026-03-03T09:00:00Z")]);
  });

  it("many jobs run: no write waits for a turn of the event loop that never comes", async () => {
    fake();
    await using app = new TestJobs({ jobs });
    for (let n = 0; n < 300; n++) await app.client.enqueue((j) => j.look());
    expect((await app.drain()).performed).toBe(300);
  });

  it("inline, the result is there when the call has returned", async () => {
    fake();
    await using app = new TestJobs({ jobs, inline: true });
    const id = await app.client.enqueue((j) => j.look());
    expect(await app.client.result(id)).toBe(1);
  });

  it("a timeout comes when the fake timers say so", async () => {
    fake();
    await using app = new TestJobs({ jobs, logger: false });
    await app.client.enqueue((j) => j.slow());
    const drained = app.drain();
    for (let turn = 0; turn < 100; turn++) await Promise.resolve();
    tick(30_000);
    expect((await drained).errors).toMatchObject([{ code: "FL_JOB_TIMEOUT" }]);
  });

  it("a filter that throws is asked again, by real time", async () => {
    fake();
    let asked = 0;
    const filter: JobFilter = {
      onStateElection({ candidate }) {
        if (candidate.state === "Succeeded" && ++asked === 1) throw new Error("down for a moment");
      },
    };
    await using app = new TestJobs({ jobs, filters: [filter] });
    await app.client.enqueue((j) => j.look());
    expect((await app.drain()).succeeded).toBe(1);
    expect(asked).toBe(2);
  });
});
