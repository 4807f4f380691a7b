import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { currentJob, defineJobs, type JobFilter } from "firelater";
import { TestJobs } from "firelater/testing";
import { describe, expect, it, vi } from "vitest";

const NOON = "2026-03-01T12:00:00Z";

/** Jobs that write down what they do, and what they are to do wrong. */
function bench(options: { filters?: JobFilter[]; queues?: string[] } = {}) {
  const did: string[] = [];
  const work = {
    step: (name: string) => void did.push(name),
    double: (value: number) => value * 2,
    flaky(times: number) {
      did.push(`attempt ${currentJob().attempt}`);
      if (currentJob().attempt <= times) throw new TypeError(`not yet ${currentJob().attempt}`);
      return "at last";
    },
    async twice(name: string) {
      await app.client.enqueue((j) => j.work.step(`${name} 1`));
      await app.client.enqueue((j) => j.work.step(`${name} 2`), { priority: 1 });
    },
    forgets(times: number) {
      did.push(`forgets ${times}`);
      if (times > 0) void app.client.enqueue((j) => j.work.forgets(times - 1));
    },
    async waits(): Promise<number> {
      const children = await app.client.enqueueMany((j) => [j.work.step("other"), j.work.double(4)]);
      return 1 + Number(await app.client.result(children[1] ?? ""));
    },
    async waitsTwice(): Promise<number> {
      return 1 + (await app.client.result(await app.client.enqueue((j) => j.work.waits())));
    },
    async forever() {
      await app.client.enqueue((j) => j.work.forever());
    },
    slow: () => new Promise<void>(() => {}),
    async deletesItself() {
      await app.client.delete(currentJob().id);
      const { signal } = currentJob();
      await vi.waitFor(() => expect(signal.aborted).toBe(true));
      did.push(String(signal.reason.code));
    },
    atOnce() {
      did.push(`attempt ${currentJob().attempt}`);
      throw new Error("no");
    },
  };
  const jobs = defineJobs(
    { work },
    {
      work: {
        atOnce: { retry: { retries: 2, delays: ["0s"] } },
        slow: { timeout: "20ms", retry: false },
      },
    },
  );
  const app = new TestJobs({ jobs, now: NOON, logger: false, ...options });
  return { app, did };
}

