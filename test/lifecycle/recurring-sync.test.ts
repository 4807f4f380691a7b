import { Cron, defineJobs, InvalidCronError, type RecurringDefinition } from "firelater";
import { describe, expect, test } from "vitest";
import { STORAGES, Workbench } from "./workbench.ts";

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
    const error: unknown = await recurring.sync({ b: digest("x"), c: wrong }).catch((reason) => reason);
    expect(error).toMatchObject({
      code: "FL_INVALID_CRON",
      message: expect.stringMatching(/^In the definition of "c": .*at tea time/),
      stack: expect.stringContaining('In the definition of "c": '),
    });
    expect(error).toBeInstanceOf(InvalidCronError);
    expect((await recurring.list()).map(({ id }) => id)).toEqual(["a"]);
  });
});

test("sync names the definition at fault, whatever is wrong with it", async () => {
  await using bench = Workbench.inMemory();
  const recurring = bench.recurring(jobs);
  const faults: Record<string, object> = {
    options: { ...digest("x"), timezone: "Europe/Paris" },
    zone: { ...digest("x"), timeZone: "Europe/Pariss" },
    queue: { ...digest("x"), queue: "Not a queue" },
    "no call": { call: () => 5, cron: Cron.hourly() },
    argument: {
      call: (j: { mail: { digest: (text: unknown) => unknown } }) => j.mail.digest(() => {}),
      cron: "@hourly",
    },
  };
  for (const [name, definition] of Object.entries(faults)) {
    const sync = async () =>
      await Reflect.apply(recurring.sync, recurring, [{ fine: digest("x"), [name]: definition }]);
    await expect(sync(), name).rejects.toMatchObject({
      code: expect.stringMatching(/^FL_/),
      message: expect.stringContaining(`In the definition of "${name}": `),
    });
  }
  const foreign = new Error("of the application");
  const thrown = recurring.sync({
    a: {
      call: () => {
        throw foreign;
      },
      cron: "@hourly",
    },
  });
  await expect(thrown).rejects.toBe(foreign);
  expect(foreign.message).toBe("of the application");
});
