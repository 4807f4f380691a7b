import { BackgroundJobServer } from "firelater";
import { describe, expect, test } from "vitest";
import { jobs } from "./programs/threaded-filters.ts";
import { STORAGES, Workbench } from "./workbench.ts";

const MODULE = new URL("./programs/threaded-filters.ts", import.meta.url);

describe.each(STORAGES)("filters in threads, on %s", (_, open) => {
  test("are those that the module exports and those of its jobs, asked where the job runs", async () => {
    await using bench = await open();
    await bench.serve(MODULE, { threads: 1 });
    const client = bench.client(jobs);
    const id = await client.enqueue((j) => j.work.run("place"), { parameters: { tenant: "acme" } });
    expect(await client.result(id, { timeout: "20s" })).toBe("thread");
    expect(await client.get(id)).toMatchObject({
      parameters: { tenant: "acme", "performed in": "thread" },
      logs: [{ text: "went well" }],
    });
  });

  test("cancel, handle and elect as they do elsewhere", async () => {
    await using bench = await open();
    await bench.serve(MODULE, { threads: 2 });
    const client = bench.client(jobs);
    const [closed = "", handled = "", unwanted = "", failed = ""] = await client.enqueueMany((j) =>
      ["closed", "range", "unwanted", "error"].map((what) => j.work.run(what)),
    );
    expect(await client.result(handled, { timeout: "20s" })).toBe("handled: out of paper");
    await bench.reaches(closed, "Deleted");
    await bench.reaches(unwanted, "Deleted");
    await bench.reaches(failed, "Failed");
    expect((await client.get(closed))?.history.at(-1)).toMatchObject({
      reason: 'Cancelled by the filter "closed": until tomorrow',
    });
    expect(await bench.states(unwanted)).toEqual(["Enqueued", "Processing", "Succeeded", "Deleted"]);
    expect((await client.get(failed))?.logs).toMatchObject([{ text: "no route" }]);
  });

  test("that throw when they are told of an error are logged, with where they threw", async () => {
    await using bench = await open();
    await bench.serve(MODULE, { threads: 1 });
    const client = bench.client(jobs);
    await bench.reaches(await client.enqueue((j) => j.work.run("sink")), "Failed");
    const { details } =
      bench.logger.lines.find(({ text }) => text.includes('the filter "closed" threw')) ?? {};
    expect(details).toMatchObject([
      { message: "the sink is down", stack: expect.stringContaining("threaded-filters.ts") },
    ]);
  });
});

test("filters beside a module are refused: they could not come over", () => {
  const bench = Workbench.inMemory();
  const options = { storage: bench.storage, jobs: MODULE, threads: 1, filters: [{ onPerforming() {} }] };
  expect(() => Reflect.construct(BackgroundJobServer, [options])).toThrow(
    expect.objectContaining({
      code: "FL_INVALID_OPTIONS",
      message: expect.stringContaining("the module exports them, beside `jobs`"),
    }),
  );
});
