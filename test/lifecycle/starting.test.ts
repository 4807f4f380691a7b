import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineJobs, type JobSet } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import { expect, test } from "vitest";
import { JobServer } from "../../src/server/server.ts";
import type { ServerParts } from "../../src/server/server-options.ts";
import { FAST, SOON, Workbench } from "./workbench.ts";

const jobs = defineJobs({ tick: async () => {} });

class NeedsArguments {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  async run(): Promise<void> {}
}

test("started resolves with the server once it is at work", async () => {
  await using bench = Workbench.inMemory();
  const server = bench.make(jobs);
  expect(await server.started).toBe(server);
  expect(await bench.storage.servers()).toMatchObject([{ name: "default", queues: ["default"], live: true }]);
});

test("a storage that cannot be opened rejects started and stopped with its coded error, and is logged", async () => {
  const folder = await mkdtemp(join(tmpdir(), "firelater-"));
  await writeFile(join(folder, "file"), "");
  await using bench = Workbench.inMemory();
  const storage = new SqliteStorage(join(folder, "file", "jobs.db"));
  const server = bench.make(jobs, { storage });
  const failed = expect.objectContaining({ code: "FL_STORAGE_FAILED" });
  await expect(server.started).rejects.toEqual(failed);
  await expect(server.stopped).rejects.toEqual(failed);
  await server.stop();
  expect(bench.logger.texts("error", "could not start")).toHaveLength(1);
  await rm(folder, { recursive: true });
});

test("a class whose constructor takes arguments rejects started when there is no activate", async () => {
  await using bench = Workbench.inMemory();
  const server = bench.make(defineJobs({ NeedsArguments }));
  await expect(server.started).rejects.toMatchObject({ code: "FL_ACTIVATE_NEEDED" });
});

test("a server that is stopped while its storage does not open waits no longer than it may, and never begins", async () => {
  await using bench = Workbench.inMemory();
  const opened = Promise.withResolvers<void>();
  const storage = new Proxy(bench.broken.storage, {
    get: (target, key) => (key === "ready" ? opened.promise : Reflect.get(target, key)),
  });
  const server = bench.make(jobs, { storage });
  await server.stop({ timeout: "50ms" });
  await server.stopped;
  expect(bench.logger.texts("warn", "is stopped while it starts")).toHaveLength(1);
  opened.resolve();
  await server.started;
  expect(await bench.storage.servers()).toEqual([]);
  expect(bench.broken.calls.get("announce")).toBeUndefined();
  expect(bench.logger.texts("info", "is at work")).toEqual([]);
});

test("a server that is stopped while it is announced takes its lease back, and fetches nothing", async () => {
  await using bench = Workbench.inMemory();
  const announce = bench.broken.hold("announce");
  const server = bench.make(jobs);
  await expect.poll(() => bench.broken.calls.get("announce"), SOON).toBe(1);
  await server.stop({ timeout: "50ms" });
  announce();
  await server.started;
  expect(await bench.storage.servers()).toEqual([]);
  expect(bench.broken.calls.get("retire")).toBe(1);
  expect(bench.broken.calls.get("claim")).toBeUndefined();
});

test("a server that takes over while the storage does not answer can be stopped, and then does not begin", async () => {
  await using bench = Workbench.inMemory();
  const first = await bench.serve(jobs);
  const second = await bench.serve(jobs);
  const announce = bench.broken.hold("announce");
  await first.stop();
  await expect.poll(() => bench.broken.calls.get("announce"), SOON).toBe(2);
  await second.stop({ timeout: "50ms" });
  announce();
  await expect.poll(() => bench.storage.servers(), SOON).toEqual([]);
  expect(bench.logger.texts("info", "takes over")).toHaveLength(1);
});

test("a server that nobody asks makes no unhandled rejection", async () => {
  await using bench = Workbench.inMemory();
  const unhandled: unknown[] = [];
  const listener = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", listener);
  bench.make(defineJobs({ NeedsArguments }));
  bench.broken.fail("announce");
  bench.make(jobs);
  await expect.poll(() => bench.logger.texts("error", "could not start").length).toBe(2);
  for (let n = 0; n < 5; n++) await new Promise(setImmediate);
  process.off("unhandledRejection", listener);
  expect(unhandled).toEqual([]);
});

test("a server that could not start is not in the way of the next one of its name", async () => {
  await using bench = Workbench.inMemory();
  bench.broken.fail("announce");
  await expect(bench.make(jobs).started).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
  const client = bench.client(jobs);
  await bench.serve(jobs);
  await client.result(await client.enqueue((j) => j.tick()), { timeout: "10s" });
  expect(bench.logger.texts("warn", "second server")).toEqual([]);
});

