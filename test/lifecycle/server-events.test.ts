import { defineJobs } from "firelater";
import { expect, test } from "vitest";
import { crashTwice } from "./crashes.ts";
import { SOON, Workbench } from "./workbench.ts";

const jobs = defineJobs({ work: async () => {} });
const QUICK = { serverTimeout: "300ms", heartbeatInterval: "100ms", serverCheckInterval: "50ms" } as const;

test("an event that does not exist is refused, and the one that was meant is suggested", async () => {
  await using bench = Workbench.inMemory();
  const server = await bench.serve(jobs);
  const listen = (name: string) => server.on(name as "failed", () => {});
  expect(() => listen("suceeded")).toThrow(
    expect.objectContaining({
      code: "FL_INVALID_OPTIONS",
      message: expect.stringContaining('Did you mean "succeeded"?'),
    }),
  );
  for (const name of ["constructor", "toString", ""]) {
    expect(() => listen(name)).toThrow(expect.objectContaining({ code: "FL_INVALID_OPTIONS" }));
  }
});

test("the failure of a quarantined job tells in which attempt it was", async () => {
  await using bench = Workbench.inMemory();
  const { storage } = bench;
  const id = await bench.client(jobs).enqueue((j) => j.work());
  const other = { name: "lost", host: "elsewhere", pid: 1, pidStartedAt: "", queues: ["default"] };
  const claimAs = async (incarnation: string) => {
    await storage.announce({ ...other, incarnation, workerCount: 1, timeoutMs: 60_000 });
    const request = { incarnation, entry: '"state":"Processing"', queues: ["default"] };
    const [claim] = await storage.claim({ ...request, slots: 1, buffer: 0 });
    if (claim === undefined) throw new Error("nothing was claimed");
    return claim;
  };
  const first = await claimAs("failing");
  const retried = { id, fence: first.fence, past: "", state: "Enqueued", failed: true } as const;
  await storage.commit([{ ...retried, entry: '"state":"Enqueued"' }]);
  await crashTwice(bench);
  await storage.blame([await claimAs("third")]);
  await storage.retire("third");
  const failed: unknown[] = [];
  const server = await bench.serve(jobs, QUICK);
  server.on("failed", (event) => failed.push(event));
  await expect.poll(() => failed, SOON).toMatchObject([{ id, name: "work", attempt: 2, duration: 0 }]);
});
