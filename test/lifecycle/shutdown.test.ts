import { currentJob, defineJobs, ServerStoppingError } from "firelater";
import { describe, expect, test } from "vitest";
import { crashTwice } from "./crashes.ts";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

describe.each(STORAGES)("stopping a server, on %s", (_, open) => {
  test("lets a job that ends in time end, and its end counts", async () => {
    await using bench = await open();
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const work = () => {
      begun.resolve();
      return gate.promise.then(() => "done");
    };
    const jobs = defineJobs({ work });
    const client = bench.client(jobs);
    const server = await bench.serve(jobs);
    const id = await client.enqueue((j) => j.work());
    // What a claim has taken stands in the storage before its answer is here.
    await begun.promise;
    const stopping = server.stop();
    gate.resolve();
    await stopping;
    expect(await client.result(id)).toBe("done");
    expect(await bench.storage.servers()).toEqual([]);
  });

  test("tells a long job through its signal, and gives it back with no attempt spent", async () => {
    await using bench = await open();
    const begun = Promise.withResolvers<void>();
    let reason: unknown;
    const jobs = defineJobs({
      work: () =>
        new Promise<string>((resolve, reject) => {
          begun.resolve();
          const { signal, attempt } = currentJob();
          if (reason !== undefined) return resolve(`attempt ${attempt}`);
          signal.addEventListener("abort", () => {
            reason = signal.reason;
            reject(signal.reason);
          });
        }),
    });
    const client = bench.client(jobs);
    const server = await bench.serve(jobs);
    const told: string[] = [];
    server.on("interrupted", ({ name }) => told.push(name));
    const id = await client.enqueue((j) => j.work());
    await begun.promise;
    const [{ seq } = { seq: -1 }] = await bench.storage.get([id]);
    await server.stop();
    expect(reason).toBeInstanceOf(ServerStoppingError);
    expect(told).toEqual(["work"]);
    expect(await bench.storage.get([id])).toMatchObject([
      { state: "Enqueued", failures: 0, crashes: 0, seq },
    ]);

    await bench.serve(jobs, { name: "next" });
    expect(await client.result(id, { timeout: "10s" })).toBe("attempt 1");
    const history = (await client.get(id))?.history ?? [];
    expect(history.map(({ state }) => state)).toEqual([
      "Enqueued",
      "Processing",
      "Enqueued",
      "Processing",
      "Succeeded",
    ]);
    expect(history[2]).toMatchObject({ interrupted: true, reason: expect.stringContaining("default") });
  });

  test("takes a job that ignores its signal away after the timeout; its late end is not accepted", async () => {
    await using bench = await open();
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const deaf = () => {
      begun.resolve();
      return gate.promise.then(() => "late");
    };
    const jobs = defineJobs({ deaf });
    const client = bench.client(jobs);
    const server = await bench.serve(jobs);
    const id = await client.enqueue((j) => j.deaf());
    await begun.promise;
    await server.stop({ timeout: "50ms" });
    expect(await bench.state(id)).toBe("Enqueued");
    const before = await bench.storage.get([id]);
    gate.resolve();
    await new Promise(setImmediate);
    expect(await bench.storage.get([id])).toEqual(before);
  });

  test("gives back what was fetched and not started, as if it had never been touched", async () => {
    await using bench = await open();
    let started = 0;
    const hold = () => {
      started++;
      return new Promise<void>(() => {});
    };
    const jobs = defineJobs({ hold });
    const client = bench.client(jobs);
    const ids = await client.enqueueMany((j) => Array.from({ length: 50 }, () => j.hold()));
    const server = await bench.serve(jobs, { workerCount: 2 });
    await expect.poll(() => started, SOON).toBe(2);
    await server.stop({ timeout: "0s" });
    expect(await bench.storage.counts()).toMatchObject({ Enqueued: 50, Processing: 0 });
    const rows = await bench.storage.get(ids);
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map(({ seq }) => seq).toSorted((a, b) => a - b));
    expect(rows.filter(({ history }) => history.includes("Processing"))).toHaveLength(2);
  });
});

