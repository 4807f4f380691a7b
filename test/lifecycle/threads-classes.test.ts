import { defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { newJob } from "../../src/testing/contract/builders.ts";
import { jobs } from "./programs/threaded-jobs.ts";
import { MODULE, ThreadNews } from "./thread-news.ts";
import { SOON, STORAGES } from "./workbench.ts";

describe.each(STORAGES)("the module of the jobs decides, on %s", (_, open) => {
  test("a method runs on an instance that its activate makes, and that is disposed of after the run", async () => {
    using news = new ThreadNews();
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(MODULE, { threads: 1 });
    const id = await client.enqueue((j) => j.Mailer.send("ada"));
    expect(await client.result(id, { timeout: "10s" })).toBe("us → ada in a thread");
    expect(await news.hears("us", "disposed of")).toMatchObject({ tag: "us" });
  });

  test("an error of a class that only it knows is not retried when the policy says so", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    await bench.serve(MODULE, { threads: 1 });
    const own = await client.enqueue((j) => j.plain.fail("own"));
    const other = await client.enqueue((j) => j.plain.fail("other"));
    await bench.reaches(own, "Failed");
    await bench.reaches(other, "Failed");
    expect(await bench.states(own)).toEqual(["Enqueued", "Processing", "Failed"]);
    expect(await bench.states(other)).toEqual([
      ...["Enqueued", "Processing", "Failed"],
      ...["Enqueued", "Processing", "Failed"],
    ]);
    expect((await client.get(own))?.history.at(-1)).toMatchObject({
      error: { type: "OwnError", message: "of this module" },
    });
  });

  test("arguments that cannot be read fail the job at once, with no retry", async () => {
    await using bench = await open();
    const job = newJob({ name: "plain.add", args: "{nonsense" });
    await bench.storage.insert([job]);
    await bench.serve(MODULE, { threads: 1 });
    await bench.reaches(job.id, "Failed");
    expect(await bench.states(job.id)).toEqual(["Enqueued", "Processing", "Failed"]);
    expect((await bench.client(jobs).get(job.id))?.history.at(-1)).toMatchObject({
      error: { code: "FL_PAYLOAD_CORRUPT" },
    });
  });

  test("a job of a name that it does not know is parked, and costs nothing", async () => {
    await using bench = await open();
    const client = bench.client(defineJobs({ stranger: async () => {} }));
    const server = await bench.serve(MODULE, { threads: 1 });
    const parked: string[] = [];
    server.on("parked", ({ name }) => parked.push(name));
    const id = await client.enqueue((j) => j.stranger());
    await expect.poll(async () => (await client.get(id))?.waitingFor, SOON).toBe("unknown");
    expect(await client.get(id)).toMatchObject({ state: "Enqueued", attempt: 1, crashes: 0 });
    expect(parked).toEqual(["stranger"]);
  });

  test("a job runs under a former name", async () => {
    await using bench = await open();
    const client = bench.client(defineJobs({ sum: async (a: number, b: number) => a + b }));
    await bench.serve(MODULE, { threads: 1 });
    const id = await client.enqueue((j) => j.sum(3, 4));
    expect(await client.result(id, { timeout: "10s" })).toBe(7);
  });
});
