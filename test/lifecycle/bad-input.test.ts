import { DatabaseSync } from "node:sqlite";
import { defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { newJob } from "../../src/testing/contract/builders.ts";
import { SOON, STORAGES, Workbench } from "./workbench.ts";

const refuse = (): never => {
  throw new Error("refused");
};
const thrown: Record<string, unknown> = {
  null: null,
  undefined: undefined,
  "a string": "out of paper",
  "a stack of 1 MB": Object.assign(new Error("deep"), { stack: "at somewhere\n".repeat(80_000) }),
  "a message of 1 MB": new Error("m".repeat(1_000_000)),
  "a proxy that refuses everything": new Proxy({}, { get: refuse, getPrototypeOf: refuse, ownKeys: refuse }),
  "an error with itself as cause": circular(),
};

function circular(): Error {
  const error = new Error("round and round");
  error.cause = error;
  return error;
}

describe.each(STORAGES)("on %s", (_, open) => {
  test.each(Object.keys(thrown))(
    "a job that throws %s fails with a bounded record, and the server lives",
    async (what) => {
      await using bench = await open();
      const jobs = defineJobs(
        {
          fail: async () => {
            throw thrown[what];
          },
          fine: async () => "fine",
        },
        { fail: { retry: { retries: 1, delays: ["0ms"] } } },
      );
      const client = bench.client(jobs);
      await bench.serve(jobs, { workerCount: 1 });
      const id = await client.enqueue((j) => j.fail());
      await bench.reaches(id, "Failed");
      expect(await bench.states(id)).toEqual([
        "Enqueued",
        "Processing",
        "Failed",
        "Enqueued",
        "Processing",
        "Failed",
      ]);
      const [row] = await bench.storage.get([id]);
      expect((row?.history.length ?? 0) + (row?.entry.length ?? 0)).toBeLessThan(60_000);
      expect(await client.result(await client.enqueue((j) => j.fine()), { timeout: "10s" })).toBe("fine");
    },
  );

  test.each<[string, string]>([
    ["no JSON", "{nonsense"],
    ["JSON that is no list", '"text"'],
    ["an envelope of a version to come", '{"v":2,"json":[1]}'],
    ["an envelope that lies about its types", '{"v":1,"json":[1],"meta":{"values":{"0":["Nothing"]},"v":1}}'],
    ["a placeholder that stands where nothing is", '{"v":1,"json":[null],"fill":[[[9,"a"],"id"]]}'],
    ["nothing", ""],
    ["a megabyte of nonsense", "x".repeat(1_000_000)],
  ])(
    "arguments that are %s fail the job at once, with a bounded message and no retry",
    async (_text, args) => {
      await using bench = await open();
      let runs = 0;
      const jobs = defineJobs({ work: async () => void runs++ });
      const job = newJob({ name: "work", args });
      await bench.storage.insert([job]);
      await bench.serve(jobs);
      await bench.reaches(job.id, "Failed");
      const details = await bench.client(jobs).get(job.id);
      expect(details?.history.at(-1)).toMatchObject({
        reason: "Its stored arguments cannot be read",
        error: { code: "FL_PAYLOAD_CORRUPT" },
      });
      expect(await bench.states(job.id)).toEqual(["Enqueued", "Processing", "Failed"]);
      expect(details?.arguments).toBeNull();
      expect(JSON.stringify(details?.history).length).toBeLessThan(10_000);
      expect(runs).toBe(0);
    },
  );

  test("a listener that throws, or rejects, changes nothing", async () => {
    await using bench = await open();
    const jobs = defineJobs({ tick: async () => "done" });
    const client = bench.client(jobs);
    const server = await bench.serve(jobs);
    server.on("succeeded", () => refuse());
    server.on("succeeded", async () => refuse());
    const id = await client.enqueue((j) => j.tick());
    expect(await client.result(id, { timeout: "10s" })).toBe("done");
    await expect.poll(() => bench.logger.texts("error", 'listener of "succeeded"').length, SOON).toBe(2);
  });
});

test("an outcome that the engine refuses fails the job visibly", async () => {
  await using bench = await Workbench.onSqlite();
  const jobs = defineJobs({ give: async (text: string) => text });
  const client = bench.client(jobs);
  await bench.storage.ready;
  const database = new DatabaseSync(bench.file);
  database.exec(`CREATE TRIGGER refuse BEFORE UPDATE ON firelater_job WHEN NEW.entry LIKE '%odd%'
    BEGIN SELECT RAISE(ABORT, 'too odd'); END`);
  database.close();
  await bench.serve(jobs);
  const ids = await client.enqueueMany((j) => ["fine", "odd", "well"].map((text) => j.give(text)));
  await bench.reaches(ids[1] ?? "", "Failed");
  const job = await client.get(ids[1] ?? "");
  expect(job?.history.at(-1)).toMatchObject({ reason: "The storage refused the outcome of the run" });
  expect(await client.result(ids[0] ?? "")).toBe("fine");
  expect(await client.result(ids[2] ?? "")).toBe("well");
});
