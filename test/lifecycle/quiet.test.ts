import { defineJobs } from "firelater";
import { expect, test } from "vitest";
import { SOON, Workbench } from "./workbench.ts";

const jobsOf = (who: string) => defineJobs({ who: async () => who });

test("a claim whose answer was lost before quiet goes back while the server lives on", async () => {
  await using bench = Workbench.inMemory();
  const server = await bench.serve(jobsOf("first"));
  bench.broken.fail("claim", { when: "after" });
  const open = bench.broken.hold("claim");
  const calls = bench.broken.calls.get("claim") ?? 0;
  const id = await bench.client(jobsOf("client")).enqueue((j) => j.who());
  await expect.poll(() => bench.broken.calls.get("claim"), SOON).toBeGreaterThan(calls);
  const quiet = server.quiet();
  open();
  await quiet;
  expect(await bench.states(id)).toEqual(["Enqueued"]);
  expect(await bench.storage.servers()).toHaveLength(1);
});

test("the next server of the name takes over from one that is quiet, which runs on to its end", async () => {
  await using bench = await Workbench.onSqlite();
  const gate = Promise.withResolvers<string>();
  const old = defineJobs({ who: () => gate.promise });
  const client = bench.client(old);
  const first = await bench.serve(old);
  const running = await client.enqueue((j) => j.who());
  await bench.reaches(running, "Processing");
  await bench.serve(jobsOf("second"));
  await first.quiet();
  expect(await client.result(await client.enqueue((j) => j.who()), { timeout: "10s" })).toBe("second");
  gate.resolve("first");
  expect(await client.result(running, { timeout: "10s" })).toBe("first");
  await first.stop();
  expect(await client.result(await client.enqueue((j) => j.who()), { timeout: "10s" })).toBe("second");
});

test("a server that comes after one has become quiet fetches at once", async () => {
  await using bench = Workbench.inMemory();
  const first = await bench.serve(jobsOf("first"));
  await first.quiet();
  await bench.serve(jobsOf("second"));
  const client = bench.client(jobsOf("client"));
  expect(await client.result(await client.enqueue((j) => j.who()), { timeout: "10s" })).toBe("second");
  expect(bench.logger.texts("warn", "second server")).toEqual([]);
});

test("a server that was told to be quiet while it stood by or was starting never fetches", async () => {
  await using bench = Workbench.inMemory();
  const first = await bench.serve(jobsOf("first"));
  const second = await bench.serve(jobsOf("second"));
  await second.quiet();
  const third = bench.make(jobsOf("third"));
  await third.quiet();
  await third.started;
  await first.stop();
  const client = bench.client(jobsOf("client"));
  const id = await client.enqueue((j) => j.who());
  await bench.serve(jobsOf("fourth"));
  expect(await client.result(id, { timeout: "10s" })).toBe("fourth");
});
