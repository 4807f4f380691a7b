import { Cron, configure, defineJobs, RecurringJob, RecurringJobManager } from "firelater";
import { describe, expect, test } from "vitest";
import { slotsOf } from "./firings.ts";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

const jobs = defineJobs(
  { mail: { digest: async (_: Date | string, __ = "") => {} } },
  { mail: { digest: { queue: "mail", priority: 3, displayName: "Digest {1}" } } },
);

describe.each(STORAGES)("the manager, on %s", (_, open) => {
  test("adds, changes, and writes nothing when it is so already", async () => {
    await using bench = await open();
    const recurring = bench.recurring(jobs);
    const add = (text: string, cron = Cron.hourly()) =>
      recurring.addOrUpdate("digest", (j, job) => j.mail.digest(job.dueAt, text), cron);
    const version = async () => (await bench.storage.getRecurring(["digest"]))[0]?.version;
    expect(await add("a")).toBe("added");
    const first = await version();
    expect(await add("a")).toBe("unchanged");
    expect(await version()).toBe(first);
    expect(await add("b")).toBe("updated");
    expect(await version()).toBeGreaterThan(Number(first));
    expect(await add("b", "0 */1 * * *")).toBe("updated");
  });

  test("gives its jobs the tags and the limit of their options: one run at a time, the others are skipped", async () => {
    await using bench = await open();
    const once = defineJobs(
      { report: async (_: string) => {} },
      { report: { tags: ["report {0}"], concurrency: { key: "report {0}", whenFull: "skip" } } },
    );
    const recurring = bench.recurring(once);
    const client = bench.client(once);
    const add = () => recurring.addOrUpdate("report", (j) => j.report("daily"), Cron.yearly());
    expect(await add()).toBe("added");
    expect(await add()).toBe("unchanged");
    const [first, second] = [await recurring.trigger("report"), await recurring.trigger("report")];
    expect(await client.get(first ?? "")).toMatchObject({
      state: "Enqueued",
      tags: ["report daily"],
      limit: { key: "report daily", max: 1, whenFull: "skip" },
    });
    expect((await client.get(second ?? ""))?.history.at(-1)).toMatchObject({
      state: "Deleted",
      reason: "Skipped: no permit of its key was free",
    });
  });

  test("shows what is stored", async () => {
    await using bench = await open();
    const recurring = bench.recurring(jobs);
    const before = await bench.storage.now();
    await recurring.addOrUpdate("a", (j, job) => j.mail.digest(job.dueAt, "x"), "0 9 * * MON-FRI", {
      timeZone: "Europe/Paris",
      misfire: "strict",
    });
    await recurring.addOrUpdate("b", (j) => j.mail.digest("y"), "@daily", { queue: "slow", priority: -1 });
    const found = await recurring.get("a");
    expect(found).toEqual({
      id: "a",
      name: "mail.digest",
      displayName: "Digest x",
      queue: "mail",
      priority: 3,
      arguments: ["{job.dueAt}", "x"],
      cron: "0 9 * * MON-FRI",
      timeZone: "Europe/Paris",
      misfire: "strict",
      state: "active",
      nextRun: expect.any(Date),
      lastRun: null,
      lastJobId: null,
      error: null,
      createdAt: expect.any(Date),
      set: null,
    });
    expect(Number(found?.createdAt)).toBeGreaterThanOrEqual(before);
    expect(Number(found?.nextRun)).toBeGreaterThan(before);
    expect(await recurring.get("b")).toMatchObject({ queue: "slow", priority: -1, timeZone: "UTC" });
    expect(await recurring.list()).toMatchObject([{ id: "a" }, { id: "b" }]);
    expect(await recurring.get("none")).toBeNull();
  });

  test("pauses, resumes, triggers and removes, and says when there is nothing to", async () => {
    await using bench = await open();
    const recurring = bench.recurring(jobs);
    await recurring.addOrUpdate("digest", (j, job) => j.mail.digest(job.dueAt), Cron.hourly());
    const nextRun = (await recurring.get("digest"))?.nextRun;
    expect(await recurring.pause("digest")).toBe(true);
    expect(await recurring.pause("digest")).toBe(true);
    expect(await recurring.get("digest")).toMatchObject({ state: "paused", nextRun: null });
    const byHand = await recurring.trigger("digest");
    expect(await recurring.get("digest")).toMatchObject({
      state: "paused",
      nextRun: null,
      lastJobId: byHand,
    });
    expect(await recurring.resume("digest")).toBe(true);
    expect(await recurring.get("digest")).toMatchObject({ state: "active", nextRun });
    expect(await recurring.removeIfExists("digest")).toBe(true);
    expect(await recurring.removeIfExists("digest")).toBe(false);
    expect(await recurring.trigger("digest")).toBeNull();
    expect([await recurring.pause("digest"), await recurring.resume("digest")]).toEqual([false, false]);
    // What it began stays, and says who began it and that it was for no slot.
    const [job] = await bench.storage.get([String(byHand)]);
    expect(job).toMatchObject({ name: "mail.digest", queue: "mail", rank: -3, plannedAt: null });
    expect(job?.history).toContain('"recurring":"digest"');
  });

  test("lists in parts", async () => {
    await using bench = await open();
    const recurring = bench.recurring(jobs);
    const call = recurring.sync.bind(recurring);
    const ids = Array.from({ length: 230 }, (_, n) => `job-${String(n).padStart(3, "0")}`);
    const one = { call: (j: Parameters<Call>[0]) => j.mail.digest("x"), cron: Cron.never() };
    await call(Object.fromEntries(ids.map((id) => [id, one])));
    const idsOf = async (...args: Parameters<typeof recurring.list>) =>
      (await recurring.list(...args)).map(({ id }) => id);
    expect(await idsOf()).toEqual(ids);
    expect(await idsOf({ limit: 0 })).toEqual([]);
    expect(await idsOf({ limit: 101 })).toEqual(ids.slice(0, 101));
    expect(await idsOf({ limit: 3, after: "job-226" })).toEqual(ids.slice(227));
    expect(await idsOf({ after: "job-229" })).toEqual([]);
  });

  test("a hundred callers that change the same one all come through", async () => {
    await using bench = await open();
    const managers = [1, 2, 3].map(() => bench.recurring(jobs));
    await managers[0]?.addOrUpdate("digest", (j) => j.mail.digest("x"), Cron.never());
    const begun = await Promise.all(
      Array.from({ length: 100 }, (_, n) => managers[n % 3]?.trigger("digest")),
    );
    expect(new Set(begun).size).toBe(100);
    expect((await bench.storage.counts()).Enqueued).toBe(100);
  });

  test("twenty that add the same one at once add it once", async () => {
    await using bench = await open();
    const add = () => bench.recurring(jobs).addOrUpdate("digest", (j) => j.mail.digest("x"), Cron.hourly());
    const additions = await Promise.all(Array.from({ length: 20 }, add));
    expect(additions.toSorted()).toEqual(["added", ...Array.from({ length: 19 }, () => "unchanged")]);
  });
});