describe("drain", () => {
  it("runs what is ready, in the order of a server, and whatever that makes ready", async () => {
    const { app, did } = bench();
    await app.client.enqueue((j) => j.work.twice("a"));
    await app.client.enqueue((j) => j.work.step("b"));
    const parent = await app.client.enqueue((j) => j.work.double(21), { priority: -1 });
    await app.client.continueWith(parent, (j, { result }) => j.work.double(result));
    await app.client.delay((j) => j.work.step("later"), "1ms");
    expect(await app.drain()).toMatchObject({ performed: 6, succeeded: 6, failed: 0, errors: [] });
    expect(did).toEqual(["a 2", "b", "a 1"]);
    expect(await app.result(parent)).toBe(42);
    expect((await app.drain()).performed).toBe(0);
  });

  it("runs what a job has enqueued without awaiting it", async () => {
    const { app, did } = bench();
    await app.client.enqueue((j) => j.work.forgets(3));
    expect((await app.drain()).performed).toBe(4);
    expect(did).toEqual(["forgets 3", "forgets 2", "forgets 1", "forgets 0"]);
  });

  it("runs a job for whose result another one waits, as a second worker would", async () => {
    const { app, did } = bench();
    const id = await app.client.enqueue((j) => j.work.waitsTwice());
    const { performed, runs } = await app.drain();
    expect({ performed, did }).toEqual({ performed: 4, did: ["other"] });
    expect(runs.map(({ name }) => name)).toEqual([
      "work.double",
      "work.waits",
      "work.waitsTwice",
      "work.step",
    ]);
    expect(await app.result(id)).toBe(10);
  });

  it("takes several queues by priority and arrival, or in the order that it is given", async () => {
    const enqueueAll = async ({ app }: ReturnType<typeof bench>) => {
      await app.client.enqueue((j) => j.work.step("b"), { queue: "b" });
      await app.client.enqueue((j) => j.work.step("a"), { queue: "a" });
      await app.client.enqueue((j) => j.work.step("b first"), { queue: "b", priority: 1 });
      await app.drain();
    };
    const free = bench();
    await enqueueAll(free);
    expect(free.did).toEqual(["b first", "b", "a"]);

    const ordered = bench({ queues: ["a", "b"] });
    await enqueueAll(ordered);
    expect(ordered.did).toEqual(["a", "b first", "b"]);

    const one = bench({ queues: ["a"] });
    await enqueueAll(one);
    expect(one.did).toEqual(["a"]);
  });

  it("tells of failures with the very errors, and leaves the retry scheduled", async () => {
    const { app } = bench();
    const id = await app.client.enqueue((j) => j.work.flaky(1));
    const { retried, errors, runs } = await app.drain();
    expect({ retried, errors }).toEqual({ retried: 1, errors: [new TypeError("not yet 1")] });
    expect(runs).toEqual([{ id, name: "work.flaky", attempt: 1, end: "retried", error: errors[0] }]);
    expect(errors[0]).toBeInstanceOf(TypeError);
    const job = await app.get(id);
    expect(job?.state).toBe("Scheduled");
    expect(job?.history.map(({ state }) => state)).toEqual(["Enqueued", "Processing", "Failed", "Scheduled"]);
  });

  it("runs retries without a delay, up to the last", async () => {
    const { app, did } = bench();
    const id = await app.client.enqueue((j) => j.work.atOnce());
    expect(await app.drain()).toMatchObject({ performed: 3, retried: 2, failed: 1 });
    expect(did).toEqual(["attempt 1", "attempt 2", "attempt 3"]);
    await expect(app.result(id)).rejects.toMatchObject({ code: "FL_JOB_FAILED" });
  });

  it("throws what a run throws where failures are to be thrown, once it is stored", async () => {
    const { app } = bench();
    const id = await app.client.enqueue((j) => j.work.flaky(1));
    await app.client.enqueue((j) => j.work.double(1));
    await expect(app.drain({ failures: "throw" })).rejects.toThrow(new TypeError("not yet 1"));
    expect((await app.get(id))?.state).toBe("Scheduled");
    expect((await app.drain()).succeeded).toBe(1);
  });

  it("with scheduled ones moves the clock to each due time, until there is none", async () => {
    const { app, did } = bench();
    const id = await app.client.enqueue((j) => j.work.flaky(2));
    await app.client.delay((j) => j.work.step("tomorrow"), "1d");
    expect(await app.drain({ scheduled: true })).toMatchObject({ retried: 2, succeeded: 2 });
    expect(did).toEqual(["attempt 1", "attempt 2", "attempt 3", "tomorrow"]);
    expect(app.now).toEqual(new Date("2026-03-02T12:00:00Z"));
    expect(await app.result(id)).toBe("at last");
  });

  it("gives up where there is always another job, and names it", async () => {
    const { app } = bench();
    await app.client.enqueue((j) => j.work.forever());
    await expect(app.drain({ maxRuns: 50 })).rejects.toMatchObject({
      code: "FL_ENDLESS_JOBS",
      message: expect.stringContaining("50 × work.forever"),
    });
  });

  it("ends at exactly as many runs as are allowed", async () => {
    const { app } = bench();
    await app.client.enqueueMany((j) => [1, 2, 3].map((value) => j.work.double(value)));
    expect((await app.drain({ maxRuns: 3 })).performed).toBe(3);
  });

  it("asks filters on both sides, and a run that one has cancelled is no error", async () => {
    const seen: string[] = [];
    const filter: JobFilter = {
      onCreating: ({ addTag }) => addTag("tested"),
      onPerforming: ({ job, cancel }) => {
        seen.push(job.name);
        if (job.arguments[0] === "stop") cancel("because");
      },
    };
    const { app, did } = bench({ filters: [filter] });
    await app.client.enqueue((j) => j.work.step("go"));
    const stopped = await app.client.enqueue((j) => j.work.step("stop"));
    expect(await app.drain()).toMatchObject({ succeeded: 1, deleted: 1, errors: [] });
    expect({ seen, did }).toEqual({ seen: ["work.step", "work.step"], did: ["go"] });
    expect(app.enqueued().map(({ tags }) => tags)).toEqual([["tested"], ["tested"]]);
    await expect(app.result(stopped)).rejects.toMatchObject({ code: "FL_JOB_DELETED" });
  });

  it("holds runs to their timeout, in real time", async () => {
    const { app } = bench();
    await app.client.enqueue((j) => j.work.slow());
    expect((await app.drain()).errors).toMatchObject([{ code: "FL_JOB_TIMEOUT" }]);
  });

  it("tells a running job that it was deleted, and does not accept its end", async () => {
    const { app, did } = bench();
    const id = await app.client.enqueue((j) => j.work.deletesItself());
    expect(await app.drain()).toMatchObject({ lost: 1, succeeded: 0 });
    expect(did).toEqual(["FL_JOB_CANCELLED"]);
    expect((await app.get(id))?.state).toBe("Deleted");
  });

  it("puts jobs aside whose name is not in the set", async () => {
    const { app } = bench();
    const others = new TestJobs({ jobs: defineJobs({ other: () => {} }) });
    await others.client.enqueue((j) => j.other());
    const [job] = (await others.storage.list({ state: "Enqueued", limit: 1 })).rows;
    await app.storage.insert([
      {
        id: job?.id ?? "",
        queue: "default",
        rank: 0,
        name: "other",
        args: "[]",
        displayName: null,
        entry: '"state":"Enqueued"',
      },
    ]);
    expect(await app.drain()).toMatchObject({ parked: 1, performed: 1 });
  });

  it("leaves nothing behind that keeps a process alive, closed or not", async () => {
    const program = `
      import { currentJob, defineJobs } from "firelater";
      import { TestJobs } from "firelater/testing";
      const jobs = defineJobs({ work: () => currentJob().log("working") }, { work: { timeout: "1h" } });
      const app = new TestJobs({ jobs });
      await app.recurring.addOrUpdate("daily", (j) => j.work(), "0 0 * * *");
      await app.client.enqueue((j) => j.work());
      await app.advance("1d");
      await new TestJobs({ jobs, inline: true }).client.enqueue((j) => j.work());
      console.log("done");`;
    const args = ["-C", "firelater-source", "--input-type=module", "-e", program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
    expect(stdout).toBe("done\n");
  });

  it("logs what fails, unless nobody is to hear", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const jobs = defineJobs({
      fails() {
        throw new Error("no");
      },
    });
    for (const logger of [undefined, false] as const) {
      const app = new TestJobs({ jobs, logger });
      await app.client.enqueue((j) => j.fails());
      await app.drain();
    }
    expect(warn.mock.calls).toMatchObject([
      [expect.stringMatching(/\(fails\) failed in attempt 1/), new Error("no")],
    ]);
    warn.mockRestore();
  });
});

