import { defineJobs, type RecurringDefinition, RecurringJobManager } from "firelater";
import { describe, expect, test } from "vitest";
import { STORAGES } from "./workbench.ts";

let realRuns = 0;
const mail = {
  async digest(_: unknown): Promise<void> {
    realRuns++;
  },
};
const jobs = defineJobs({ mail, tidy: () => {} });
type Manager = RecurringJobManager<typeof jobs>;
type Definition = RecurringDefinition<typeof jobs>;
/** What the manager is called with; the compiler refuses most of it, so it is not asked. */
type Call = readonly [method: keyof Manager, ...args: unknown[]];
type Refusal = readonly [what: string, call: Call, code: `FL_${string}`, says: readonly string[]];

const CRON = "0 9 * * *";
const digest: Definition["call"] = (j) => j.mail.digest("x");
const good: Definition = { call: digest, cron: CRON };
const loosely = (call: (j: Record<string, Record<string, (...args: unknown[]) => unknown>>) => unknown) =>
  call;
const circular: unknown[] = [];
circular.push(circular);

const ID_RULE = "Use a text of 1 to 200 printable characters without spaces around it";
const ids: Refusal[] = [
  ["empty", "", '""'],
  ["too long", "x".repeat(201), '"xxx'],
  ["of spaces", "  ", '"  "'],
  ["with a space around", "digest ", '"digest "'],
  ["with a line break", "a\nb", '"a\\nb"'],
  ["with a NUL", "a\0b", '"a\\u0000b"'],
  ["with an escape", "\u001b[31m", '"\\u001b[31m"'],
  ["with a line separator", "a\u2028b", '"a\u2028b"'],
  ["with half a character", "a\ud800", '"a\\ud800"'],
  ["missing", undefined, "undefined"],
  ["a number", 5, "5"],
  ["an object", { id: "x" }, "an object"],
].flatMap(([what, id, shown]): Refusal[] => {
  const says = [`Cannot use ${shown}`, "as the name", ID_RULE];
  const calls: Call[] = [
    ["addOrUpdate", id, digest, CRON],
    ...(["trigger", "pause", "resume", "removeIfExists", "get"] as const).map((method): Call => [method, id]),
    ...(typeof id === "string" ? [["sync", { [id]: good }] as const] : []),
  ];
  return calls.map((call) => [`${call[0]}: a name that is ${what}`, call, "FL_INVALID_RECURRING_ID", says]);
});

const crons: Refusal[] = (
  [
    ["no text", 5, "It is no text", "Pass a text of minute, hour"],
    ["missing", undefined, "It is no text", "Pass a text of minute, hour"],
    ["empty", "", "It has 0 fields, not 5 or 6", "Write minute, hour"],
    ["four fields", "0 9 * *", "It has 4 fields, not 5 or 6", "Write minute, hour"],
    ["seven fields", "0 0 9 * * * 2027", "It has 7 fields", "leave the seventh out"],
    ["tea time", "at tea time", "It has 3 fields", "Write minute, hour"],
    ["of another script", "0 9 * * MON–FRI", 'It holds "–"', "Write letters, digits"],
    ["very long", "0,".repeat(1_000), "It is longer than 1200 characters", "Use ranges and steps"],
    ["an unknown macro", "@dayly", 'There is no "@dayly"', 'Did you mean "@daily"?'],
    ["second", "60 * * * * *", 'The second "60" lies outside 0 to 59', "Write the second as"],
    ["minute", "60 * * * *", 'The minute "60" lies outside 0 to 59', "Write the minute as"],
    ["hour", "0 24 * * *", 'The hour "24" lies outside 0 to 23', "Write the hour as"],
    ["day of month", "0 9 32 * *", 'The day of month "32" lies outside 1 to 31', "Write the day of month as"],
    ["month", "0 9 * 13 *", 'The month "13" lies outside 1 to 12', "Write the month as"],
    ["day of week", "0 9 * * FRY", 'The day of week "FRY" is no number', 'Did you mean "FRI"?'],
    ["a step never taken", "*/90 * * * *", "which is never taken", "Write the minute as"],
    ["an empty term", "1,,2 * * * *", "a comma with nothing on one side", "Write the minute as"],
    ["a day of week as the minute", "? * * * *", 'holds "?"', "Write the minute as"],
  ] as const
).map(([what, cron, why, mend]) => [
  `an expression: ${what}`,
  ["addOrUpdate", "digest", digest, cron],
  "FL_INVALID_CRON",
  ["Cannot read", "as a cron expression", why, mend],
]);

