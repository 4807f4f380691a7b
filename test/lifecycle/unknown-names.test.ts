import { defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

const both = () => defineJobs({ old: async () => "old", young: async () => "young" });
const oldOnly = () => defineJobs({ old: async () => "old" });

describe.each(STORAGES)("a job of a name that a server does not know, on %s", (_, open) => {
  test("is put aside, visibly, and costs nothing", async () => {
    await using bench = await open();
    const client = bench.client(both());
    const server = await bench.serve(oldOnly(), { name: "a" });
    const parked: string[] = [];
    server.on("parked", ({ name }) => parked.push(name));
    const id = await client.enqueue((j) => j.young());
    await expect.poll(async () => (await client.get(id))?.waitingFor, SOON).toBe("unknown");

    const job = await client.get(id);
    expect(job).toMatchObject({ state: "Enqueued", attempt: 1, crashes: 0 });
    expect(job?.history).toMatchObject([
      { state: "Enqueued" },
      { state: "Enqueued", reason: expect.stringMatching(/^Waiting for code/) },
    ]);
    expect(parked).toEqual(["young"]);
    expect(bench.logger.texts("warn", '"young"')).toHaveLength(1);
  });

  test("is looked at once: it does not come back to that server", async () => {
    await using bench = await open();
    const client = bench.client(both());
    await bench.serve(oldOnly(), { name: "a" });
    const id = await client.enqueue((j) => j.young());
    await expect.poll(async () => (await client.get(id))?.waitingFor, SOON).toBe("unknown");
    const fence = (await bench.storage.get([id]))[0]?.fence;
    const later = await client.enqueue((j) => j.old());
    await bench.reaches(later, "Succeeded");
    expect((await bench.storage.get([id]))[0]?.fence).toBe(fence);
  });

  test("is adopted by a server that knows it, running already or started later", async () => {
    await using bench = await open();
    const client = bench.client(both());
    await bench.serve(oldOnly(), { name: "a" });
    const id = await client.enqueue((j) => j.young());
    await expect.poll(async () => (await client.get(id))?.waitingFor, SOON).toBe("unknown");
    await bench.serve(both(), { name: "b" });
    expect(await client.result(id, { timeout: "10s" })).toBe("young");
    expect(await bench.states(id)).toEqual(["Enqueued", "Enqueued", "Processing", "Succeeded"]);
  });
});

test("jobs stored under a former name still run", async () => {
  await using bench = await Workbench.onSqlite();
  const before = defineJobs({ mail: { hello: async (to: string) => `hello ${to}` } });
  const after = defineJobs(
    { mail: { welcome: async (to: string) => `welcome ${to}` } },
    { mail: { welcome: { formerly: ["mail.hello"] } } },
  );
  const id = await bench.client(before).enqueue((j) => j.mail.hello("ada"));
  await bench.serve(after);
  expect(await bench.client(before).result(id, { timeout: "10s" })).toBe("welcome ada");
});

test("a parked job of a former name is adopted", async () => {
  await using bench = await Workbench.onSqlite();
  const before = defineJobs({ hello: async () => "hello" });
  const after = defineJobs({ welcome: async () => "welcome" }, { welcome: { formerly: ["hello"] } });
  const client = bench.client(before);
  await bench.serve(oldOnly(), { name: "a" });
  const id = await client.enqueue((j) => j.hello());
  await expect.poll(async () => (await client.get(id))?.waitingFor, SOON).toBe("unknown");
  await bench.serve(after, { name: "b" });
  expect(await client.result(id, { timeout: "10s" })).toBe("welcome");
});

test("many parked jobs are adopted in their order, more than there are workers", async () => {
  await using bench = await Workbench.onSqlite();
  const order: number[] = [];
  const jobs = defineJobs({ young: async (n: number) => void order.push(n) });
  const client = bench.client(jobs);
  const numbers = Array.from({ length: 60 }, (_, n) => n);
  await bench.serve(oldOnly(), { name: "a" });
  const ids = await client.enqueueMany((j) => numbers.map((n) => j.young(n)));
  const parked = async () => (await bench.storage.get(ids)).filter(({ hold }) => hold === "unknown").length;
  await expect.poll(parked, SOON).toBe(60);
  await bench.serve(jobs, { name: "b", workerCount: 4 });
  await expect.poll(() => order.length, SOON).toBe(60);
  expect(order).toEqual(numbers);
});

test("a storage that fails while a job is put aside does not lose it", async () => {
  await using bench = await Workbench.onSqlite();
  const client = bench.client(both());
  bench.broken.fail("park", { times: 2 });
  await bench.serve(oldOnly(), { name: "a" });
  const id = await client.enqueue((j) => j.young());
  await expect.poll(async () => (await client.get(id))?.waitingFor, SOON).toBe("unknown");
  expect(bench.broken.isSpent).toBe(true);
});
