import { Cron, defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { STORAGES, Workbench } from "./workbench.ts";

const jobs = defineJobs({ mail: { digest: async (_: string) => {} } });

/** Definitions of these names. */
function named(...ids: readonly string[]) {
  return Object.fromEntries(ids.map((id) => [id, digest("x")]));
}

function digest(text: string, cron = Cron.hourly()) {
  const call = (j: { mail: { digest: ReturnType<typeof recorded> } }) => j.mail.digest(text);
  return { call, cron };
}
declare function recorded(): never;

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
    expect(await recurring.sync({})).toEqual({ added: [], updated: [], unchanged: [], removed: ["a", "b", "c"] });
    expect((await recurring.list()).map(({ id, set }) => [id, set])).toEqual([
      ["other", "other"],
      ["single", null],
    ]);
  });
});