const options: Refusal[] = (
  [
    ["null", null, "INVALID_OPTIONS", ["Cannot use null as the options of the recurring job", "an object"]],
    ["a text", "strict", "INVALID_OPTIONS", ['Cannot use "strict" as the options', "an object"]],
    ["a list", [], "INVALID_OPTIONS", ["Cannot use an array of 0 as the options", "an object"]],
    [
      "a slip",
      { misfires: "strict" },
      "INVALID_OPTIONS",
      ['There is no "misfires"', "Known names", "misfire"],
    ],
    ["an id", { id: "x" }, "INVALID_OPTIONS", ['There is no "id"', "timeZone, misfire, queue, priority"]],
    ["a misfire", { misfire: "twice" }, "INVALID_OPTIONS", ['"twice" as misfire', '"relaxed", "strict" or']],
    ["a null misfire", { misfire: null }, "INVALID_OPTIONS", ["null as misfire", '"ignorable"']],
    ["a zone", { timeZone: "Mars/Olympus" }, "UNKNOWN_TIME_ZONE", ['"Mars/Olympus"', "knows no", "IANA"]],
    ["a city", { timeZone: "Paris" }, "UNKNOWN_TIME_ZONE", ['Did you mean "Europe/Paris"?', "IANA"]],
    ["an offset zone", { timeZone: "" }, "UNKNOWN_TIME_ZONE", ['Cannot use ""', '"UTC"']],
    ["a numeric zone", { timeZone: 1 }, "UNKNOWN_TIME_ZONE", ["Cannot use 1", '"UTC"']],
    ["a queue", { queue: "no queue!" }, "INVALID_QUEUE", ['"no queue!"']],
    ["a priority", { priority: 1.5 }, "INVALID_PRIORITY", ["1.5", "-32767"]],
  ] as const
).map(([what, given, code, says]) => [
  `options: ${what}`,
  ["addOrUpdate", "digest", digest, CRON, given],
  `FL_${code}`,
  says,
]);

const calls: Refusal[] = (
  [
    ["no function", "mail.digest", "NO_CALL", ['got "mail.digest"', "Write it like (j) =>"]],
    ["missing", undefined, "NO_CALL", ["got undefined", "Write it like (j) =>"]],
    ["async", async () => {}, "ASYNC_CALL", ["is async", "captured at once", "Await before it"]],
    ["gives nothing", () => {}, "NO_CALL", ["gave no call", "It returned undefined", "Write it like"]],
    [
      "not returned",
      loosely((j) => void j.mail?.digest?.("x")),
      "NO_CALL",
      ["did not return it", "Add return"],
    ],
    [
      "not called",
      loosely((j) => j.mail?.digest),
      "NO_CALL",
      ['the function "mail.digest" itself', "Call it"],
    ],
    ["runs the real one", () => mail.digest("x"), "NO_CALL", ["ran the real function", "Write it like"]],
    ["a list", loosely((j) => [j.mail?.digest?.("x")]), "NO_CALL", ["It returned a list", "Return one call"]],
    [
      "two calls",
      loosely((j) => [1, 2].map((n) => j.mail?.digest?.(n))),
      "MANY_CALLS",
      ["made 2 calls", "it may make one", "a function for each"],
    ],
    [
      "an unknown name",
      loosely((j) => j.mail?.digset?.("x")),
      "UNKNOWN_JOB",
      ["digset", 'mean "mail.digest"?'],
    ],
    ["an unknown group", loosely((j) => j.mial?.digest?.("x")), "UNKNOWN_JOB", ["mial", "Did you mean"]],
    [
      "a function inside",
      loosely((j) => j.mail?.digest?.({ done: () => {} })),
      "UNSTORABLE_ARGUMENT",
      ["arguments[0].done is a function"],
    ],
    ["a circle", loosely((j) => j.mail?.digest?.(circular)), "UNSTORABLE_ARGUMENT", ["arguments[0]"]],
    [
      "two megabytes",
      loosely((j) => j.mail?.digest?.("x".repeat(2_000_000))),
      "ARGUMENTS_TOO_LARGE",
      ["bytes"],
    ],
  ] as const
).map(([what, call, code, says]) => [
  `a call: ${what}`,
  ["addOrUpdate", "digest", call, CRON],
  `FL_${code}`,
  says,
]);

const lists: Refusal[] = (
  [
    ["null", null, ["Cannot use null as the options of list", "an object"]],
    ["a number", 5, ["Cannot use 5 as the options of list", "an object"]],
    ["a limit below 0", { limit: -1 }, ["Cannot use -1 as limit of the options of list", "from 0"]],
    ["half a limit", { limit: 0.5 }, ["Cannot use 0.5 as limit", "a whole number from 0"]],
    ["a limit without end", { limit: Number.POSITIVE_INFINITY }, ["Cannot use Infinity as limit"]],
    ["a limit that is no number", { limit: "5" }, ['Cannot use "5" as limit', "a whole number"]],
    ["a cursor that is no text", { after: 5 }, ["Cannot use 5 as after", "the last id of the part before"]],
    ["a slip", { cursor: "x" }, ['There is no "cursor"', "Known names: after, limit"]],
  ] as const
).map(([what, given, says]) => [`list: ${what}`, ["list", given], "FL_INVALID_OPTIONS", says]);

