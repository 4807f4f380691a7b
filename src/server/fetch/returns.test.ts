import { beforeEach, describe, expect, it } from "vitest";
import { BreakableStorage } from "../../../test/lifecycle/breakable-storage.ts";
import { MemoryStorage } from "../../drivers/memory/index.ts";
import type { Claim, ClaimedJob } from "../../storage/index.ts";
import { announcement, newJobs, PROCESSING } from "../../testing/contract/builders.ts";
import { Returns } from "./returns.ts";

describe("Returns", () => {
  let broken: BreakableStorage;
  let returns: Returns;
  let known: ReadonlySet<string>;
  let claims: ClaimedJob[];

  beforeEach(async () => {
    broken = new BreakableStorage(new MemoryStorage());
    const { storage } = broken;
    const { incarnation } = await announced();
    await storage.insert(newJobs(10));
    const request = { incarnation, entry: PROCESSING, queues: ["default"] };
    claims = await storage.claim({ ...request, slots: 10, buffer: 0 });
    known = new Set();
    returns = new Returns({
      storage,
      incarnation: () => incarnation,
      knows: ({ id }: Claim) => known.has(id),
    });
  });

  async function announced() {
    const server = announcement();
    await broken.storage.announce(server);
    return server;
  }
  const enqueued = async () => (await broken.storage.counts()).Enqueued;

  it("gives back, and is empty then", async () => {
    returns.add(claims.slice(0, 3));
    expect(returns.isEmpty).toBe(false);
    await returns.giveBack(claims.slice(3));
    expect(returns.isEmpty).toBe(true);
    expect(await enqueued()).toBe(10);
    expect(broken.calls.get("giveBack")).toBe(1);
  });

  it("gives back what came while it wrote, one write at a time", async () => {
    const open = broken.hold("giveBack");
    const calls = claims.map((claim) => returns.giveBack([claim]));
    expect(broken.calls.get("giveBack")).toBe(1);
    open();
    await Promise.all(calls);
    expect(broken.calls.get("giveBack")).toBe(2);
    expect(await enqueued()).toBe(10);
  });

  it.each(["before", "after"] as const)("keeps what a write that failed %s it was made", async (when) => {
    broken.fail("giveBack", { when });
    await expect(returns.giveBack(claims)).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
    expect(returns.isEmpty).toBe(false);
    await returns.settle();
    expect(returns.isEmpty).toBe(true);
    expect(await enqueued()).toBe(10);
  });

  it("gives back what the storage holds and nobody here knows of", async () => {
    known = new Set(claims.slice(0, 4).map(({ id }) => id));
    await returns.settle();
    expect(broken.calls.get("held")).toBeUndefined();
    returns.suspectUnknown();
    await returns.settle();
    expect(await enqueued()).toBe(6);
    await returns.settle();
    expect(broken.calls.get("held")).toBe(1);
  });

  it("asks again when the storage did not say what it holds", async () => {
    returns.suspectUnknown();
    broken.fail("held");
    await expect(returns.settle()).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
    expect(returns.isEmpty).toBe(false);
    await returns.settle();
    expect(await enqueued()).toBe(10);
  });

  it("asks again for a suspicion that came up during the answer", async () => {
    returns.suspectUnknown();
    const open = broken.hold("held");
    const settled = returns.settle();
    await expect.poll(() => broken.calls.get("held"), { timeout: 15_000 }).toBe(1);
    returns.suspectUnknown();
    open();
    await settled;
    expect(returns.isEmpty).toBe(false);
  });

  it("forgets everything when the lease is lost", async () => {
    returns.add(claims);
    returns.suspectUnknown();
    returns.drop();
    await returns.settle();
    expect(broken.calls.get("giveBack") ?? broken.calls.get("held")).toBeUndefined();
  });
});
