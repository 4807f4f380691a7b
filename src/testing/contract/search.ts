import assert from "node:assert/strict";
import { entryTail, JOB_STATES, type JobWhere, type ListQuery, type Storage } from "../../storage/index.ts";
import { LONG_MS, newJobs } from "./builders.ts";
import { clockPasses } from "./expect.ts";
import { type Section, section } from "./section.ts";

const MADE_UP = [
  ...["x", "{}", "null", "[]", "[null]", "[1]", "[1,2]", '["a","b"]', "[1,2,3]", "[1,2,3,4]", "[0,1,2]"],
  ...['[0,"a",99999,1]', '["ready","a","b"]', '["\\u0000",1,2,3]', '[0,"\\u0000",1,2]', "[0,1e300,1]"],
  ...['[0,"1","2"]', '[1,99999,"a",1,1]', "[[1],[2],[3],[4]]", '["1","x"]', "a:b:c:d:e:f", "::::"],
];

/** `list` with conditions. */
export const search: Section<"search"> = section("search", {
  "by name, queue and tag, alone and together": async ({ storage, insert }) => {
    const [a = "", b = "", c = ""] = await insert(
      { name: "mail.welcome", queue: "mail", tags: ["eu", "big"] },
      { name: "mail.digest", queue: "mail", tags: ["eu"] },
      { name: "mail.welcome", queue: "slow", tags: ["e%", "a_b"] },
    );
    const find = (where: JobWhere) => found(storage, { state: "Enqueued", limit: 10, where });
    assert.deepEqual(await find({ name: "mail.welcome" }), [a, c]);
    assert.deepEqual(await find({ queue: "mail" }), [a, b]);
    assert.deepEqual(await find({ tag: "eu" }), [a, b]);
    assert.deepEqual(await find({ tag: "e%" }), [c]);
    assert.deepEqual(await find({ tag: "e" }), []);
    assert.deepEqual(await find({ name: "mail.welcome", queue: "mail", tag: "eu" }), [a]);
    assert.deepEqual(await find({ name: "mail.welcome", queue: "mail", tag: "x" }), []);
    assert.deepEqual(await find({}), [a, b, c]);
  },

  "by a part of the arguments, ASCII letters in any case, nothing taken for a pattern": async (setup) => {
    const { storage, insert } = setup;
    const [a = "", b = "", c = ""] = await insert(
      { args: '["User@Example.com",{"id":42}]' },
      { args: '["100%","a_b","Größe","\\\\"]' },
      { args: '["aXb"]' },
    );
    const find = (args: string) => found(storage, { state: "Enqueued", limit: 10, where: { args } });
    assert.deepEqual(await find("user@EXAMPLE.com"), [a]);
    assert.deepEqual(await find('"id":42'), [a]);
    assert.deepEqual(await find("100%"), [b]);
    assert.deepEqual(await find("a_b"), [b]);
    assert.deepEqual(await find("axb"), [c]);
    assert.deepEqual(await find("Größe"), [b]);
    assert.deepEqual(await find("\\\\"), [b]);
    assert.deepEqual(await find("nothing of this"), []);
  },

  "by a part of the entry of the state that the job is in": async (setup) => {
    const failed = await setup.claimed();
    await setup.enter(failed, "Failed", { entry: entryTail("Failed", "Timeout: no answer") });
    const other = await setup.claimed();
    await setup.enter(other, "Failed", { entry: entryTail("Failed", "not this") });
    const find = (entry: string) => found(setup.storage, { state: "Failed", limit: 10, where: { entry } });
    assert.deepEqual(await find("timeout: NO"), [failed.id]);
    assert.deepEqual(await find("Failed"), [other.id, failed.id]);
  },

  "a cursor that somebody has made up is some place or the start, and no failure": async ({
    storage,
    insert,
  }) => {
    await insert({ name: "mail.welcome" }, { name: "mail.welcome", due: { in: LONG_MS } });
    for (const after of MADE_UP) {
      for (const state of JOB_STATES) {
        const plain = await storage.list({ state, limit: 10, after });
        const { rows } = await storage.list({ state, limit: 10, after, where: { name: "mail.welcome" } });
        assert.ok(plain.rows.length <= 1 && rows.length <= 1);
      }
    }
  },

  "by the time at which the state was entered": async (setup) => {
    const { storage, row } = setup;
    const first = await setup.jobIn("Succeeded");
    await clockPasses(storage, first.stateAt);
    const second = await setup.jobIn("Succeeded");
    await clockPasses(storage, second.stateAt);
    const third = await setup.jobIn("Succeeded");
    const find = (where: JobWhere) => found(storage, { state: "Succeeded", limit: 10, where });
    assert.deepEqual(await find({ since: second.stateAt }), [third.id, second.id]);
    assert.deepEqual(await find({ before: second.stateAt }), [first.id]);
    assert.deepEqual(await find({ since: second.stateAt, before: third.stateAt }), [second.id]);
    assert.equal((await row(third.id)).state, "Succeeded");
  },

  "in every state, page by page, in the order of its list": async (setup) => {
    const { storage } = setup;
    for (const state of [
      "Enqueued",
      "Scheduled",
      "Awaiting",
      "Processing",
      "Succeeded",
      "Failed",
      "Deleted",
    ] as const)
      for (let nth = 0; nth < 3; nth++) await setup.jobIn(state);
    for (const state of ["Scheduled", "Processing", "Succeeded", "Failed", "Deleted"] as const) {
      const { rows } = await storage.list({ state, limit: 10 });
      assert.equal(rows.length, 3, state);
      const where = { name: "mail.welcome" };
      const first = await storage.list({ state, limit: 2, where });
      assert(first.next !== null, state);
      const second = await storage.list({ state, limit: 2, where, after: first.next });
      assert.equal(second.next, null, state);
      assert.deepEqual(
        [...first.rows, ...second.rows].map(({ id }) => id),
        rows.map(({ id }) => id),
      );
    }
  },

  "a page ends where its scan ends, and the next one goes on": async ({ storage, insert }) => {
    const jobs = newJobs(25, { queue: "a", due: { in: LONG_MS } });
    const [wanted = ""] = await insert({ queue: "a", name: "the.one", due: { in: LONG_MS * 2 } });
    await insert(...jobs);
    const pages: number[] = [];
    let after: string | null = null;
    const seen: string[] = [];
    do {
      const query: ListQuery = { state: "Scheduled", limit: 5, scan: 10, where: { name: "the.one" } };
      const page = await storage.list(after === null ? query : { ...query, after });
      pages.push(page.rows.length);
      seen.push(...page.rows.map(({ id }) => id));
      after = page.next;
    } while (after !== null);
    assert.deepEqual([seen, pages], [[wanted], [0, 0, 1]]);
  },
});

async function found(storage: Storage, query: ListQuery): Promise<string[]> {
  const { rows, next } = await storage.list(query);
  assert.equal(next, null);
  return rows.map(({ id }) => id);
}
