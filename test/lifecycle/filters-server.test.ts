import { AsyncLocalStorage } from "node:async_hooks";
import { currentJob, defineJobs, type JobFilter, type JobSet } from "firelater";
import { describe, expect, test } from "vitest";
import { SOON, STORAGES } from "./workbench.ts";

const thrown = new RangeError("out of paper");

/** Jobs that write down their runs; those of `fail` throw. */
function printing(log: string[], filters: readonly JobFilter[] = []) {
  return defineJobs(
    {
      print: (page: number) => {
        log.push(`print ${page}`);
        return page * 2;
      },
      fail: () => {
        log.push("fail");
        throw thrown;
      },
    },
    { "*": { filters, retry: { retries: 1, delays: ["0ms"] } } },
  );
}

/** A filter that writes down what it is asked around a run. */
function told(log: string[], name: string, over: Partial<JobFilter> = {}): JobFilter {
  return {
    name,
    onPerforming: () => void log.push(`${name} performing`),
    onPerformed: ({ result, error, cancelled }) =>
      void log.push(
        `${name} performed ${cancelled ? "cancelled" : error instanceof Error ? error.message : result}`,
      ),
    ...over,
  };
}

describe.each(STORAGES)("filters around a run, on %s", (_, open) => {
  test("nest, those of the server outside those of all jobs", async () => {
    await using bench = await open();
    const log: string[] = [];
    const jobs = printing(log, [told(log, "all")]);
    await bench.serve(jobs, { filters: [told(log, "server"), told(log, "first", { order: -1 })] });
    const client = bench.client(jobs);
    expect(await client.result(await client.enqueue((j) => j.print(3)), { timeout: "10s" })).toBe(6);
    expect(log).toEqual([
      "first performing",
      "server performing",
      "all performing",
      "print 3",
      "all performed 6",
      "server performed 6",
      "first performed 6",
    ]);
  });

  test("that cancel make the job Deleted without a run; those further out are told", async () => {
    await using bench = await open();
    const log: string[] = [];
    const jobs = printing(log, [told(log, "inner")]);
    const gate: JobFilter = { name: "office hours", onPerforming: ({ cancel }) => cancel("closed") };
    const server = await bench.serve(jobs, { filters: [told(log, "outer"), gate] });
    const deleted: string[] = [];
    server.on("deleted", ({ error }) => deleted.push(error));
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.print(3));
    await bench.reaches(id, "Deleted");
    const reason = 'Cancelled by the filter "office hours": closed';
    expect((await client.get(id))?.history).toMatchObject([
      { state: "Enqueued" },
      { state: "Processing" },
      { state: "Deleted", reason },
    ]);
    expect(log).toEqual(["outer performing", "outer performed cancelled"]);
    await expect.poll(() => deleted, SOON).toEqual([reason]);
  });

  test("that throw before the run spend an attempt, and the job is retried", async () => {
    await using bench = await open();
    const log: string[] = [];
    const jobs = printing(log);
    const gate: JobFilter = {
      onPerforming: ({ attempt }) => {
        if (attempt === 1) throw thrown;
      },
    };
    await bench.serve(jobs, { filters: [told(log, "outer"), gate, told(log, "inner")] });
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.print(3));
    expect(await client.result(id, { timeout: "10s" })).toBe(6);
    expect(log.slice(0, 3)).toEqual(["outer performing", "outer performed out of paper", "outer performing"]);
    expect(await bench.states(id)).toEqual([
      "Enqueued",
      "Processing",
      "Failed",
      "Enqueued",
      "Processing",
      "Succeeded",
    ]);
  });

  test("that throw after the run make a failure of a success", async () => {
    await using bench = await open();
    const log: string[] = [];
    const jobs = printing(log);
    await bench.serve(jobs, {
      filters: [
        {
          onPerformed: () => {
            throw thrown;
          },
        },
      ],
    });
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.print(3));
    await bench.reaches(id, "Failed");
    expect(log).toEqual(["print 3", "print 3"]);
    expect((await client.get(id))?.history.at(-1)).toMatchObject({ error: { message: "out of paper" } });
  });

  test("hold what the job needs while it runs, each its own", async () => {
    await using bench = await open();
    const tenants = new AsyncLocalStorage<string>();
    const jobs = defineJobs(
      {
        async whose(): Promise<string | undefined> {
          await new Promise(setImmediate);
          return tenants.getStore();
        },
      },
      {
        whose: {
          filters: [
            { aroundPerform: ({ job }, next) => tenants.run(`${job.parameters.get("tenant")}`, next) },
          ],
        },
      },
    );
    await bench.serve(jobs);
    const client = bench.client(jobs);
    const names = ["acme", "umbrella", "initech"];
    const ids = await Promise.all(
      names.map((tenant) => client.enqueue((j) => j.whose(), { parameters: { tenant } })),
    );
    expect(await Promise.all(ids.map((id) => client.result(id, { timeout: "10s" })))).toEqual(names);
  });

  test("know the run: currentJob with its log and parameters", async () => {
    await using bench = await open();
    const jobs = printing([]);
    await bench.serve(jobs, {
      filters: [
        {
          onPerforming: ({ job, attempt }) => {
            currentJob().log(`${job.name} of ${currentJob().name}, attempt ${attempt}`);
            currentJob().parameters.set("seen", job.arguments);
          },
        },
      ],
    });
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.print(3));
    await client.result(id, { timeout: "10s" });
    const job = await client.get(id);
    expect(job?.logs).toMatchObject([{ text: "print of print, attempt 1" }]);
    expect(job?.parameters).toEqual({ seen: [3] });
  });
});

