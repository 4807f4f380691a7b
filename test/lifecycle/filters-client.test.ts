import { defineJobs, type JobFilter } from "firelater";
import { describe, expect, test } from "vitest";
import { STORAGES } from "./workbench.ts";

const jobs = defineJobs({ mail: { send: (_: string) => {} } }, { mail: { send: { tags: ["mail"] } } });
const NOBODY = "00000000-0000-7000-8000-000000000000";

/** A filter that writes down what it is asked while a job is stored. */
function told(log: string[], name: string): JobFilter {
  return {
    name,
    onCreating: () => void log.push(`${name} creating`),
    onCreated: ({ existed, cancelled, error }) => {
      const how = error instanceof Error ? error.name : "stored";
      log.push(`${name} created: ${existed ? "existed" : cancelled ? "cancelled" : how}`);
    },
    onClientException: ({ error }) =>
      void log.push(`${name} exception: ${error instanceof Error ? error.name : error}`),
  };
}

describe.each(STORAGES)("filters of a client, on %s", (_, open) => {
  test("change what is stored: queue, priority, name, tags and parameters", async () => {
    await using bench = await open();
    const client = bench.filtering(jobs, {
      onCreating({ job, setQueue, setPriority, setDisplayName, addTag }) {
        setQueue("slow");
        setPriority(job.priority + 5);
        setDisplayName(`Mail to ${job.arguments[0]}`);
        addTag("filtered");
        job.parameters.set("tenant", { id: 7 });
      },
    });
    const id = await client.enqueue((j) => j.mail.send("ann"), { priority: 1 });
    expect(await client.get(id)).toMatchObject({
      queue: "slow",
      priority: 6,
      displayName: "Mail to ann",
      tags: ["mail", "filtered"],
      parameters: { tenant: { id: 7 } },
    });
  });

  test("nest, also around delays, times and continuations", async () => {
    await using bench = await open();
    const log: string[] = [];
    const client = bench.filtering(jobs, told(log, "outer"), told(log, "inner"));
    const calls = [
      () => client.enqueue((j) => j.mail.send("a")),
      () => client.delay((j) => j.mail.send("b"), "1h"),
      () => client.schedule((j) => j.mail.send("c"), new Date()),
      async () =>
        client.continueWith(await bench.client(jobs).enqueue((j) => j.mail.send("p")), (j) =>
          j.mail.send("d"),
        ),
    ];
    for (const call of calls) {
      log.length = 0;
      await call();
      expect(log).toEqual([
        "outer creating",
        "inner creating",
        "inner created: stored",
        "outer created: stored",
      ]);
    }
  });

  test("that cancel keep the job from being stored, and the call says so", async () => {
    await using bench = await open();
    const log: string[] = [];
    const gate: JobFilter = { name: "quota", onCreating: ({ cancel }) => cancel("no mail left today") };
    const client = bench.filtering(jobs, told(log, "outer"), gate, told(log, "inner"));
    await expect(client.enqueue((j) => j.mail.send("a"))).rejects.toMatchObject({
      code: "FL_ENQUEUE_CANCELLED",
      reason: "no mail left today",
      message: expect.stringContaining('The filter "quota" has cancelled'),
    });
    expect(log).toEqual(["outer creating", "outer created: cancelled"]);
    expect((await bench.storage.counts()).Enqueued).toBe(0);
  });

  test("see whether the job was there before", async () => {
    await using bench = await open();
    const log: string[] = [];
    const client = bench.filtering(jobs, told(log, "one"));
    const id = "0198d3a4-0000-7000-8000-000000000001";
    await client.enqueue((j) => j.mail.send("a"), { id });
    expect(await client.enqueue((j) => j.mail.send("a"), { id })).toBe(id);
    expect(log.filter((line) => line.includes("created"))).toEqual([
      "one created: stored",
      "one created: existed",
    ]);
  });

  test("are told of a storage that fails and of a parent that is missing", async () => {
    await using bench = await open();
    const log: string[] = [];
    const client = bench.filtering(jobs, told(log, "outer"), told(log, "inner"));
    bench.broken.fail("insert");
    await expect(client.enqueue((j) => j.mail.send("a"))).rejects.toMatchObject({
      code: "FL_STORAGE_FAILED",
    });
    await expect(client.continueWith(NOBODY, (j) => j.mail.send("a"))).rejects.toMatchObject({
      code: "FL_PARENT_NOT_FOUND",
    });
    const course = (error: string) => [
      "outer creating",
      "inner creating",
      `inner created: ${error}`,
      `outer created: ${error}`,
      `inner exception: ${error}`,
      `outer exception: ${error}`,
    ];
    expect(log).toEqual([...course("StorageFailedError"), ...course("ParentNotFoundError")]);
  });

  test("that throw before the job is stored make the call reject with what they threw", async () => {
    await using bench = await open();
    const thrown = new RangeError("no tenant");
    const log: string[] = [];
    const client = bench.filtering(jobs, told(log, "outer"), {
      onCreating: () => {
        throw thrown;
      },
    });
    await expect(client.enqueue((j) => j.mail.send("a"))).rejects.toBe(thrown);
    expect(log).toEqual(["outer creating", "outer created: RangeError", "outer exception: RangeError"]);
    expect((await bench.storage.counts()).Enqueued).toBe(0);
  });

  test("that throw after the job was stored do not make its caller store it again", async () => {
    await using bench = await open();
    const client = bench.filtering(jobs, {
      name: "audit",
      onCreated: () => Promise.reject(new Error("disk full")),
    });
    const id = await client.enqueue((j) => j.mail.send("a"));
    expect(await bench.state(id)).toBe("Enqueued");
    expect(
      bench.logger.texts("error", `the filter "audit" threw when it was told of job ${id}`),
    ).toHaveLength(1);
  });

  test("elect the first state: the history says what it stands for", async () => {
    await using bench = await open();
    const client = bench.filtering(jobs, {
      onStateElection: ({ from, candidate, elect }) => {
        if (from === null && candidate.state === "Enqueued")
          elect({ state: "Scheduled", delay: "1h", queue: "night", reason: "not by day" });
      },
    });
    const job = await client.get(await client.enqueue((j) => j.mail.send("a")));
    expect(job).toMatchObject({ state: "Scheduled", queue: "night", waitingFor: "due" });
    expect(job?.history).toMatchObject([{ state: "Scheduled", reason: "not by day", insteadOf: "Enqueued" }]);
    expect(Number(job?.dueAt) - Number(job?.createdAt)).toBe(3_600_000);
  });

  test("elect no state that only a run ends in", async () => {
    await using bench = await open();
    const client = bench.filtering(jobs, { onStateElection: ({ elect }) => elect({ state: "Succeeded" }) });
    await expect(client.enqueue((j) => j.mail.send("a"))).rejects.toMatchObject({
      code: "FL_ILLEGAL_TRANSITION",
    });
    expect(await bench.storage.counts()).toMatchObject({ Enqueued: 0, Succeeded: 0 });
  });
});

