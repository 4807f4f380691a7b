import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import { MOST_CHILDREN, type Storage } from "../../storage/index.ts";
import { behind, behindWhen, newJobs } from "./builders.ts";
import { releaseAll } from "./release-all.ts";
import { type Section, section } from "./section.ts";

/** The jobs behind whose gates a job stands. */
export const children: Section<"children"> = section("children", {
  "are listed while they wait, and when their gates have opened or broken": async (setup) => {
    const { storage, inserted, insert, enter } = setup;
    const [parent, other] = [await inserted(), await inserted()];
    const ids = await insert(
      behind(parent.id),
      behind(parent.id, other.id),
      behindWhen("deleted", parent.id),
    );
    await insert(behind(other.id));
    assert.deepEqual(await allOf(storage, parent.id), ids.sort());
    await enter(parent, "Succeeded");
    await releaseAll(storage);
    const late = await insert(behind(parent.id));
    const all = [...ids, ...late].sort();
    for (const limit of [1, 2, 3, 4, 5, 100]) assert.deepEqual(await allOf(storage, parent.id, limit), all);
    assert.deepEqual(await allOf(await setup.another(), parent.id), all);
  },

  "of a parent that was requeued, those from before and those from after": async (setup) => {
    const { storage, inserted, insert, enter } = setup;
    let parent = await inserted();
    const ids: string[] = [];
    for (const state of ["Failed", "Enqueued", "Succeeded", "Enqueued", "Deleted"] as const) {
      ids.push(...(await insert(...newJobs(3, behind(parent.id)))));
      parent = await enter(await setup.row(parent.id), state);
      await releaseAll(storage);
    }
    for (const limit of [1, 4, 100]) assert.deepEqual(await allOf(storage, parent.id, limit), ids.sort());
  },

  "each once, also where the parent stands twice": async ({ storage, inserted, insert }) => {
    const parent = await inserted();
    const ids = await insert(behind(parent.id, parent.id, parent.id), behind(parent.id, parent.id));
    for (const limit of [1, 2, 3]) assert.deepEqual(await allOf(storage, parent.id, limit), ids.sort());
  },

  "no more at once than is asked for, nor than the contract says": async ({ storage, inserted, insert }) => {
    const parent = await inserted();
    const chunk = Math.min(storage.manifest.maxRows, 60);
    const ids = [
      ...(await insert(...newJobs(chunk, behind(parent.id)))),
      ...(await insert(...newJobs(chunk, behind(parent.id)))),
    ];
    const page = await storage.admin.children({ parent: parent.id, limit: 1_000 });
    assert.deepEqual(page, ids.sort().slice(0, MOST_CHILDREN));
    assert.deepEqual(await allOf(storage, parent.id, 7), ids);
  },

  "a job without any, and one that is not there, have none": async ({ storage, inserted, insert }) => {
    const parent = await inserted();
    const [child = ""] = await insert(behind(parent.id));
    assert.deepEqual(await allOf(storage, child), []);
    assert.deepEqual(await allOf(storage, newId()), []);
  },

  "one that is gone is none of them": async (setup) => {
    const { storage, inserted, insert, enter, row } = setup;
    const parent = await inserted();
    const [gone = "", stays = ""] = await insert(behind(parent.id), behind(parent.id));
    await enter(await row(gone), "Deleted");
    await storage.expire({ retention: { state: "Deleted", ageMs: 0, count: null }, limit: 10 });
    assert.deepEqual(await allOf(storage, parent.id), [stays]);
  },
});

async function allOf(storage: Storage, parent: string, limit = 100): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await storage.admin.children({ parent, limit, ...(after === undefined ? {} : { after }) });
    assert(page.length <= limit);
    ids.push(...page);
    after = page.at(-1);
    if (after === undefined || page.length < limit) return ids;
  }
}
