import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { currentJob, type Duration, defineJobs } from "firelater";
import { TestJobs } from "firelater/testing";
import { describe, expect, it, onTestFinished } from "vitest";

const NINE = "2026-03-01T09:00:00Z";

function bench() {
  const ran: string[] = [];
  const at = () => app.now.toISOString().slice(8, 19);
  const work = {
    note: (text: string) => void ran.push(`${text} at ${at()}`),
    slot: (slot: Date) => void ran.push(`slot ${slot.toISOString().slice(8, 16)} at ${at()}`),
    fails() {
      ran.push(`attempt ${currentJob().attempt} at ${at()}`);
      throw new Error("no");
    },
  };
  const jobs = defineJobs({ work }, { work: { fails: { retry: { retries: 3 } } } });
  const app: TestJobs<typeof jobs> = new TestJobs({ jobs, now: NINE, logger: false });
  return { app, ran };
}

describe("advance", () => {
  it("runs each job at its time, never before it", async () => {
    const { app, ran } = bench();
    await app.client.delay((j) => j.work.note("second"), "2h");
    await app.client.schedule((j) => j.work.note("first"), new Date("2026-03-01T10:00:00Z"));
    expect((await app.advance("59m")).performed).toBe(0);
    expect((await app.advance("1m")).performed).toBe(1);
    await app.advance({ days: 1 });
    expect(ran).toEqual(["first at 01T10:00:00", "second at 01T11:00:00"]);
    expect(app.now).toEqual(new Date("2026-03-02T10:00:00Z"));
  });

  it("goes to an instant, and never back", async () => {
    const { app } = bench();
    await app.advance(new Date("2026-03-05T00:00:00Z"));
    expect(app.now).toEqual(new Date("2026-03-05T00:00:00Z"));
    await expect(app.advance(new Date(0))).rejects.toMatchObject({ code: "FL_TIME_REVERSED" });
    await expect(app.advance("5 minutes" as Duration)).rejects.toMatchObject({ code: "FL_INVALID_DURATION" });
  });

  it("retries at the curve's times, without jitter", async () => {
    const { app, ran } = bench();
    await app.client.enqueue((j) => j.work.fails());
    expect(await app.advance("1h")).toMatchObject({ retried: 3, failed: 1 });
    expect(ran).toEqual([
      "attempt 1 at 01T09:00:00",
      "attempt 2 at 01T09:00:15",
      "attempt 3 at 01T09:00:31",
      "attempt 4 at 01T09:01:02",
    ]);
  });

  it("tells the jobs of slots on the channel, as a server does", async () => {
    const { app } = bench();
    const told: unknown[] = [];
    const hear = (message: unknown) => void told.push(message);
    subscribe("firelater:job:enqueued", hear);
    onTestFinished(() => void unsubscribe("firelater:job:enqueued", hear));
    await app.recurring.addOrUpdate("often", (j) => j.work.note("x"), "* * * * * *");
    await app.advance("1s");
    expect(told).toMatchObject([{ name: "work.note", recurring: "often" }]);
  });

  it("fires recurring jobs at their slots", async () => {
    const { app, ran } = bench();
    await app.recurring.addOrUpdate("daily", (j, job) => j.work.slot(job.dueAt), "30 6 * * *", {
      timeZone: "Europe/Paris",
    });
    await app.advance("2d");
    expect(ran).toEqual(["slot 02T05:30 at 02T05:30:00", "slot 03T05:30 at 03T05:30:00"]);
    expect(app.enqueued((j) => j.work.slot)).toHaveLength(2);
    expect((await app.recurring.get("daily"))?.nextRun).toEqual(new Date("2026-03-04T05:30:00Z"));
  });

  it("is given up where a schedule fires for ever", async () => {
    const { app } = bench();
    await app.recurring.addOrUpdate("often", (j) => j.work.note("x"), "* * * * * *");
    await expect(app.advance("1h", { maxRuns: 100 })).rejects.toMatchObject({ code: "FL_ENDLESS_JOBS" });
  });

  it("runs nothing during an outage, and catches up after it as a server does", async () => {
    const { app, ran } = bench();
    await app.recurring.addOrUpdate("hourly", (j, job) => j.work.slot(job.dueAt), "0 * * * *");
    await app.client.delay((j) => j.work.note("delayed"), "1h");
    app.outage("150m");
    expect(ran).toEqual([]);
    await app.drain();
    expect(ran.sort()).toEqual(["delayed at 01T11:30:00", "slot 01T11:00 at 01T11:30:00"]);
  });
});

it.each<[string, unknown]>([
  ["a misspelt option", { job: 1 }],
  ["a logger that is none", { logger: true }],
  ["failures of another kind", { failures: "raise" }],
  ["queues that are none", { queues: [] }],
  ["inline that is no switch", { inline: "yes" }],
  ["filters that are none", { filters: [{}] }],
])("refuses %s", (_what, options) => {
  // What the compiler refuses reaches it from JavaScript.
  const given = { jobs: defineJobs({}), ...(options as object) };
  expect(() => new TestJobs(given)).toThrow(expect.objectContaining({ code: "FL_INVALID_OPTIONS" }));
});

it("refuses options of drain and advance that do not exist", async () => {
  const app = new TestJobs({ jobs: defineJobs({}) });
  // @ts-expect-error advance has no such option
  await expect(app.advance("1h", { scheduled: true })).rejects.toMatchObject({ code: "FL_INVALID_OPTIONS" });
  await expect(app.drain({ maxRuns: 0 })).rejects.toMatchObject({ code: "FL_INVALID_OPTIONS" });
});

describe("the clock", () => {
  it("tells others the time, at first and whenever it moves", async () => {
    const told: string[] = [];
    const jobs = defineJobs({ noop: () => {} });
    const app = new TestJobs({
      jobs,
      now: NINE,
      onTime: (now) => void told.push(now.toISOString().slice(11, 16)),
    });
    await app.client.delay((j) => j.noop(), "1h");
    await app.advance("2h");
    expect(told).toEqual(["09:00", "10:00", "11:00"]);
  });

  it("shows the time of the system unless it is given one, and stands still", async () => {
    const before = Date.now();
    const app = new TestJobs({ jobs: defineJobs({}) });
    expect(app.now.getTime()).toBeGreaterThanOrEqual(before);
    expect(app.now.getTime()).toBeLessThanOrEqual(Date.now());
  });

  it.each(["2026-03-01", "2026-03-01T09:00+01:00", "2026-03-01T09:00:00.5Z"])("takes %s", (now) => {
    expect(new TestJobs({ jobs: defineJobs({}), now }).now).toEqual(new Date(now));
  });

  it.each(["2026-03-01T09:00", "tomorrow", "2026-13-01"])("refuses %s", (now) => {
    expect(() => new TestJobs({ jobs: defineJobs({}), now })).toThrow(
      expect.objectContaining({ code: "FL_INVALID_INSTANT" }),
    );
  });
});