test.each<[string, Partial<ServerParts>, string]>([
  ["no queue", { queues: [] }, "FL_INVALID_OPTIONS"],
  ["a queue twice", { queues: ["a", "a"] }, "FL_INVALID_OPTIONS"],
  ["a malformed queue", { queues: ["Critical!"] }, "FL_INVALID_QUEUE"],
  ["no workers", { workerCount: 0 }, "FL_INVALID_OPTIONS"],
  ["half a worker", { workerCount: 1.5 }, "FL_INVALID_OPTIONS"],
  ["a heartbeat that is too slow", { heartbeatInterval: "1s", serverTimeout: "2s" }, "FL_INVALID_OPTIONS"],
  ["a poll of nothing", { pollingInterval: "0s" }, "FL_INVALID_OPTIONS"],
  ["a bare number", { serverTimeout: 5 as unknown as "5s" }, "FL_INVALID_DURATION"],
  ["a negative count", { retention: { succeeded: { count: -1 } } }, "FL_INVALID_OPTIONS"],
])("%s is refused where the server is made", async (_, options, code) => {
  await using bench = Workbench.inMemory();
  const make = () => new JobServer({ storage: bench.storage, jobs, ...FAST, ...options });
  expect(make).toThrow(expect.objectContaining({ code }));
});

/** What the compiler refuses, and JavaScript gives all the same. */
test.each<[object, string]>([
  [{ workercount: 5 }, 'Did you mean "workerCount"?'],
  [{ retention: { Succeeded: "1h" } }, 'Did you mean "succeeded"?'],
  [{ retention: { succeeded: { age: "1h", cuont: 5 } } }, 'Did you mean "count"?'],
  [{ retention: { succeeded: { count: "5" } } }, '"5" as count of succeeded of retention'],
  [{ retention: "1h" }, '"1h" as retention'],
  [{ name: 5 }, "5 as name"],
  [{ name: " " }, '" " as name'],
  [{ maxResultBytes: Number.NaN }, "NaN as maxResultBytes"],
  [{ signals: "no" }, '"no" as signals'],
  [{ activate: {} }, "an object as activate"],
  [{ logger: {} }, "an object as logger"],
  [{ storage: {} }, "an object as storage"],
  [{ queues: "default" }, '"default" as queues'],
])("%o is refused with a message that names the option", async (options, part) => {
  await using bench = Workbench.inMemory();
  const make = () => new JobServer({ storage: bench.storage, jobs, ...FAST, ...options });
  expect(make).toThrow(
    expect.objectContaining({ code: "FL_INVALID_OPTIONS", message: expect.stringContaining(part) }),
  );
});

test("a retention that is a bare number is refused like every other one", async () => {
  await using bench = Workbench.inMemory();
  const retention: object = { succeeded: 5 };
  const make = () => new JobServer({ storage: bench.storage, jobs, ...FAST, retention });
  expect(make).toThrow(
    expect.objectContaining({
      code: "FL_INVALID_DURATION",
      message: expect.stringContaining("5 as succeeded of retention"),
    }),
  );
});

test("jobs that defineJobs did not make are refused", async () => {
  await using bench = Workbench.inMemory();
  expect(() => bench.make({} as JobSet)).toThrow(expect.objectContaining({ code: "FL_INVALID_JOBS" }));
});

test("a weak durability is warned of at start, a strong one is not", async () => {
  await using bench = await Workbench.onSqlite();
  await bench.serve(jobs, { name: "normal" });
  expect(bench.logger.texts("warn", "synchronous=NORMAL")).toHaveLength(1);
  const full = new SqliteStorage(bench.file);
  const server = await bench.serve(jobs, { name: "full", storage: full });
  expect(bench.logger.texts("warn", "synchronous=FULL")).toEqual([]);
  await server.stop();
  await full.close();
});

test("SIGTERM handlers come with the server and go with it", async () => {
  await using bench = Workbench.inMemory();
  const count = () => process.listenerCount("SIGTERM") + process.listenerCount("SIGINT");
  const before = count();
  const server = bench.make(jobs, { signals: true });
  expect(count()).toBe(before + 2);
  await server.stop();
  expect(count()).toBe(before);
  bench.broken.fail("announce");
  await expect(bench.make(jobs, { signals: true }).started).rejects.toThrow();
  expect(count()).toBe(before);
});
