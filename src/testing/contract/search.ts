import assert from "node:assert/strict";
import {
  entryTail,
  JOB_STATES,
  type JobRecord,
  type JobState,
  type JobWhere,
  type ListQuery,
  type Page,
  type Storage,
} from "../../storage/index.ts";
import { LONG_MS, limited, newJobs } from "./builders.ts";
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

  "by what holds a job, however many others stand before it": async (setup) => {
    const { storage, insert } = setup;
    const parked = [await setup.claimed({ queue: "b" }), await setup.claimed({ queue: "a" })];
    await storage.park(parked);
    const ready = await insert(
      { queue: "x" },
      { ...limited("k"), queue: "y" },
      ...newJobs(8, { queue: "w" }),
    );
    const waiting = await insert(...newJobs(3, { ...limited("k"), queue: "y" }));
    const [unknown, limit] = [[parked[1]?.id, parked[0]?.id], waiting];
    const find = async (where: JobWhere, state: JobState = "Enqueued") => {
      const seen: string[] = [];
      let after: string | null | undefined;
      do {
        const page: Page = await storage.list({
          state,
          limit: 2,
          scan: 2,
          where,
          ...(after ? { after } : {}),
        });
        seen.push(...page.rows.map(({ id }) => id));
        after = page.next;
      } while (after !== null);
      return seen;
    };
    assert.deepEqual(await find({ hold: "unknown" }), unknown);
    assert.deepEqual(await find({ hold: "limit" }), limit);
    assert.deepEqual(await find({ hold: null }), [...ready.slice(2), ready[0], ready[1]]);
    assert.deepEqual(await find({ hold: "limit", queue: "x" }), []);
    assert.deepEqual(await find({ hold: "due" }), []);
    const due = await setup.jobIn("Scheduled");
    assert.deepEqual(await find({ hold: "due" }, "Scheduled"), [due.id]);
    assert.deepEqual(await find({ hold: null }, "Scheduled"), []);
    const awaiting = await setup.jobIn("Awaiting");
    assert.deepEqual(await find({ hold: "gate" }, "Awaiting"), [awaiting.id]);
    const done = await setup.jobIn("Succeeded");
    assert.deepEqual(await find({ hold: null }, "Succeeded"), [done.id]);
    assert.deepEqual(await find({ hold: "limit" }, "Succeeded"), []);
  },

  "a list by time is looked at only where the wanted times are": async (setup) => {
    const { storage } = setup;
    for (const state of ["Succeeded", "Failed", "Deleted"] as const) {
      const rows: JobRecord[] = [];
      for (let nth = 0; nth < 5; nth++) {
        rows.unshift(await setup.jobIn(state));
        await clockPasses(storage, rows[0]?.stateAt ?? 0);
      }
      const [, , third, fourth] = rows;
      const where = { since: fourth?.stateAt ?? 0, before: (third?.stateAt ?? 0) + 1 };
      const first = await storage.list({ state, limit: 1, scan: 1, where });
      assert.deepEqual(
        first.rows.map(({ id }) => id),
        [third?.id],
        state,
      );
      assert(first.next !== null);
      const second = await storage.list({ state, limit: 5, scan: 2, where, after: first.next });
      assert.deepEqual([second.rows.map(({ id }) => id), second.next], [[fourth?.id], null]);
    }
  },

  "no job that stays where it is is missed while others leave the list": async (setup) => {
    const { storage, insert, claim, server } = setup;
    const owner = await server();
    const numbers = Array.from({ length: 20 }, (_, nth) => String(nth).padStart(2, "0"));
    const stay: string[] = [];
    for (const nth of numbers) {
      await insert(...newJobs(6, { queue: `q${nth}-a` }));
      stay.push(...(await insert(...newJobs(2, { queue: `q${nth}-b`, name: "the.one" }))));
    }
    const search = async (scan: number) => {
      const seen: string[] = [];
      let after: string | null = null;
      do {
        const query: ListQuery = { state: "Enqueued", limit: 50, scan, where: { name: "the.one" } };
        const page: Page = await storage.list(after === null ? query : { ...query, after });
        seen.push(...page.rows.map(({ id }) => id));
        after = page.next;
      } while (after !== null);
      return seen;
    };
    const leave = async (queues: readonly string[]) => {
      for (let nth = 0; nth < numbers.length; nth++) await claim(owner, { queues, slots: 6 });
    };
    const queues = numbers.map((nth) => `q${nth}-a`);
    const searches = [5, 6, 7, 8, 9, 10].map(search);
    await Promise.all([leave(queues), leave(queues.toReversed())]);
    for (const seen of await Promise.all(searches)) assert.deepEqual(seen, stay);
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
