import {
  BackgroundJob,
  BackgroundJobClient,
  currentJob,
  defineJobs,
  RecurringJob,
  RecurringJobManager,
} from "firelater";
import { MemoryStorage } from "firelater/memory";
import { TestJobs, type TestSettings } from "firelater/testing";
import { describe, expect, it } from "vitest";

function bench(options: TestSettings = {}) {
  const did: string[] = [];
  const work = {
    step: (name: string) => void did.push(name),
    async nested(name: string) {
      did.push(`${name} begins`);
      await app.client.enqueue((j) => j.work.step(`in ${name}`));
      did.push(`${name} ends`);
    },
    async circle() {
      await app.client.enqueue((j) => j.work.circle());
    },
    fails(name: string) {
      did.push(`${name} ${currentJob().attempt}`);
      throw new TypeError(name);
    },
    value: () => 42,
  };
  const jobs = defineJobs({ work }, { work: { circle: { retry: false } } });
  const app: TestJobs<typeof jobs> = new TestJobs({ jobs, inline: true, logger: false, ...options });
  return { app, did, jobs };
}

describe("inline mode", () => {
  it("runs a job inside the call that enqueues it", async () => {
    const { app, did } = bench();
    const id = await app.client.enqueue((j) => j.work.value());
    expect(await app.client.result(id)).toBe(42);
    await app.client.enqueue((j) => j.work.nested("a"));
    expect(did).toEqual(["a begins", "in a", "a ends"]);
    app.assertEnqueued((j) => j.work.step("in a"));
  });

  it("rejects the call with the very error, and keeps the job for its retry", async () => {
    const { app, did } = bench();
    await expect(app.client.enqueue((j) => j.work.fails("x"))).rejects.toThrow(new TypeError("x"));
    expect((await app.get(app.assertEnqueued((j) => j.work.fails).id))?.state).toBe("Scheduled");
    await app.advance("15s");
    expect(did).toEqual(["x 1", "x 2"]);
  });

  it("records failures instead where that is asked for", async () => {
    const { app, did } = bench({ failures: "record" });
    await app.client.enqueue((j) => j.work.fails("x"));
    expect(did).toEqual(["x 1"]);
  });

  it("runs what is delayed when its time comes", async () => {
    const { app, did } = bench();
    await app.client.delay((j) => j.work.step("later"), "1h");
    expect(did).toEqual([]);
    await app.advance("1h");
    expect(did).toEqual(["later"]);
  });

  it("runs continuations", async () => {
    const { app, did } = bench();
    const parent = await app.client.enqueue((j) => j.work.value());
    await app.client.continueWith(parent, (j) => j.work.step("after"));
    expect(did).toEqual(["after"]);
  });

  it("tells each of several calls what became of its own job", async () => {
    const { app, did } = bench();
    const calls = await Promise.allSettled([
      app.client.enqueue((j) => j.work.step("a")),
      app.client.enqueue((j) => j.work.fails("b"), { priority: 5 }),
      app.client.enqueue((j) => j.work.nested("c"), { priority: 9 }),
    ]);
    expect(calls.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(did.sort()).toEqual(["a", "b 1", "c begins", "c ends", "in c"]);
  });

  it("runs all jobs of a list before it tells that one has failed", async () => {
    const { app, did } = bench();
    const list = app.client.enqueueMany((j) => [j.work.fails("a"), j.work.step("b"), j.work.nested("c")]);
    await expect(list).rejects.toThrow(new TypeError("a"));
    expect(did).toEqual(["a 1", "b", "c begins", "in c", "c ends"]);
  });

  it("ends jobs that enqueue each other without end", async () => {
    const { app } = bench();
    await expect(app.client.enqueue((j) => j.work.circle())).rejects.toMatchObject({
      code: "FL_ENDLESS_JOBS",
    });
  });

  it("is not told twice of a job that was there before", async () => {
    const { app, did } = bench();
    const id = "01970000-0000-7000-8000-000000000000";
    for (let time = 0; time < 2; time++) await app.client.enqueue((j) => j.work.step("once"), { id });
    expect(did).toEqual(["once"]);
  });
});

describe("configure", () => {
  it("makes the static face and constructors without arguments use the jobs, until the end", async () => {
    const outer = bench({ inline: false });
    outer.app.configure();
    {
      await using inner = bench().app.configure();
      await BackgroundJob.enqueue((j) => Reflect.get(j, "work").step("static"));
      await new BackgroundJobClient<(typeof outer)["jobs"]>().enqueue((j) => j.work.step("made"));
      expect(inner.enqueued().map(({ name }) => name)).toEqual(["work.step", "work.step"]);
      expect((await inner.drain()).performed).toBe(0);
      await expect(
        new BackgroundJobClient<(typeof outer)["jobs"]>().enqueue((j) => j.work.fails("x")),
      ).rejects.toThrow(TypeError);
    }
    expect(await RecurringJob.list()).toEqual([]);
    await BackgroundJob.enqueue((j) => Reflect.get(j, "work").step("outer"));
    expect(outer.app.enqueued()).toHaveLength(1);
    await outer.app.close();
    await expect(async () => BackgroundJob.get("x")).rejects.toMatchObject({ code: "FL_NOT_CONFIGURED" });
  });
});

describe("replace", () => {
  it("makes clients and managers that are there already use the jobs, until the end", async () => {
    await using storage = new MemoryStorage();
    const { app, did, jobs } = bench();
    const client = new BackgroundJobClient({ storage, jobs });
    const recurring = new RecurringJobManager({ storage, jobs });
    app.replace(client).replace(recurring);
    await client.enqueue((j) => j.work.step("a"));
    await recurring.addOrUpdate("x", (j) => j.work.step("x"), "* * * * *");
    expect(did).toEqual(["a"]);
    expect(await app.recurring.list()).toHaveLength(1);
    await app.close();
    await client.enqueue((j) => j.work.step("b"));
    expect(await recurring.list()).toEqual([]);
    expect({ did, counts: await storage.counts() }).toMatchObject({ did: ["a"], counts: { Enqueued: 1 } });
  });
});

describe("a replaced client", () => {
  it("tells its listeners of the calls that are made on it", async () => {
    await using storage = new MemoryStorage();
    const { app, jobs } = bench();
    await using client = new BackgroundJobClient({ storage, jobs });
    app.replace(client);
    const told: string[] = [];
    client.on("enqueued", ({ name }) => told.push(name));
    await client.enqueue((j) => j.work.step("a"));
    expect(told).toEqual(["work.step"]);
    await app.close();
  });
});

describe("reset", () => {
  it("leaves nothing of a test to the next", async () => {
    const { app, did } = bench({ inline: false, now: "2026-03-01T09:00:00Z" });
    const parent = await app.client.enqueue((j) => j.work.fails("a"));
    await app.client.continueWith(parent, (j) => j.work.step("b"));
    await app.client.continueWith(parent, (j) => j.work.step("c"), { on: "ended" });
    await app.client.delay((j) => j.work.step("d"), "1h");
    await app.client.enqueue((j) => j.work.value());
    await app.recurring.addOrUpdate("x", (j) => j.work.value(), "* * * * *");
    await app.drain();
    await app.advance("30s");
    did.length = 0;
    await app.reset();
    app.assertNothingEnqueued();
    expect(app.now).toEqual(new Date("2026-03-01T09:00:00Z"));
    expect((await app.advance("1d")).performed).toBe(0);
    expect(await app.storage.counts()).toEqual({
      Enqueued: 0,
      Scheduled: 0,
      Awaiting: 0,
      Processing: 0,
      Succeeded: 0,
      Failed: 0,
      Deleted: 0,
    });
    await app.client.enqueue((j) => j.work.step("again"));
    await app.drain();
    expect(did).toEqual(["again"]);
  });
});
