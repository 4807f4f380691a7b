import { currentJob, defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { SOON, STORAGES } from "./workbench.ts";

describe.each(STORAGES)("parameters that a run sets, on %s", (_, open) => {
  test("are there in its next attempt, and changes of a run that failed stay", async () => {
    await using bench = await open();
    const jobs = defineJobs(
      {
        import: () => {
          const { parameters, attempt } = currentJob();
          const from = Number(parameters.get("cursor") ?? 0);
          parameters.set("cursor", from + 10);
          if (attempt < 3) throw new Error("cut short");
          return from;
        },
      },
      { import: { retry: { delays: ["0ms"] } } },
    );
    await bench.serve(jobs);
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.import(), { parameters: { cursor: 5 } });
    expect(await client.result(id, { timeout: "10s" })).toBe(25);
    expect((await client.get(id))?.parameters).toEqual({ cursor: 35 });
  });

  test("are stored while it runs, so that a crash does not lose them", async () => {
    await using bench = await open();
    const goOn = Promise.withResolvers<void>();
    const jobs = defineJobs({
      import: async () => {
        currentJob().parameters.set("cursor", 1);
        await goOn.promise;
        currentJob().parameters.delete("cursor");
      },
    });
    await bench.serve(jobs);
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.import());
    await expect.poll(async () => (await client.get(id))?.parameters, SOON).toEqual({ cursor: 1 });
    expect(await bench.state(id)).toBe("Processing");
    goOn.resolve();
    await client.result(id, { timeout: "10s" });
    expect((await client.get(id))?.parameters).toEqual({});
  });

  test("come with its end in one write where it ends at once", async () => {
    await using bench = await open();
    const jobs = defineJobs({ note: () => currentJob().parameters.set("a", 1) });
    await bench.serve(jobs);
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.note());
    await client.result(id, { timeout: "10s" });
    expect((await client.get(id))?.parameters).toEqual({ a: 1 });
    expect(bench.broken.calls.get("append") ?? 0).toBe(0);
  });

  test("that cannot be stored fail the run", async () => {
    await using bench = await open();
    const jobs = defineJobs(
      { note: () => currentJob().parameters.set("a", () => 1) },
      { note: { retry: false } },
    );
    await bench.serve(jobs);
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.note());
    await bench.reaches(id, "Failed");
    expect((await client.get(id))?.history.at(-1)).toMatchObject({ error: { code: "FL_INVALID_PARAMETER" } });
  });
});
