import { defineJobs } from "firelater";
import { expect, test } from "vitest";
import { BreakableStorage } from "./breakable-storage.ts";
import { SOON, Workbench } from "./workbench.ts";

const jobsOf = (who: string) => defineJobs({ who: async () => who });

test("a second server of the same name does not fetch, and takes over when the first stops", async () => {
  await using bench = await Workbench.onSqlite();
  const client = bench.client(jobsOf("client"));
  const ask = async () => client.result(await client.enqueue((j) => j.who()), { timeout: "10s" });
  const first = await bench.serve(jobsOf("first"));
  await bench.serve(jobsOf("second"));
  for (let n = 0; n < 5; n++) expect(await ask()).toBe("first");
  expect(await bench.storage.servers()).toHaveLength(1);
  await first.stop();
  expect(await ask()).toBe("second");
});

test("it warns once, naming server and storage", async () => {
  await using bench = Workbench.inMemory();
  await bench.serve(jobsOf("first"), { name: "web" });
  await bench.serve(jobsOf("second"), { name: "web" });
  const warnings = bench.logger.texts("warn", "second server");
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('"web"');
  expect(warnings[0]).toContain(bench.storage.name);
});

test("the same file under another storage object is the same storage", async () => {
  await using bench = await Workbench.onSqlite();
  await bench.serve(jobsOf("first"));
  await bench.serve(jobsOf("second"), { storage: bench.another() });
  expect(await bench.storage.servers()).toHaveLength(1);
});

test("servers of different names both fetch", async () => {
  await using bench = Workbench.inMemory();
  await bench.serve(jobsOf("first"), { name: "a" });
  await bench.serve(jobsOf("second"), { name: "b" });
  expect(await bench.storage.servers()).toHaveLength(2);
  expect(bench.logger.texts("warn", "second server")).toEqual([]);
});

test("servers of one name that stop together leave nothing behind, in whichever order", async () => {
  await using bench = await Workbench.onSqlite();
  for (let n = 0; n < 6; n++) {
    const servers = await Promise.all([1, 2, 3].map((one) => bench.serve(jobsOf(`${one}`))));
    const order = n % 2 === 0 ? servers : servers.toReversed();
    await Promise.all(order.map((server) => server.stop()));
    expect(await bench.storage.servers()).toEqual([]);
  }
  await bench.serve(jobsOf("last"));
  expect(await bench.storage.servers()).toHaveLength(1);
});

test("a standby server that is stopping when the first one leaves does not begin to fetch", async () => {
  await using bench = await Workbench.onSqlite();
  const other = new BreakableStorage(bench.another());
  const first = await bench.serve(jobsOf("first"));
  const second = await bench.serve(jobsOf("second"), { storage: other.storage });
  const open = other.hold("retire");
  const stopped = second.stop();
  await expect.poll(() => other.calls.get("retire"), SOON).toBe(1);
  await first.stop();
  open();
  await stopped;
  expect(other.calls.get("announce")).toBeUndefined();
  expect(await bench.storage.servers()).toEqual([]);
});

test("a server that is stopped while it takes over leaves nothing behind", async () => {
  await using bench = await Workbench.onSqlite();
  const first = await bench.serve(jobsOf("first"));
  const second = await bench.serve(jobsOf("second"));
  const open = bench.broken.hold("announce");
  await first.stop();
  const stopping = second.stop();
  open();
  await stopping;
  expect(await bench.storage.servers()).toEqual([]);
  const id = await bench.client(jobsOf("client")).enqueue((j) => j.who());
  await bench.serve(jobsOf("third"), { queues: ["other"] });
  expect(await bench.states(id)).toEqual(["Enqueued"]);
});

test("a storage that fails at the moment of taking over is asked again", async () => {
  await using bench = await Workbench.onSqlite();
  const first = await bench.serve(jobsOf("first"));
  await bench.serve(jobsOf("second"));
  bench.broken.fail("announce", { times: 2 });
  await first.stop();
  const client = bench.client(jobsOf("client"));
  const id = await client.enqueue((j) => j.who());
  await bench.reaches(id, "Succeeded");
  await expect.poll(() => client.result(id), SOON).toBe("second");
});
