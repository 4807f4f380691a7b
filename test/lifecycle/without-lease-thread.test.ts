import { defineJobs } from "firelater";
import { expect, test } from "vitest";
import { SOON, Workbench } from "./workbench.ts";

const jobs = defineJobs({ tick: async () => "ticked" });

test.each([
  ["cannot be made", "https://example.com/thread.js"],
  ["ends without a word", "data:text/javascript,"],
])("a server whose lease thread %s is at work all the same, and renews by itself", async (_, url) => {
  await using bench = await Workbench.onSqlite();
  Reflect.set(bench.storage, "leaseThread", () => ({ url: new URL(url), workerData: {} }));
  await bench.serve(jobs);
  await expect.poll(() => bench.broken.calls.get("heartbeat"), SOON).toBeGreaterThan(1);
  expect(bench.logger.texts("warn", "its thread cannot run")).toHaveLength(1);
  const client = bench.client(jobs);
  expect(await client.result(await client.enqueue((j) => j.tick()), { timeout: "10s" })).toBe("ticked");
});