describe.each(STORAGES)("exception filters, on %s", (_, open) => {
  test("make a success of what they handle, with the result that they give", async () => {
    await using bench = await open();
    const log: string[] = [];
    const jobs = printing(log);
    await bench.serve(jobs, { filters: [{ onServerException: ({ error, handle }) => handle(`${error}`) }] });
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.fail());
    expect(await client.result(id, { timeout: "10s" })).toBe("RangeError: out of paper");
    expect(await client.get(id)).toMatchObject({ state: "Succeeded", attempt: 1 });
    expect(log).toEqual(["fail"]);
  });

  test("that throw leave the error that they were told of; the log of the server says so", async () => {
    await using bench = await open();
    const jobs = printing([]);
    const report: JobFilter = {
      name: "report",
      onServerException: () => Promise.reject(new Error("sink down")),
    };
    await bench.serve(jobs, { filters: [report] });
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.fail());
    await bench.reaches(id, "Failed");
    expect((await client.get(id))?.history.at(-1)).toMatchObject({ error: { message: "out of paper" } });
    expect(
      bench.logger.texts("error", `the filter "report" threw when it was told of the error of job ${id}`),
    ).toHaveLength(2);
  });

  test("hear of a timeout, also of a job that does not heed its signal", async () => {
    await using bench = await open();
    const told: unknown[] = [];
    const jobs = defineJobs(
      { hang: () => new Promise<void>(() => {}) },
      { hang: { timeout: "50ms", retry: false } },
    );
    await bench.serve(jobs, {
      filters: [{ onServerException: ({ error }) => void told.push(Reflect.get(Object(error), "code")) }],
    });
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.hang());
    await bench.reaches(id, "Failed");
    expect(told).toEqual(["FL_JOB_TIMEOUT"]);
  });

  /** A run that waits until it is asked to end, and what the filters of its server are asked then. */
  async function interrupted(
    bench: Awaited<ReturnType<typeof open>>,
    interrupt: (id: string, server: Awaited<ReturnType<typeof bench.serve>>) => Promise<unknown>,
  ): Promise<{ asked: string[]; id: string }> {
    const asked: string[] = [];
    const begun = Promise.withResolvers<void>();
    const jobs: JobSet = defineJobs({
      wait: () =>
        new Promise((_, reject) => {
          const { signal } = currentJob();
          signal.addEventListener("abort", () => reject(signal.reason));
          begun.resolve();
        }),
    });
    const server = await bench.serve(jobs, {
      filters: [
        {
          onPerformed: ({ error }) => void asked.push(`performed ${Reflect.get(Object(error), "code")}`),
          onServerException: () => void asked.push("exception"),
          onStateElection: ({ candidate }) => void asked.push(`election of ${candidate.state}`),
        },
      ],
    });
    const client = bench.client(defineJobs({ wait: () => {} }));
    const id = await client.enqueue((j) => j.wait());
    await begun.promise;
    await interrupt(id, server);
    await expect.poll(() => asked.length, SOON).toBeGreaterThan(1);
    return { asked, id };
  }

  test("are not asked for a run that ends because its server stops; it goes back as it came", async () => {
    await using bench = await open();
    const { asked, id } = await interrupted(bench, (_, server) => server.stop());
    expect(asked).toEqual(["election of Processing", "performed FL_SERVER_STOPPING"]);
    expect(await bench.state(id)).toBe("Enqueued");
  });

  test("are not asked for a run whose job was deleted", async () => {
    await using bench = await open();
    const { asked, id } = await interrupted(bench, (id) => bench.client(defineJobs({})).delete(id));
    await expect.poll(() => bench.logger.texts("warn", "was not accepted").length, SOON).toBe(1);
    expect(asked).toEqual(["election of Processing", "performed FL_JOB_CANCELLED"]);
    expect(await bench.state(id)).toBe("Deleted");
  });
});
