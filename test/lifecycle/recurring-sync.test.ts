import { Cron, defineJobs, type RecurringDefinition } from "firelater";
import { describe, expect, test } from "vitest";
import { STORAGES } from "./workbench.ts";

const jobs = defineJobs({ mail: { digest: async (_: string) => {} } });

/** Definitions of these names. */
function named(...ids: readonly string[]): Record<string, RecurringDefinition<typeof jobs>> {
  return Object.fromEntries(ids.map((id) => [id, digest("x")]));
}

function digest(text: string): RecurringDefinition<typeof jobs> {
  return { call: (j) => j.mail.digest(text), cron: Cron.hourly() };
}

describe.each(STORAGES)("sync, on %s", (_, open) => {
  test("makes a set what the code says, and leaves the others alone", async () => {
    await using bench = await open();
    const recurring = bench.recurring(jobs);
    await recurring.addOrUpdate("single", (j) => j.mail.digest("x"), Cron.hourly());
    await recurring.sync(named("other"), { set: "other" });
    expect(await recurring.sync(named("a", "b"))).toEqual({
      added: ["a", "b"],
      updated: [],
      unchanged: [],
      removed: [],
    });
    expect(await recurring.sync({ b: digest("y"), c: digest("x"), a: digest("x") })).toEqual({
      added: ["c"],
      updated: ["b"],
      unchanged: ["a"],
      removed: [],
    });
    expect(await recurring.sync({})).toEqual({
      added: [],
      updated: [],
      unchanged: [],
      removed: ["a", "b", "c"],
    });
    expect((await recurring.list()).map(({ id, set }) => [id, set])).toEqual([
      ["other", "other"],
      ["single", null],
    ]);
  });

  test("checks everything before anything is written", async () => {
    await using bench = await open();
    const recurring = bench.recurring(jobs);
    await recurring.sync(named("a"));
    const wrong = { ...digest("x"), cron: "at tea time" };
    await expect(recurring.sync({ b: digest("x"), c: wrong })).rejects.toMatchObject({
      code: "FL_INVALID_CRON",
    });
    expect((await recurring.list()).map(({ id }) => id)).toEqual(["a"]);
  });
});