const LIKE_THIS = "like { digest: { call:";
const sets: Refusal[] = (
  [
    ["nothing", [undefined], "INVALID_OPTIONS", ["undefined as the definitions of sync", LIKE_THIS]],
    ["a list", [[good]], "INVALID_OPTIONS", ["an array of 1 as the definitions of sync", LIKE_THIS]],
    ["an item null", [{ a: good, b: null }], "INVALID_OPTIONS", ['null as the definition of "b"', LIKE_THIS]],
    ["an item call", [{ a: good, b: digest }], "INVALID_OPTIONS", ['the definition of "b"', LIKE_THIS]],
    ["a set number", [{ a: good }, { set: 5 }], "INVALID_OPTIONS", ["Cannot use 5 as set", "of 1 to 200"]],
    ["a set without name", [{ a: good }, { set: "" }], "INVALID_OPTIONS", ['"" as set', "of 1 to 200"]],
    [
      "a set slip",
      [{ a: good }, { name: "x" }],
      "INVALID_OPTIONS",
      ['There is no "name"', "Known names: set"],
    ],
    ["options null", [{ a: good }, null], "INVALID_OPTIONS", ["null as the options of sync"]],
    ["one bad id", [{ a: good, "": good }], "INVALID_RECURRING_ID", ['Cannot use ""']],
    ["one bad cron", [{ a: good, b: { ...good, cron: "x" } }], "INVALID_CRON", ['Cannot read "x"']],
    ["one bad zone", [{ a: good, b: { ...good, timeZone: "x" } }], "UNKNOWN_TIME_ZONE", ['Cannot use "x"']],
    ["one bad option", [{ a: good, b: { ...good, every: 1 } }], "INVALID_OPTIONS", ['There is no "every"']],
    ["one bad call", [{ a: good, b: { cron: CRON } }], "NO_CALL", ["got undefined", "Write it like"]],
  ] as const
).map(([what, given, code, says]) => [`sync: ${what}`, ["sync", ...given], `FL_${code}`, says]);

describe.each(STORAGES)("on %s", (_, open) => {
  test.each([...ids, ...crons, ...options, ...calls, ...lists, ...sets])(
    "%s",
    async (_what, [method, ...args], code, says) => {
      await using bench = await open();
      const recurring = bench.recurring(jobs);
      const runsBefore = realRuns;
      const refused: unknown = await refusalOf(Reflect.apply(recurring[method], recurring, args));
      expect(refused).toMatchObject({ code });
      const message = refused instanceof Error ? refused.message : "";
      for (const part of says) expect(message).toContain(part);
      expect(message.length).toBeLessThan(600);
      expect(bench.broken.calls.get("saveRecurring")).toBeUndefined();
      expect(await bench.storage.listRecurring({ limit: 10 })).toEqual([]);
      expect(Object.values(await bench.storage.counts()).every((count) => count === 0)).toBe(true);
      // Who calls the real function has run it: that is what the error says.
      expect(realRuns - runsBefore).toBe(_what === "a call: runs the real one" ? 1 : 0);
    },
  );

  test.each([
    ["active", "every day", "UTC", "FL_INVALID_CRON"],
    ["active", CRON, "Mars/Olympus", "FL_UNKNOWN_TIME_ZONE"],
    // Nobody asks for the next slot of one that is paused, so nothing else would notice.
    ["paused", "every day", "UTC", "FL_INVALID_CRON"],
    ["paused", CRON, "Mars/Olympus", "FL_UNKNOWN_TIME_ZONE"],
  ])(
    "one that is %s stays as it was when it is to be changed to %s in %s",
    async (state, cron, zone, code) => {
      await using bench = await open();
      const recurring = bench.recurring(jobs);
      await recurring.addOrUpdate("digest", digest, CRON);
      if (state === "paused") await recurring.pause("digest");
      const before = await bench.storage.getRecurring(["digest"]);
      const changed = recurring.addOrUpdate("digest", digest, cron, { timeZone: zone });
      await expect(changed).rejects.toMatchObject({ code });
      const synced = recurring.sync({ digest: { call: digest, cron, timeZone: zone } });
      await expect(synced).rejects.toMatchObject({ code });
      expect(await bench.storage.getRecurring(["digest"])).toEqual(before);
    },
  );

  test("a storage that is closed says so, whatever is asked", async () => {
    await using bench = await open();
    const recurring = bench.recurring(jobs);
    await recurring.addOrUpdate("digest", digest, CRON);
    await bench.storage.close();
    const asked = [
      recurring.addOrUpdate("digest", digest, CRON),
      recurring.sync({ digest: good }),
      recurring.trigger("digest"),
      recurring.pause("digest"),
      recurring.resume("digest"),
      recurring.removeIfExists("digest"),
      recurring.get("digest"),
      recurring.list(),
    ];
    for (const one of await Promise.allSettled(asked)) {
      expect(one).toMatchObject({ status: "rejected", reason: { code: "FL_STORAGE_CLOSED" } });
    }
  });
});

test("a manager is refused what it cannot work with", () => {
  expect(() => Reflect.construct(RecurringJobManager, [{ storage: {}, jobs }])).toThrow(
    expect.objectContaining({ code: "FL_INVALID_OPTIONS", message: expect.stringContaining("the manager") }),
  );
  expect(() => Reflect.construct(RecurringJobManager, [null])).toThrow(
    expect.objectContaining({ code: "FL_INVALID_OPTIONS" }),
  );
});

/** What a promise was rejected with; undefined when it was not. */
async function refusalOf(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    () => undefined,
    (error: unknown) => error,
  );
}
