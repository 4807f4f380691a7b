import { defineJobs } from "firelater";
import { expect, test } from "vitest";
import { StorageRefusedError } from "../../src/storage/index.ts";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

const refused = () => new StorageRefusedError("the storage", new Error("refused by the test"));

test.each(STORAGES)("a job of which the storage refuses every end goes back, on %s", async (_, open) => {
  await using bench = await open();
  let runs = 0;
  const jobs = defineJobs({ work: async () => ++runs });
  const client = bench.client(jobs);
  await bench.serve(jobs);
  bench.broken.fail("commit", { error: refused, times: 2 });
  const id = await client.enqueue((j) => j.work());
  expect(await client.result(id, { timeout: "10s" })).toBe(2);
  expect(bench.logger.texts("error", "given back")).toHaveLength(1);
  expect(await bench.storage.get([id])).toMatchObject([{ failures: 0, crashes: 0 }]);
});

test("a job of unknown name that cannot be put aside goes back, and is put aside later", async () => {
  await using bench = Workbench.inMemory();
  const id = await bench.client(defineJobs({ elsewhere: async () => {} })).enqueue((j) => j.elsewhere());
  bench.broken.fail("park", { error: refused });
  await bench.serve(defineJobs({ here: async () => {} }));
  await expect.poll(async () => (await bench.storage.get([id]))[0]?.hold, SOON).toBe("unknown");
});
