import { describe, expect, it } from "vitest";
import { BreakableStorage } from "../../../test/lifecycle/breakable-storage.ts";
import { RecordingLogger } from "../../../test/lifecycle/recording-logger.ts";
import { MemoryStorage } from "../../drivers/memory/index.ts";
import { StorageRefusedError } from "../../storage/index.ts";
import { announcement, changeOf, newJobs, PROCESSING } from "../../testing/contract/builders.ts";
import { Committer } from "./committer.ts";

async function claimed(jobs = 1) {
  const broken = new BreakableStorage(new MemoryStorage());
  const { storage } = broken;
  const logger = new RecordingLogger();
  const server = announcement();
  await storage.announce(server);
  await storage.insert(newJobs(jobs));
  const request = { incarnation: server.incarnation, entry: PROCESSING, queues: ["default"], buffer: 0 };
  const claims = await storage.claim({ ...request, slots: jobs });
  return { broken, storage, logger, claims, committer: new Committer(storage, logger) };
}

describe("Committer", () => {
  it("shares one write among the runs that end together", async () => {
    const { broken, committer, claims } = await claimed(30);
    const outcomes = await Promise.all(claims.map((job) => committer.commit(changeOf(job, "Succeeded"))));
    expect(new Set(outcomes)).toEqual(new Set(["applied"]));
    expect(broken.calls.get("commit")).toBe(1);
    expect(committer.backlog).toBe(0);
  });

  it.each(["before", "after"] as const)("asks again when the store fails %s it has written", async (when) => {
    const { broken, storage, committer, claims, logger } = await claimed(3);
    broken.fail("commit", { when, times: when === "before" ? 3 : 1 });
    const outcomes = await Promise.all(claims.map((job) => committer.commit(changeOf(job, "Succeeded"))));
    expect(new Set(outcomes)).toEqual(new Set([when === "before" ? "applied" : "already"]));
    expect((await storage.counts()).Succeeded).toBe(3);
    expect(logger.texts("warn", "trying again").length).toBeGreaterThan(0);
  });

  it("tells a run whose claim is lost so, and its neighbours succeed", async () => {
    const { storage, committer, claims } = await claimed(3);
    const [lost] = claims;
    if (lost !== undefined) await storage.giveBack([lost]);
    const outcomes = await Promise.all(claims.map((job) => committer.commit(changeOf(job, "Succeeded"))));
    expect(outcomes).toEqual(["stale", "applied", "applied"]);
  });

  it("finds the one outcome that the engine cannot hold", async () => {
    const { storage, committer, claims } = await claimed(8);
    const { commit } = storage;
    Reflect.set(storage, "commit", (changes: Parameters<typeof commit>[0]) =>
      changes.some(({ id }) => id === claims[5]?.id)
        ? Promise.reject(new StorageRefusedError("memory", new Error("too odd")))
        : commit(changes),
    );
    const outcomes = await Promise.allSettled(
      claims.map((job) => committer.commit(changeOf(job, "Succeeded"))),
    );
    expect(outcomes.map(({ status }) => status).indexOf("rejected")).toBe(5);
    expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(1);
  });

  it("puts a job aside, also when the store fails at first", async () => {
    const { broken, storage, committer, claims } = await claimed(2);
    broken.fail("park", { times: 2 });
    const outcomes = await Promise.all(claims.map((job) => committer.park(job)));
    expect(outcomes).toEqual(["applied", "applied"]);
    const jobs = await storage.get(claims.map(({ id }) => id));
    expect(jobs.map(({ hold }) => hold)).toEqual(["unknown", "unknown"]);
  });

  it("stops asking a store that stays broken once it is told to give up", async () => {
    const { broken, committer, claims } = await claimed(2);
    broken.fail("commit", { times: Number.POSITIVE_INFINITY });
    const outcomes = Promise.allSettled(claims.map((job) => committer.commit(changeOf(job, "Succeeded"))));
    await expect.poll(() => broken.calls.get("commit")).toBeGreaterThan(1);
    committer.giveUp();
    expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("tries again later what a neighbour holds", async () => {
    const { storage, committer, claims } = await claimed(1);
    const { commit } = storage;
    let busy = 3;
    Reflect.set(storage, "commit", async (changes: Parameters<typeof commit>[0]) =>
      busy-- > 0 ? changes.map(() => "busy" as const) : commit(changes),
    );
    const [job] = claims;
    if (job === undefined) throw new Error("nothing was claimed");
    expect(await committer.commit(changeOf(job, "Succeeded"))).toBe("applied");
  });
});