test("a shutdownTimeout longer than a timer can count gives nothing back early", async () => {
  await using bench = Workbench.inMemory();
  const asked = Promise.withResolvers<void>();
  const jobs = defineJobs({
    async deaf() {
      currentJob().signal.addEventListener("abort", () => asked.resolve());
      await asked.promise;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return "ended by itself";
    },
  });
  const client = bench.client(jobs);
  const server = await bench.serve(jobs, { shutdownTimeout: "30d" });
  const id = await client.enqueue((j) => j.deaf());
  await bench.reaches(id, "Processing");
  await server.stop();
  expect(await client.result(id, { timeout: "5s" })).toBe("ended by itself");
});

test("stop is harmless twice, before the start has ended, and as a disposal", async () => {
  await using bench = Workbench.inMemory();
  const jobs = defineJobs({ tick: async () => {} });
  const early = bench.make(jobs, { name: "early" });
  await Promise.all([early.stop(), early.stop()]);
  await early.stopped;
  {
    await using server = await bench.serve(jobs, { name: "scoped" });
    expect(await bench.storage.servers()).toHaveLength(1);
    void server;
  }
  expect(await bench.storage.servers()).toEqual([]);
});

test("a stopped server fetches nothing more", async () => {
  await using bench = Workbench.inMemory();
  const jobs = defineJobs({ tick: async () => {} });
  const server = await bench.serve(jobs);
  await server.stop();
  const id = await bench.client(jobs).enqueue((j) => j.tick());
  await bench.serve(jobs, { name: "next", queues: ["other"] });
  expect(await bench.states(id)).toEqual(["Enqueued"]);
});

test("quiet fetches nothing more while what runs goes on", async () => {
  await using bench = await Workbench.onSqlite();
  const gate = Promise.withResolvers<void>();
  const jobs = defineJobs({ hold: () => gate.promise, tick: async () => {} });
  const client = bench.client(jobs);
  const server = await bench.serve(jobs);
  const running = await client.enqueue((j) => j.hold());
  await bench.reaches(running, "Processing");
  await server.quiet();
  const waiting = await client.enqueue((j) => j.tick());
  gate.resolve();
  await bench.reaches(running, "Succeeded");
  expect(await bench.states(waiting)).toEqual(["Enqueued"]);
  await bench.serve(jobs, { name: "other" });
  await bench.reaches(waiting, "Succeeded");
});

test("a storage that does not answer does not keep a server from stopping", async () => {
  await using bench = Workbench.inMemory();
  const jobs = defineJobs({ hold: () => new Promise<void>(() => {}) });
  const server = await bench.serve(jobs);
  const id = await bench.client(jobs).enqueue((j) => j.hold());
  await bench.reaches(id, "Processing");
  bench.broken.fail("commit", { times: 1_000 });
  bench.broken.fail("retire", { times: 1_000 });
  await server.stop({ timeout: "10ms" });
  expect(bench.logger.texts("warn", "ending the lease failed")).toHaveLength(1);
}, 20_000);

test("a job that crashed twice and waits for its turn alone is given back unstarted", async () => {
  await using bench = Workbench.inMemory();
  const started: string[] = [];
  const jobs = defineJobs({
    async hold() {
      started.push("hold");
      await new Promise<void>((_, reject) =>
        currentJob().signal.addEventListener("abort", () => reject(new Error("asked to end"))),
      );
    },
    suspect: async () => void started.push("suspect"),
  });
  const client = bench.client(jobs);
  const id = await client.enqueue((j) => j.suspect());
  await crashTwice(bench);
  const beside = await client.enqueue((j) => j.hold(), { priority: 1 });
  const server = await bench.serve(jobs);
  await bench.reaches(beside, "Processing");
  await bench.reaches(id, "Processing");
  await server.stop();
  expect(started).toEqual(["hold"]);
  expect(await bench.storage.get([id])).toMatchObject([{ state: "Enqueued", failures: 0, crashes: 2 }]);
});
