import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BreakableStorage } from "../../../test/lifecycle/breakable-storage.ts";
import { MemoryStorage } from "../../drivers/memory/index.ts";
import type { ClaimedJob } from "../../storage/index.ts";
import { announcement, newJob, newJobs, PROCESSING } from "../../testing/contract/builders.ts";
import { Fetcher } from "./fetcher.ts";

/** On a busy machine. */
const SOON = { timeout: 15_000 };

describe("Fetcher", () => {
  let broken: BreakableStorage;
  let fetcher: Fetcher;
  let slots: number;
  let failures: unknown[];
  let fetched: boolean;

  beforeEach(async () => {
    broken = new BreakableStorage(new MemoryStorage());
    slots = 3;
    failures = [];
    fetched = false;
    const server = announcement();
    await broken.storage.announce(server);
    fetcher = new Fetcher({
      storage: broken.storage,
      queues: ["critical", "default"],
      names: () => ["mail.welcome"],
      pollingMs: 50,
      lease: () => ({ incarnation: server.incarnation, entry: PROCESSING }),
      freeSlots: () => slots,
      fetched: () => {
        fetched = true;
      },
      knows: () => false,
      failed: (error) => failures.push(error),
    });
    broken.storage.subscribe(() => fetcher.wake());
  });
  afterEach(() => fetcher.stop());

  const counts = () => broken.storage.counts();
  /** The fetcher has them: they were claimed, and it was told so. */
  const buffered = (count: number) =>
    expect.poll(async () => (fetched ? (await counts()).Processing : 0), SOON).toBe(count);

  /** Everything that can be started now, as a worker does it. */
  function takeAll(): ClaimedJob[] {
    const jobs: ClaimedJob[] = [];
    for (let next = fetcher.take(); next !== undefined; next = fetcher.take()) jobs.push(next.job);
    return jobs;
  }

  it("takes as many as there are slots, no more", async () => {
    await broken.storage.insert(newJobs(10));
    fetcher.start();
    await buffered(3);
    expect(await counts()).toMatchObject({ Enqueued: 7, Processing: 3 });
  });

  it("takes queues in their order, and by priority and age within one", async () => {
    const job = (name: string, queue: string, rank = 0) => newJob({ name, queue, rank });
    await broken.storage.insert([
      job("d", "default"),
      job("b", "critical"),
      job("c", "critical"),
      job("a", "critical", -5),
    ]);
    slots = 4;
    fetcher.start();
    await buffered(4);
    expect(takeAll().map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
  });

  it("takes nothing while no slot is free, and at once when one is", async () => {
    slots = 0;
    fetcher.start();
    await broken.storage.insert(newJobs(2));
    await expect.poll(() => broken.calls.get("claim") ?? 0, SOON).toBe(0);
    expect((await counts()).Processing).toBe(0);
    slots = 1;
    fetcher.slotFreed();
    await buffered(1);
  });

  it("takes jobs ahead while they are short, and marks those as not to blame", async () => {
    await broken.storage.insert(newJobs(2_000));
    slots = 1;
    fetcher.start();
    const taken: ClaimedJob[] = [];
    await expect
      .poll(() => taken.push(...takeAll()), { interval: 5, timeout: 20_000 })
      .toBeGreaterThan(1_000);
    expect(taken.some(({ blamed }) => !blamed)).toBe(true);
    expect(taken.filter(({ blamed }) => blamed).length).toBeGreaterThan(0);
  });

  it("gives back what was not started for a while, in its place and with nothing spent", async () => {
    const [job] = newJobs(1);
    if (job === undefined) throw new Error("no job");
    await broken.storage.insert([job]);
    fetcher.start();
    await buffered(1);
    slots = 0;
    await expect.poll(() => counts().then(({ Enqueued }) => Enqueued), SOON).toBe(1);
    const [row] = await broken.storage.get([job.id]);
    expect(row).toMatchObject({ seq: 1, failures: 0, crashes: 0, fence: 3 });
  });

  it.each(["before", "after"] as const)(
    "loses no job when giving back fails %s it is written: it is given back later, and not started",
    async (when) => {
      await broken.storage.insert(newJobs(1));
      fetcher.start();
      await buffered(1);
      slots = 0;
      broken.fail("giveBack", { when });
      await expect.poll(() => failures.length, SOON).toBe(1);
      expect(fetcher.take()).toBeUndefined();
      await expect.poll(() => counts(), SOON).toMatchObject({ Enqueued: 1, Processing: 0 });
    },
  );

  it.each(["before", "after"] as const)("loses no job when claiming fails %s it is written", async (when) => {
    await broken.storage.insert(newJobs(3));
    broken.fail("claim", { when });
    fetcher.start();
    await buffered(3);
    expect(failures).toHaveLength(1);
    expect(takeAll()).toHaveLength(3);
  });

  it.each(["before", "after"] as const)("loses no job when adopting fails %s it is written", async (when) => {
    const { storage } = broken;
    await storage.insert(newJobs(1));
    const [server] = await storage.servers();
    const request = { incarnation: server?.incarnation ?? "", entry: PROCESSING, queues: ["default"] };
    await storage.park(await storage.claim({ ...request, slots: 1, buffer: 0 }));
    broken.fail("adopt", { when });
    fetcher.start();
    await buffered(1);
  });

  it("gives everything back when it stops, and takes nothing more", async () => {
    await broken.storage.insert(newJobs(5));
    fetcher.start();
    await buffered(3);
    await fetcher.stop();
    fetcher.wake();
    expect(await counts()).toMatchObject({ Enqueued: 5, Processing: 0 });
    expect(fetcher.take()).toBeUndefined();
  });

  it("goes on after a store that failed for a while", async () => {
    broken.fail("claim", { times: 3 });
    fetcher.start();
    await broken.storage.insert(newJobs(1));
    await buffered(1);
    expect(failures).toHaveLength(3);
  });

  it.each(["before", "after"] as const)(
    "is quiet only when a claim whose answer was lost is back: claiming failed %s it was written",
    async (when) => {
      await broken.storage.insert(newJobs(3));
      broken.fail("claim", { when });
      const open = broken.hold("claim");
      fetcher.start();
      await expect.poll(() => broken.calls.get("claim"), SOON).toBe(1);
      const quiet = fetcher.quiet();
      open();
      await quiet;
      expect(await counts()).toMatchObject({ Enqueued: 3, Processing: 0 });
      expect(fetcher.take()).toBeUndefined();
    },
  );

  it("gives back what a claim brings that was under way when it was asked to be quiet", async () => {
    await broken.storage.insert(newJobs(3));
    const open = broken.hold("claim");
    fetcher.start();
    await expect.poll(() => broken.calls.get("claim"), SOON).toBe(1);
    const quiet = fetcher.quiet();
    open();
    await quiet;
    expect(fetcher.take()).toBeUndefined();
    expect(await counts()).toMatchObject({ Enqueued: 3, Processing: 0 });
  });

  it("is quiet only when everything is back, however often the storage fails", async () => {
    await broken.storage.insert(newJobs(3));
    fetcher.start();
    await buffered(3);
    broken.fail("giveBack", { times: 2 });
    await fetcher.quiet();
    expect(failures).toHaveLength(2);
    expect(await counts()).toMatchObject({ Enqueued: 3, Processing: 0 });
  });

  it("is quiet at once when it has not begun, and when it has ended", async () => {
    await fetcher.quiet();
    fetcher.start();
    await fetcher.stop();
    await fetcher.quiet();
    expect(broken.calls.get("claim")).toBeUndefined();
  });

  it("gives back an unknown claim that it hears of after it became quiet", async () => {
    const { storage } = broken;
    await storage.insert(newJobs(1));
    fetcher.start();
    await buffered(1);
    takeAll();
    await fetcher.quiet();
    expect((await counts()).Processing).toBe(1);
    fetcher.returns.suspectUnknown();
    await expect.poll(() => counts(), SOON).toMatchObject({ Enqueued: 1, Processing: 0 });
  });
});
