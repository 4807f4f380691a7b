import { defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import type { ServerVitals } from "../../src/server/lifetime/vitals.ts";
import { SOON, STORAGES, type Workbench } from "./workbench.ts";

const jobs = defineJobs({ tick: () => {} });

describe.each(STORAGES)("a server that is asked something from elsewhere, on %s", (_, open) => {
  test("becomes quiet, fetches again, and stops", async () => {
    await using bench = await open();
    const server = await bench.serve(jobs);
    const client = bench.client(jobs);
    await ask(bench, "quiet");
    await expect.poll(() => vitalsOf(bench), SOON).toMatchObject({ quiet: true });
    const id = await client.enqueue((j) => j.tick());
    expect(await bench.state(id)).toBe("Enqueued");
    await ask(bench, "resume");
    await client.result(id, { timeout: "20s" });
    await ask(bench, "stop");
    await server.stopped;
    expect(await bench.storage.servers()).toEqual([]);
  });

  test("leaves its place to the next of its name, and stands by when it resumes", async () => {
    await using bench = await open();
    const first = await bench.serve(jobs, { name: "web" });
    const second = await bench.serve(jobs, { name: "web" });
    await first.quiet();
    await expect.poll(() => bench.storage.servers().then((all) => all.length), SOON).toBe(2);
    await first.resume();
    await first.resume();
    await second.stop();
    const client = bench.client(jobs);
    await client.result(await client.enqueue((j) => j.tick()), { timeout: "20s" });
  });

  test("tells how it is: what runs and since when, its load and memory", async () => {
    await using bench = await open();
    const end = Promise.withResolvers<void>();
    const slow = defineJobs({ wait: () => end.promise });
    await bench.serve(slow, { workerCount: 3 });
    const id = await bench.client(slow).enqueue((j) => j.wait());
    await expect.poll(() => vitalsOf(bench), SOON).toMatchObject({ busy: 1, slots: 3, quiet: false });
    const { runs, cpu, rss, loopDelay, node } = await vitalsOf(bench);
    expect(runs).toMatchObject([{ id, name: "wait" }]);
    expect([cpu >= 0, rss > 1e6, loopDelay.maxMs >= loopDelay.p99Ms, node]).toEqual([
      true,
      true,
      true,
      process.version,
    ]);
    end.resolve();
  });
});

async function ask({ storage }: Workbench, command: "quiet" | "resume" | "stop"): Promise<void> {
  const [server] = await storage.servers();
  expect(await storage.admin.command(server?.incarnation ?? "", command)).toBe(true);
}

/** What the only server has last told; something else while it has told nothing. */
async function vitalsOf({ storage }: Workbench): Promise<ServerVitals> {
  const [server] = await storage.servers();
  return JSON.parse(server?.vitals ?? "{}");
}
