import { currentJob, defineJobs, type Storage } from "firelater";
import { expect, test } from "vitest";
import { SOON, Workbench } from "./workbench.ts";

/** A job that ends when it is told to, and what it was told. */
function obedient() {
  const told = Promise.withResolvers<void>();
  const jobs = defineJobs({
    obey: () =>
      new Promise<void>((_, reject) => {
        const { signal } = currentJob();
        signal.addEventListener("abort", () => {
          told.resolve();
          reject(signal.reason);
        });
      }),
  });
  return { jobs, told: told.promise };
}

test("running jobs hear of the end although a loop still waits for the storage", async () => {
  await using bench = Workbench.inMemory();
  const { jobs, told } = obedient();
  const server = await bench.serve(jobs);
  const id = await bench.client(jobs).enqueue((j) => j.obey());
  await bench.reaches(id, "Processing");
  const calls = bench.broken.calls.get("promote") ?? 0;
  const open = bench.broken.hold("promote");
  await expect.poll(() => bench.broken.calls.get("promote"), SOON).toBeGreaterThan(calls);
  const stopping = server.stop({ timeout: "0s" });
  await told;
  await bench.reaches(id, "Enqueued");
  open();
  await stopping;
});

test("a storage that never answers its loops and its heartbeat does not keep a server from stopping", async () => {
  await using bench = Workbench.inMemory();
  const { jobs } = obedient();
  const server = await bench.serve(jobs);
  const open = [bench.broken.hold("promote"), bench.broken.hold("heartbeat"), bench.broken.hold("retire")];
  const calls = () => ["promote", "heartbeat"].map((verb) => bench.broken.calls.get(verb as "promote") ?? 0);
  const before = calls();
  await expect.poll(() => calls().every((count, at) => count > (before[at] ?? 0)), SOON).toBe(true);
  await server.stop({ timeout: "0s" });
  for (const one of open) one();
}, 20_000);

test("a run that ends while the last log lines are written is stored before stop resolves", async () => {
  await using bench = Workbench.inMemory();
  const end = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  const jobs = defineJobs({
    async late() {
      currentJob().signal.addEventListener("abort", () => told.resolve());
      currentJob().log("begun");
      await end.promise;
      currentJob().log("ended");
    },
  });
  const server = await bench.serve(jobs);
  const openFirst = bench.broken.hold("append");
  const id = await bench.client(jobs).enqueue((j) => j.late());
  await expect.poll(() => bench.broken.calls.get("append"), SOON).toBe(1);
  const stateAtEnd = server.stop({ timeout: "0s" }).then(() => bench.state(id));
  await told.promise;
  // The drain has set its last timer for runs before this one is set: it waits for the lines now.
  await new Promise((resolve) => setTimeout(resolve, 1));
  // The run ends meanwhile, with lines of its own.
  end.resolve();
  await new Promise(setImmediate);
  openFirst();
  const openSecond = bench.broken.hold("append");
  await expect.poll(() => bench.broken.calls.get("append"), SOON).toBe(2);
  for (let n = 0; n < 10; n++) await new Promise(setImmediate);
  openSecond();
  expect(await stateAtEnd).toBe("Succeeded");
});

test("an end that a neighbour holds up is stored before stop resolves", async () => {
  await using bench = Workbench.inMemory();
  const end = Promise.withResolvers<void>();
  const jobs = defineJobs({ work: () => end.promise });
  const { commit } = bench.storage;
  let busy = 3;
  Reflect.set(bench.storage, "commit", async (changes: Parameters<Storage["commit"]>[0]) =>
    busy-- > 0 ? changes.map(() => "busy" as const) : commit(changes),
  );
  const server = await bench.serve(jobs);
  const id = await bench.client(jobs).enqueue((j) => j.work());
  await bench.reaches(id, "Processing");
  const stopping = server.stop();
  end.resolve();
  await stopping;
  expect(await bench.state(id)).toBe("Succeeded");
});

test("a timeout that is none rejects and stops nothing", async () => {
  await using bench = Workbench.inMemory();
  const jobs = defineJobs({ tick: async () => "ticked" });
  const server = await bench.serve(jobs);
  const stopping = server.stop({ timeout: 5 as unknown as "5s" });
  await expect(stopping).rejects.toMatchObject({ code: "FL_INVALID_DURATION" });
  const client = bench.client(jobs);
  expect(await client.result(await client.enqueue((j) => j.tick()), { timeout: "10s" })).toBe("ticked");
});

test("a second stop with a shorter timeout hurries the first, a longer one does not slow it down", async () => {
  await using bench = Workbench.inMemory();
  const told = Promise.withResolvers<void>();
  const jobs = defineJobs({
    deaf: () => new Promise<void>(() => currentJob().signal.addEventListener("abort", () => told.resolve())),
  });
  const server = await bench.serve(jobs);
  const id = await bench.client(jobs).enqueue((j) => j.deaf());
  await bench.reaches(id, "Processing");
  const first = server.stop({ timeout: "1h" });
  // From here on nothing but the hour is waited for.
  await told.promise;
  const second = server.stop({ timeout: "0s" });
  await Promise.all([first, second, server.stop({ timeout: "2h" }), server.stop()]);
  expect(await bench.state(id)).toBe("Enqueued");
});
