import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import { entryTail, pastOf, TAIL } from "../../storage/index.ts";
import { newJob, PROCESSING } from "./builders.ts";
import { assertRejects, historyOf } from "./expect.ts";
import { type Section, section } from "./section.ts";

const AWKWARD: Readonly<Record<string, string>> = {
  "an escaped zero character": JSON.stringify(["a\u0000b"]),
  "characters of four bytes": '["😀 𝒳 👩‍👩‍👧"]',
  "characters that normalise": '["e\u0301 \u00e9 \u212b"]',
  "quotes, backslashes and escapes": JSON.stringify([`"'\`\\ \n\r\t \u2028 \u0007`]),
  "what looks like SQL and formats": `["'; DROP TABLE job; --", "$1 ? :id %s {0} {{x}}"]`,
  "keys out of order and numbers as written":
    '{"b":1,"a":1.0,"a":2, "__proto__":1e400,"z":10000000000000000001}',
  "no JSON at all": "  null, \t not JSON \n {  ",
  nothing: "",
};

export const text: Section<"text"> = section("text", {
  ...Object.fromEntries(
    Object.entries(AWKWARD).map(
      ([what, args]) =>
        [
          `arguments come back as they were given: ${what}`,
          async ({ inserted, claim, server }) => {
            assert.equal((await inserted({ args })).args, args);
            assert.equal((await claim(await server()))[0]?.args, args);
          },
        ] satisfies [string, Section["tests"][number]["run"]],
    ),
  ),

  "arguments of a megabyte come back whole": async ({ inserted, claim, server }) => {
    const args = JSON.stringify('é😀\\"'.repeat(120_000));
    assert.equal((await inserted({ args })).args, args);
    assert.equal((await claim(await server()))[0]?.args, args);
  },

  "entries and histories come back as they were given": async ({ inserted, claim, server, enter }) => {
    for (const awkward of Object.values(AWKWARD)) {
      const { id } = await inserted({ entry: entryTail("Enqueued", awkward) });
      const entry = entryTail("Processing", null, { note: awkward });
      const [job] = await claim(await server(), { entry });
      assert(job !== undefined && job.id === id);
      assert.deepEqual(JSON.parse(job.history).reason, awkward);
      const done = await enter(job, "Succeeded", { entry: entryTail("Succeeded", awkward, { a: awkward }) });
      assert.equal(done.entry, entryTail("Succeeded", awkward, { a: awkward }));
      assert.equal(done.history, pastOf(job));
    }
  },

  "a whole life leaves the history that was written, in order": async (setup) => {
    const { storage, inserted, claim, server, enter, lose, row } = setup;
    const job = newJob({ due: { at: 1_000 } });
    const scheduled = await inserted(job);
    await storage.promote(1);
    const promoted = await row(job.id);
    const [lost] = await claim(await server());
    assert(lost !== undefined);
    await lose(lost.owner ?? "");
    const recovered = await row(job.id);
    const [failing] = await claim(await server());
    assert(failing !== undefined);
    const failed = entryTail("Failed", "Error: no");
    const retry = await enter(failing, "Scheduled", { replaced: [failed], failed: true, due: { in: 5_000 } });
    const requeued = await enter(retry, "Enqueued", { entry: entryTail("Enqueued", "By hand") });
    const expected = historyOf(
      [scheduled.stateAt, job.entry],
      [promoted.stateAt, TAIL.promoted],
      [lost.stateAt, PROCESSING],
      [recovered.stateAt, TAIL.recovered],
      [failing.stateAt, PROCESSING],
      [retry.stateAt, failed],
      [retry.stateAt, retry.entry],
      [requeued.stateAt, entryTail("Enqueued", "By hand")],
    );
    assert.equal(requeued.history, expected);
    for (const line of expected.trimEnd().split("\n")) assert.equal(typeof JSON.parse(line).at, "number");
  },

  "a result of a megabyte comes back whole": async ({ claimed, enter }) => {
    const entry = entryTail("Succeeded", null, { result: "x😀".repeat(220_000) });
    assert.equal((await enter(await claimed(), "Succeeded", { entry })).entry, entry);
  },

  "names, queues and display names are text as well": async ({ inserted, claim, server }) => {
    const given = { name: "mäil.wel'come", queue: "b:c/é %'", displayName: "Welcome 😀 “{0}”" };
    const { name, queue, displayName } = await inserted(given);
    assert.deepEqual({ name, queue, displayName }, given);
    assert.equal((await claim(await server(), { queues: [given.queue] })).length, 1);
  },

  "the text of a job is not taken for nothing when it is empty": async ({ inserted }) => {
    assert.equal((await inserted({ displayName: "" })).displayName, "");
    assert.equal((await inserted({ displayName: null })).displayName, null);
  },

  "ids of any UUID version are ids": async ({ storage }) => {
    const ids = [
      "00000000-0000-0000-0000-000000000000",
      "c232ab00-9414-11ec-b3c8-9f6bdeced846",
      "5df41881-3aed-3515-88a7-2f4a814cf09e",
      "919108f7-52d1-4320-9bac-f847db4148a8",
      "2ed6657d-e927-568b-95e1-2665a8aea6a2",
      "1ec9414c-232a-6b00-b3c8-9f6bdeced846",
      newId(),
      "2489e9ad-2ee2-8e00-8ec9-32d5f69181c0",
      "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ];
    await storage.insert(ids.map((id) => newJob({ id })));
    assert.deepEqual((await storage.get(ids)).map(({ id }) => id).sort(), ids.sort());
  },

  "ranks reach from -32767 to 32767": async ({ insert, claim, server }) => {
    const ids = await insert({ rank: 32_767 }, { rank: -32_767 }, { rank: 0 });
    const jobs = await claim(await server());
    assert.deepEqual(
      jobs.map(({ id, rank }) => [id, rank]),
      [
        [ids[1], -32_767],
        [ids[2], 0],
        [ids[0], 32_767],
      ],
    );
  },

  "a row that the engine cannot hold makes it refuse the call whole, else it is stored as given": async ({
    storage,
  }) => {
    const raw = newJob({ args: "a\u0000b" });
    const jobs = [newJob(), raw, newJob()];
    const call = storage.insert(jobs);
    const refused = await call.then(
      () => false,
      () => true,
    );
    const stored = await storage.get(jobs.map(({ id }) => id));
    if (refused) await assertRejects(call, "FL_STORAGE_REFUSED");
    assert.equal(stored.length, refused ? 0 : jobs.length);
    if (!refused) assert.equal(stored.find(({ id }) => id === raw.id)?.args, raw.args);
  },

  "neighbours of a refused row are stored without it": async ({ storage }) => {
    const [first, second] = [newJob(), newJob()];
    await storage.insert([first, newJob({ args: "a\u0000b" })]).catch(() => {});
    const outcomes = await storage.insert([first, second]);
    assert.equal(outcomes[1]?.outcome, "inserted");
    assert.equal((await storage.get([first.id, second.id])).length, 2);
  },
});
