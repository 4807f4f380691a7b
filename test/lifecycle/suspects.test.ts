import { defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { crashTwice } from "./crashes.ts";
import { SOON, STORAGES } from "./workbench.ts";

/** Jobs that note who was running when they started. */
function watched() {
  const running = new Set<string>();
  const besides = new Map<string, string[]>();
  const run = async (name: string) => {
    besides.set(name, [...running]);
    running.add(name);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running.delete(name);
  };
  const jobs = defineJobs({ suspect: run, bystander: run });
  return { jobs, besides };
}

describe.each(STORAGES)("jobs under which two servers have died, on %s", (_, open) => {
  test("run alone, one after the other, and all other jobs before, between or after them", async () => {
    await using bench = await open();
    const { jobs, besides } = watched();
    const client = bench.client(jobs);
    const suspects = ["s1", "s2", "s3", "s4"];
    await client.enqueueMany((j) => suspects.map((name) => j.suspect(name)));
    await crashTwice(bench);
    await client.enqueueMany((j) => Array.from({ length: 30 }, (_, n) => j.bystander(`b${n}`)));
    await bench.serve(jobs, { workerCount: 10 });
    await expect.poll(async () => (await bench.storage.counts()).Succeeded, SOON).toBe(34);
    for (const name of suspects) expect([name, besides.get(name)]).toEqual([name, []]);
    for (const [name, beside] of besides) {
      expect([name, beside.filter((other) => other.startsWith("s"))]).toEqual([name, []]);
    }
  });

  test("are to blame only while they run: one that finishes keeps its two crashes", async () => {
    await using bench = await open();
    const { jobs } = watched();
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.suspect("s"));
    await crashTwice(bench);
    await bench.serve(jobs);
    await bench.reaches(id, "Succeeded");
    expect(await client.get(id)).toMatchObject({ crashes: 2, attempt: 1 });
  });

  test("start although giving back what was fetched beside them is slow", async () => {
    await using bench = await open();
    const { jobs, besides } = watched();
    const client = bench.client(jobs);
    await client.enqueueMany((j) => ["s1", "s2", "s3"].map((name) => j.suspect(name)));
    await crashTwice(bench);
    const release = bench.broken.hold("giveBack");
    await bench.serve(jobs, { workerCount: 3 });
    await expect.poll(() => bench.broken.calls.get("giveBack"), SOON).toBeGreaterThan(0);
    const late = await client.enqueue((j) => j.bystander("b"));
    // The server has long looked for jobs by the time it readies this one.
    const later = await client.delay((j) => j.bystander("c"), "500ms");
    await bench.reaches(later, "Enqueued");
    expect(await bench.state(late)).toBe("Enqueued");
    release();
    await expect.poll(async () => (await bench.storage.counts()).Succeeded, SOON).toBe(5);
    for (const name of ["s1", "s2", "s3"]) expect([name, besides.get(name)]).toEqual([name, []]);
  });
});
