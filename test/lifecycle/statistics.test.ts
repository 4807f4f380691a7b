import { defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { SOON, STORAGES } from "./workbench.ts";

describe.each(STORAGES)("statistics, on %s", (_, open) => {
  test("count what ended and what was tried again, by hour and by day", async () => {
    await using bench = await open();
    let runs = 0;
    const jobs = defineJobs(
      {
        ok() {},
        flaky() {
          runs++;
          if (runs === 1) throw new Error("not yet");
        },
        broken() {
          throw new Error("never");
        },
      },
      { flaky: { retry: { delays: ["1ms"] } }, broken: { retry: false } },
    );
    const client = bench.client(jobs);
    await bench.serve(jobs);
    await client.enqueueMany((j) => [j.ok(), j.ok(), j.flaky(), j.broken()]);
    await client.delete(await client.delay((j) => j.ok(), "1h"));

    const sum = async (by: "hour" | "day") => {
      // The hour may turn while this runs: then it is two of them.
      const entries = await client.statistics({ by });
      const total = (kind: "succeeded" | "failed" | "deleted" | "retried") =>
        entries.reduce((all, entry) => all + entry[kind], 0);
      return [total("succeeded"), total("failed"), total("deleted"), total("retried")];
    };
    await expect.poll(() => sum("hour"), SOON).toEqual([3, 1, 1, 1]);
    expect(await sum("day")).toEqual([3, 1, 1, 1]);
    const [{ at } = { at: new Date(0) }] = await client.statistics({ by: "day" });
    expect(at.getTime() % 86_400_000).toBe(0);
  });
});
