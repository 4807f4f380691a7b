import { defineJobs, type ElectedState, type JobFilter } from "firelater";
import { describe, expect, test } from "vitest";
import { STORAGES } from "./workbench.ts";

const jobs = defineJobs({ work: () => "done" });

/** A filter of a client that elects where a stored job would enter `state`. */
function where(state: string, elected: ElectedState): JobFilter {
  return {
    onStateElection: ({ from, candidate, elect }) => {
      if (from !== null && candidate.state === state) elect(elected);
    },
  };
}

describe.each(STORAGES)("what a client wants of a stored job, on %s", (_, open) => {
  test("is asked of its filters: another state may be elected, and then it was not applied", async () => {
    await using bench = await open();
    const client = bench.filtering(
      jobs,
      where("Deleted", { state: "Scheduled", delay: "1h", reason: "it is needed" }),
      where("Enqueued", { state: "Deleted", reason: "it is not needed" }),
    );
    const kept = await client.enqueue((j) => j.work());
    expect(await client.delete(kept)).toBe(false);
    expect((await client.get(kept))?.history).toMatchObject([
      { state: "Enqueued" },
      { state: "Deleted", reason: "Deleted by a client" },
      { state: "Scheduled", reason: "it is needed" },
    ]);
    const dropped = await client.enqueue((j) => j.work());
    expect(await client.requeue(dropped)).toBe(false);
    expect(await bench.states(dropped)).toEqual(["Enqueued", "Enqueued", "Deleted"]);
  });

  test("is applied where they elect the same state in another way, or nothing", async () => {
    await using bench = await open();
    const client = bench.filtering(jobs, where("Enqueued", { state: "Enqueued", queue: "again" }));
    const id = await client.enqueue((j) => j.work());
    expect(await client.requeue(id)).toBe(true);
    expect(await client.get(id)).toMatchObject({ state: "Enqueued", queue: "again" });
    expect(await client.reschedule(id, "1h")).toBe(true);
    expect(await client.delete(id)).toBe(true);
    expect(await client.delete("00000000-0000-7000-8000-000000000000")).toBe(false);
  });

  test("is refused where they elect what the job cannot become; nothing is written", async () => {
    await using bench = await open();
    for (const elected of [{ state: "Succeeded" }, { state: "Failed", error: "no" }] as const) {
      const client = bench.filtering(jobs, where("Deleted", elected));
      const id = await client.enqueue((j) => j.work());
      await expect(client.delete(id)).rejects.toMatchObject({ code: "FL_ILLEGAL_TRANSITION" });
      expect(await bench.states(id)).toEqual(["Enqueued"]);
    }
  });

  test("rejects with what a filter throws; nothing is written", async () => {
    await using bench = await open();
    const thrown = new RangeError("no permission");
    const client = bench.filtering(jobs, {
      onStateApplied: ({ from }) => (from === null ? undefined : Promise.reject(thrown)),
    });
    const id = await client.enqueue((j) => j.work());
    await expect(client.requeue(id)).rejects.toBe(thrown);
    expect(await bench.states(id)).toEqual(["Enqueued"]);
  });

  test("is decided anew when the job was changed meanwhile", async () => {
    await using bench = await open();
    const seen: string[] = [];
    const meddler = bench.client(jobs);
    const client = bench.filtering(jobs, {
      onStateElection: async ({ job, from, candidate }) => {
        if (from === null) return;
        seen.push(`${from} → ${candidate.state}`);
        if (seen.length === 1) await meddler.reschedule(job.id, "1h");
      },
    });
    const id = await client.enqueue((j) => j.work());
    expect(await client.delete(id)).toBe(true);
    expect(seen).toEqual(["Enqueued → Deleted", "Scheduled → Deleted"]);
    expect(await bench.states(id)).toEqual(["Enqueued", "Scheduled", "Deleted"]);
  });

  test("may leave parameters behind, in the same write", async () => {
    await using bench = await open();
    const client = bench.filtering(jobs, {
      onStateElection: ({ job, from }) => {
        if (from !== null) job.parameters.set("by", "ann");
      },
    });
    const id = await client.enqueue((j) => j.work(), { parameters: { tenant: "acme" } });
    await client.delete(id);
    expect((await client.get(id))?.parameters).toEqual({ tenant: "acme", by: "ann" });
  });
});

describe.each(STORAGES)("onStateApplied, on %s", (_, open) => {
  test("tells the whole course of a job, as far as a client or a run decides it", async () => {
    await using bench = await open();
    const told: string[] = [];
    const watch: JobFilter = {
      onStateApplied: ({ from, to, traversed }) =>
        void told.push(`${from} → ${[...traversed.map(({ state }) => state), to.state].join(", ")}`),
    };
    let runs = 0;
    const watched = defineJobs(
      {
        work: () => {
          if (++runs === 1) throw new Error("once");
        },
      },
      { work: { filters: [watch], retry: { delays: ["1ms"] } } },
    );
    const client = bench.client(watched);
    await bench.serve(watched);
    const id = await client.enqueue((j) => j.work());
    await client.result(id, { timeout: "10s" });
    await client.delete(id);
    expect(told).toEqual([
      "null → Enqueued",
      // That its time has come is the storage's own move.
      "Processing → Failed, Scheduled",
      "Processing → Succeeded",
      "Succeeded → Deleted",
    ]);
  });
});
