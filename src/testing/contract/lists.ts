import assert from "node:assert/strict";
import { entryTail, JOB_STATES, type JobState, type RowCut, type Storage } from "../../storage/index.ts";
import { behind, LONG_MS, limited, newJobs } from "./builders.ts";
import { assertRow } from "./expect.ts";
import { type Section, section } from "./section.ts";
import type { Setup } from "./setup.ts";

const CUT: RowCut = { args: 10, entry: 50 };

/** Pages as people leaf through them. */
export const lists: Section<"lists"> = section("lists", {
  "a page can begin behind any row of another one": async (setup) => {
    await severalInEach(setup);
    for (const state of JOB_STATES) {
      for (const where of [{}, { where: { name: "mail.welcome" } }]) {
        const { rows, places } = await setup.storage.list({ state, limit: 100, ...where });
        assert(rows.length > 3, state);
        assert.equal(places.length, rows.length);
        for (const [nth, after] of places.entries()) {
          const behindIt = await setup.storage.list({ state, limit: 100, after, ...where });
          assert.deepEqual(idsOf(behindIt.rows), idsOf(rows.slice(nth + 1)), `${state}, behind ${nth}`);
        }
      }
    }
  },

  "what is no place of a list reads as its start": async (setup) => {
    await severalInEach(setup);
    const strange = ["", "x", "{}", "null", "[]", '["a","b"]', '[0,"x"]', "[1e400,1]", '[0,"a",1.5,"x"]'];
    strange.push(
      '["ready","a","\\u0000"]',
      '["9","x","y","z"]',
      "[7,7,7,7,7]",
      "[{},[]]",
      "-1:x",
      "::::",
      '["", "", ""]',
    );
    for (const state of JOB_STATES) {
      for (const where of [{}, { where: { name: "mail.welcome" } }]) {
        const whole = await setup.storage.list({ state, limit: 2, ...where });
        for (const after of strange) {
          const page = await setup.storage.list({ state, limit: 2, after, ...where });
          // An engine may take a place for one of its own and find nothing behind it; it never fails.
          if (page.rows.length > 0)
            assert.deepEqual(idsOf(page.rows), idsOf(whole.rows), `${state} ${after}`);
        }
      }
    }
  },

  "a row carries no more of its long texts than is asked for": async (setup) => {
    const { storage } = setup;
    for (const letter of ["a", "é", "€", "😀"]) {
      const long = letter.repeat(400);
      const [ready = ""] = await setup.insert({
        ...{ args: `["${long}"]`, entry: entryTail("Enqueued", long) },
        ...{ parameters: "{}", tags: ["t"], displayName: "d" },
      });
      const running = await setup.claimed({ args: `["${long}"]` });
      const entry = entryTail("Succeeded", null, { result: long });
      const done = await setup.enter(running, "Succeeded", { entry });
      for (const where of [{}, { where: { name: "mail.welcome" } }]) {
        const found = async (state: JobState, id: string) => {
          const { rows } = await storage.list({ state, limit: 100, cut: CUT, ...where });
          const row = rows.find((one) => one.id === id);
          assert(row !== undefined);
          return { ...row };
        };
        const short = await found("Succeeded", done.id);
        assertBeginning(short.args, done.args, CUT.args);
        assertBeginning(short.entry, entry, CUT.entry);
        const { args, entry: cutEntry } = short;
        const [asked] = await storage.get([done.id], CUT);
        assertRow({ ...(asked ?? done) }, short);
        assertRow(short, { ...done, args, entry: cutEntry, history: "", parameters: null });
        const whole = await setup.row(ready);
        const enqueued = await found("Enqueued", ready);
        assertEnd(enqueued.history, whole.history, CUT.entry);
        const { history } = enqueued;
        assertRow(enqueued, { ...whole, args: enqueued.args, history, parameters: null });
      }
    }
  },

  "a text with fewer characters than are asked for is whole": async (setup) => {
    const ready = await setup.inserted({ args: '["äöü😀"]' });
    const { rows } = await setup.storage.list({
      state: "Enqueued",
      limit: 1,
      cut: { args: 12, entry: 1_000 },
    });
    assertRow({ ...(rows[0] ?? ready) }, ready);
    const none = await setup.storage.list({ state: "Enqueued", limit: 1, cut: { args: 0, entry: 1 } });
    assert.equal(none.rows[0]?.args, "");
  },

  "a page holds as many rows as it is asked for, however large they are": async (setup) => {
    const args = JSON.stringify(["x".repeat(300_000)]);
    for (let chunk = 0; chunk < 3; chunk++) await setup.insert(...newJobs(4, { args }));
    const { rows, next } = await setup.storage.list({ state: "Enqueued", limit: 12 });
    assert.deepEqual([rows.length, next], [12, null]);
    assert(rows.every((row) => row.args === args));
    await setup.insert(...newJobs(100));
    const { rows: many } = await setup.storage.list({ state: "Enqueued", limit: 110, cut: CUT });
    assert.equal(many.length, 110);
  },
});

/** More than one page in each state; in Enqueued some of every kind. */
async function severalInEach(setup: Setup): Promise<void> {
  const { storage, insert, claimed } = setup;
  for (const state of ["Processing", "Succeeded", "Failed", "Deleted"] as const)
    for (let nth = 0; nth < 4; nth++) await setup.jobIn(state);
  const [parent = ""] = await insert(...newJobs(3, { queue: "b" }), ...newJobs(2, { queue: "a", rank: 3 }));
  await insert(...newJobs(4, { due: { at: Date.UTC(2100, 0) } }), { due: { in: LONG_MS } });
  await insert(...newJobs(5, behind(parent)));
  await storage.park([await claimed(), await claimed()]);
  await insert(...newJobs(4, { ...limited("k"), queue: "c" }));
}

function idsOf(rows: Awaited<ReturnType<Storage["list"]>>["rows"]): string[] {
  return rows.map(({ id }) => id);
}

function assertBeginning(cut: string, whole: string, chars: number): void {
  assertLength(cut, whole, chars);
  assert(whole.startsWith(cut), `${cut} is no beginning`);
}

function assertEnd(cut: string, whole: string, chars: number): void {
  assertLength(cut, whole, chars);
  assert(whole.endsWith(cut), `${cut} is no end`);
}

function assertLength(cut: string, whole: string, chars: number): void {
  assert(cut.isWellFormed());
  assert(cut.length >= Math.min(chars, whole.length), `${cut.length} characters are too few`);
  assert(cut.length <= 4 * (chars + 1), `${cut.length} characters are too many`);
}
