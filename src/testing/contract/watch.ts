import assert from "node:assert/strict";
import { newId } from "../../base/ids.ts";
import { entryTail, type Storage } from "../../storage/index.ts";
import { newJobs } from "./builders.ts";
import { type Section, section } from "./section.ts";

const ON_THE_WAY = ["Enqueued", "Scheduled", "Awaiting", "Processing"] as const;
const AT_REST = ["Succeeded", "Failed", "Deleted"] as const;

export const watch: Section<"watch"> = section("watch", {
  "jobs at rest are answered with their state and entry, and nothing else": async (setup) => {
    for (const state of AT_REST) {
      const entry = entryTail(state, "At last", { result: 'a "text" of \u2028 any kind' });
      const { id } = await setup.enter(await setup.claimed(), state, { entry });
      assert.deepEqual(await answers(setup.storage, [id]), [{ id, state, entry }]);
    }
  },

  "jobs on their way are not answered": async ({ storage, jobIn }) => {
    for (const state of ON_THE_WAY) {
      assert.deepEqual(await answers(storage, [(await jobIn(state)).id]), [], state);
    }
  },

  "jobs that are not there are answered as gone": async ({ storage }) => {
    const id = newId();
    assert.deepEqual(await answers(storage, [id]), [{ id, state: null, entry: "" }]);
  },

  "each of many ids is answered for itself": async ({ storage, jobIn }) => {
    const jobs = [await jobIn("Succeeded"), await jobIn("Processing"), await jobIn("Deleted")];
    const gone = newId();
    const found = await answers(storage, [gone, ...jobs.map(({ id }) => id)]);
    const states = new Map(found.map(({ id, state }) => [id, state]));
    assert.equal(found.length, 3);
    assert.deepEqual(
      [gone, ...jobs.map(({ id }) => id)].map((id) => states.get(id)),
      [null, "Succeeded", undefined, "Deleted"],
    );
  },

  "a job that was readied again is on its way again": async ({ storage, jobIn, enter }) => {
    const failed = await jobIn("Failed");
    await enter(failed, "Enqueued");
    assert.deepEqual(await answers(storage, [failed.id]), []);
  },

  "what another process has finished is answered here": async (setup) => {
    const job = await setup.jobIn("Succeeded");
    const [found] = await answers(await setup.another(), [job.id]);
    assert.deepEqual(found, { id: job.id, state: "Succeeded", entry: job.entry });
  },

  "it takes as many ids as the manifest says, and none": async ({ storage }) => {
    const jobs = newJobs(storage.manifest.maxRows - 1);
    await storage.insert(jobs);
    const gone = newId();
    const found = await answers(storage, [...jobs.map(({ id }) => id), gone]);
    assert.deepEqual(found, [{ id: gone, state: null, entry: "" }]);
    assert.deepEqual(await storage.watch([]), []);
  },
});

/** Plain copies: a driver may answer objects of any prototype. */
async function answers(storage: Storage, ids: readonly string[]) {
  return (await storage.watch(ids)).map((job) => ({ ...job }));
}
