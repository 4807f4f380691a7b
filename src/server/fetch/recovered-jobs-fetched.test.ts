import { expect, it } from "vitest";
import { crashTwice } from "../../../test/lifecycle/crashes.ts";
import { MemoryStorage } from "../../drivers/memory/index.ts";
import { announcement, newJob, newJobs, PROCESSING } from "../../testing/contract/builders.ts";
import { Fetcher } from "./fetcher.ts";

it("a recovered job that a claim for the buffer passed over is fetched as soon as a slot is free", async () => {
  const storage = new MemoryStorage();
  await storage.insert([newJob({ name: "recovered", rank: 10 })]);
  await crashTwice({ storage });
  await storage.insert(newJobs(600));
  const server = announcement();
  await storage.announce(server);
  let slots = 3;
  let isEmpty = false;
  const { claim } = storage;
  Reflect.set(storage, "claim", async (request: Parameters<typeof claim>[0]) => {
    const jobs = await Reflect.apply(claim, storage, [request]);
    isEmpty = jobs.length === 0;
    return jobs;
  });
  const fetcher = new Fetcher({
    storage,
    queues: ["default"],
    names: () => [],
    // Nothing may be found by polling here.
    pollingMs: 3_600_000,
    lease: () => ({ incarnation: server.incarnation, entry: PROCESSING }),
    freeSlots: () => slots,
    fetched: () => {},
    knows: () => true,
    failed: () => {},
  });
  const names: string[] = [];
  const takeAll = () => {
    for (let next = fetcher.take(); next !== undefined; next = fetcher.take()) names.push(next.job.name);
    return names.length;
  };
  fetcher.start();
  await expect.poll(takeAll, { interval: 1, timeout: 15_000 }).toBeGreaterThan(100);
  // From now on all slots are busy, and only the buffer is filled.
  slots = 0;
  await expect.poll(() => takeAll() >= 600 && isEmpty, { interval: 1, timeout: 15_000 }).toBe(true);
  expect(names).not.toContain("recovered");
  slots = 1;
  fetcher.slotFreed();
  await expect.poll(() => takeAll() && names.at(-1), { timeout: 15_000 }).toBe("recovered");
  await fetcher.stop();
});
