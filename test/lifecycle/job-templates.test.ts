import { defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { STORAGES } from "./workbench.ts";

const work = (_: unknown) => "done";

describe.each(STORAGES)("what the arguments decide of where a job goes, on %s", (_, open) => {
  const jobs = defineJobs(
    { work },
    { work: { queue: "tenant-{0}", tags: ["tenant {0}", "all"], displayName: "Work for {0}" } },
  );

  test("its queue and its tags are stored with their arguments in place", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.work("acme"));
    expect(await client.get(id)).toMatchObject({ queue: "tenant-acme", tags: ["tenant acme", "all"] });
    await bench.serve(jobs, { queues: ["tenant-acme"] });
    expect(await client.result(id, { timeout: "10s" })).toBe("done");
  });

  test("a queue that they do not make is refused, and nothing is stored", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    for (const argument of ["ACME", "a b", { tenant: 1 }, null, "x".repeat(100)]) {
      await expect(client.enqueue((j) => j.work(argument))).rejects.toMatchObject({
        code: "FL_INVALID_QUEUE",
      });
    }
    const many = client.enqueueMany((j) => [j.work("acme"), j.work("No!")]);
    await expect(many).rejects.toMatchObject({ code: "FL_INVALID_QUEUE" });
    // What is known only when the job runs cannot decide where it waits.
    await expect(client.enqueue((j, job) => j.work(job.id))).rejects.toMatchObject({
      code: "FL_INVALID_QUEUE",
    });
    expect((await bench.storage.counts()).Enqueued).toBe(0);
  });

  test("what the call says stands before the template", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.work("No!"), { queue: "own", tags: ["own", "all"] });
    expect(await client.get(id)).toMatchObject({ queue: "own", tags: ["tenant No!", "all", "own"] });
    await expect(client.enqueue((j) => j.work("acme"), { queue: "tenant-{0}" })).rejects.toMatchObject({
      code: "FL_INVALID_QUEUE",
    });
  });

  test("too many tags, empty ones and those that are no texts are refused", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    for (const tags of [
      Array.from({ length: 19 }, (_, n) => `tag ${n}`),
      [""],
      ["x".repeat(101)],
      [7],
      "a",
    ]) {
      const call = [(j: { work(of: string): unknown }) => j.work("acme"), { tags }];
      await expect(Reflect.apply(client.enqueue, client, call)).rejects.toMatchObject({
        code: "FL_INVALID_OPTIONS",
      });
    }
    expect((await bench.storage.counts()).Enqueued).toBe(0);
  });
});

describe.each(STORAGES)("parameters of a call, on %s", (_, open) => {
  const jobs = defineJobs({ work });

  test("are stored with the job, shown, and found by it; they are shared by the calls of enqueueMany", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.work(1), {
      parameters: { tenant: "acme", tries: [1], none: undefined },
    });
    expect((await client.get(id))?.parameters).toEqual({ tenant: "acme", tries: [1] });
    const [a = "", b = ""] = await client.enqueueMany(
      (j) => [j.work(1), [j.work(2), { parameters: { tenant: "own" } }]],
      { parameters: { tenant: "shared", by: "ann" } },
    );
    expect((await client.get(a))?.parameters).toEqual({ tenant: "shared", by: "ann" });
    expect((await client.get(b))?.parameters).toEqual({ tenant: "own", by: "ann" });
    expect((await client.get(await client.enqueue((j) => j.work(1))))?.parameters).toEqual({});
  });

  test("that no JSON can be made of, or too many, are refused; nothing is stored", async () => {
    await using bench = await open();
    const client = bench.client(jobs);
    for (const parameters of [{ f: () => 1 }, { big: 1n }, { "": 1 }, { long: "x".repeat(20_000) }]) {
      await expect(client.enqueue((j) => j.work(1), { parameters })).rejects.toMatchObject({
        code: "FL_INVALID_PARAMETER",
      });
    }
    expect((await bench.storage.counts()).Enqueued).toBe(0);
  });
});