describe.each(STORAGES)("filters around enqueueMany, on %s", (_, open) => {
  test("see each of its jobs, which are stored in one write", async () => {
    await using bench = await open();
    const client = bench.filtering(jobs, {
      onCreating: async ({ job, addTag }) => {
        await new Promise(setImmediate);
        addTag(`to ${job.arguments[0]}`);
      },
    });
    const ids = await client.enqueueMany((j) => ["ann", "ben", "cem"].map((to) => j.mail.send(to)));
    expect((await bench.storage.get(ids)).map(({ tags }) => tags[1]).sort()).toEqual([
      "to ann",
      "to ben",
      "to cem",
    ]);
    const arguments_ = await Promise.all(ids.map(async (id) => (await client.get(id))?.arguments?.[0]));
    expect(arguments_).toEqual(["ann", "ben", "cem"]);
    expect(bench.broken.calls.get("insert")).toBe(1);
  });

  test("that cancel one of them keep all of the chunk from being stored, and every filter is told", async () => {
    await using bench = await open();
    const ended: string[] = [];
    const client = bench.filtering(jobs, {
      name: "quota",
      onCreating: ({ job, cancel }) => {
        if (job.arguments[0] === "ben") cancel();
      },
      onCreated: async ({ job, error }) => {
        await new Promise(setImmediate);
        ended.push(`${job.arguments[0]}: ${error instanceof Error ? error.name : "stored"}`);
      },
    });
    const stored = client.enqueueMany((j) => ["ann", "ben", "cem"].map((to) => j.mail.send(to)));
    await expect(stored).rejects.toMatchObject({ code: "FL_ENQUEUE_CANCELLED" });
    expect(ended).toEqual(["ann: EnqueueCancelledError", "cem: EnqueueCancelledError"]);
    expect((await bench.storage.counts()).Enqueued).toBe(0);
  });

  test("leave the chunks before the one that did not come", async () => {
    await using bench = await open();
    const { maxRows } = bench.storage.manifest;
    const client = bench.filtering(jobs, {
      onCreating: ({ job, cancel }) => {
        if (job.arguments[0] === "last") cancel();
      },
    });
    const stored = client.enqueueMany(function* (j) {
      for (let n = 0; n < maxRows; n++) yield j.mail.send(String(n));
      yield j.mail.send("last");
    });
    await expect(stored).rejects.toMatchObject({ code: "FL_ENQUEUE_CANCELLED" });
    expect((await bench.storage.counts()).Enqueued).toBe(maxRows);
  });
});