describe("perform", () => {
  it("runs one job, whatever else is ready, and gives its result as it is stored", async () => {
    const { app, did } = bench();
    await app.client.enqueue((j) => j.work.step("other"), { priority: 9 });
    const result: number = await app.perform((j) => j.work.double(21));
    expect({ result, did }).toEqual({ result: 42, did: [] });
    await app.perform((j) => j.work.twice("x"));
    app.assertEnqueued((j) => j.work.step("x 1"));
    await app.drain();
    expect(did).toEqual(["other", "x 2", "x 1"]);
  });

  it("runs an enqueued job by its id, out of its turn", async () => {
    const { app, did } = bench();
    await app.client.enqueueMany((j) => ["a", "b", "c"].map((name) => j.work.step(name)));
    await app.perform(app.assertEnqueued((j) => j.work.step("b")).id);
    await app.drain();
    expect(did).toEqual(["b", "a", "c"]);
  });

  it("throws what the job throws", async () => {
    const { app } = bench();
    await expect(app.perform((j) => j.work.flaky(1))).rejects.toThrow(new TypeError("not yet 1"));
  });

  it("says why a job cannot run now", async () => {
    const { app } = bench();
    const id = await app.client.delay((j) => j.work.double(1), "90m");
    await expect(app.perform(id)).rejects.toMatchObject({
      code: "FL_JOB_NOT_READY",
      message: expect.stringContaining("it is Scheduled, due in 1h 30m"),
    });
    await expect(app.perform("00000000-0000-7000-8000-000000000000")).rejects.toMatchObject({
      code: "FL_JOB_NOT_FOUND",
    });
    await expect(app.result(id)).rejects.toMatchObject({ code: "FL_JOB_NOT_DONE" });
  });
});