type Call = Parameters<RecurringJobManager<typeof jobs>["addOrUpdate"]>[1];

test("a job of a slot has the queue, priority and display name of when it was added", async () => {
  let now = Date.parse("2026-05-04T12:30:00Z");
  await using bench = Workbench.inMemory(() => now);
  await bench.recurring(jobs).addOrUpdate("digest", (j, job) => j.mail.digest(job.dueAt, "x"), Cron.hourly());
  await bench.serve(defineJobs({}), { serverTimeout: "1d", heartbeatInterval: "1s", queues: ["other"] });
  now = Date.parse("2026-05-04T13:00:00Z");
  await expect.poll(() => slotsOf(bench.storage, "digest"), SOON).toEqual([now]);
  const id = (await bench.recurring(jobs).get("digest"))?.lastJobId;
  const [job] = await bench.storage.get([String(id)]);
  expect(job).toMatchObject({ queue: "mail", rank: -3, displayName: "Digest x", state: "Enqueued" });
});

test("another call keeps the time, also of a slot that is overdue", async () => {
  let now = Date.parse("2026-05-04T12:30:00Z");
  await using bench = Workbench.inMemory(() => now);
  const recurring = bench.recurring(jobs);
  await recurring.addOrUpdate("digest", (j) => j.mail.digest("old"), Cron.hourly());
  now = Date.parse("2026-05-04T13:00:20Z");
  await recurring.addOrUpdate("digest", (j) => j.mail.digest("new"), Cron.hourly());
  expect((await recurring.get("digest"))?.nextRun).toEqual(new Date("2026-05-04T13:00:00Z"));
});

test("a manager that knows only the types stores what it is told", async () => {
  await using bench = Workbench.inMemory();
  const recurring = new RecurringJobManager<typeof jobs>({
    storage: bench.storage,
    options: { mail: { digest: { queue: "far" } } },
  });
  await recurring.addOrUpdate("digest", (j, job) => j.mail.digest(job.dueAt), Cron.daily(9));
  expect(await recurring.get("digest")).toMatchObject({ name: "mail.digest", queue: "far" });
});

test("the static face does the same with what was configured", async () => {
  await using bench = Workbench.inMemory();
  configure({ storage: bench.storage, jobs });
  const untyped: RecurringJobManager<typeof jobs> = new RecurringJobManager<typeof jobs>();
  await untyped.addOrUpdate("digest", (j) => j.mail.digest("x"), Cron.hourly());
  expect(await RecurringJob.list()).toMatchObject([{ id: "digest" }]);
  expect(await RecurringJob.pause("digest")).toBe(true);
  expect(await RecurringJob.get("digest")).toMatchObject({ state: "paused" });
  expect(await RecurringJob.resume("digest")).toBe(true);
  expect(await RecurringJob.trigger("digest")).toEqual(expect.any(String));
  expect(await RecurringJob.sync({}, { set: "none" })).toMatchObject({ removed: [] });
  expect(await RecurringJob.removeIfExists("digest")).toBe(true);
  await using another = Workbench.inMemory();
  configure({ storage: another.storage, jobs });
  expect(await RecurringJob.list()).toEqual([]);
});
