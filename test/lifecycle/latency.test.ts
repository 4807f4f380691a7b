import { defineJobs } from "firelater";
import { expect, test } from "vitest";
import { SOON, Workbench } from "./workbench.ts";

const BLOCK_MS = 120;

test("latency counts the wait between the claim and the start", async () => {
  await using bench = Workbench.inMemory();
  const starts: number[] = [];
  const jobs = defineJobs({
    work(n: number) {
      starts[n] = Date.now();
      if (n % 100 === 99) while (Date.now() - (starts[n] ?? 0) < BLOCK_MS);
    },
  });
  const client = bench.client(jobs);
  const ids = await client.enqueueMany((j) => Array.from({ length: 400 }, (_, n) => j.work(n)));
  await bench.serve(jobs, { workerCount: 1 });
  await expect.poll(async () => (await bench.storage.counts()).Succeeded, SOON).toBe(ids.length);
  const rows = await bench.storage.get(ids);
  const missing = rows.map(({ entry, createdAt }, n) => {
    const { latency }: { latency: number } = JSON.parse(`{${entry}}`);
    return (starts[n] ?? 0) - createdAt - latency;
  });
  // Jobs that were fetched before a blocking one and started after it have waited here for as long as it took.
  expect(Math.max(...missing)).toBeLessThan(BLOCK_MS / 2);
});
