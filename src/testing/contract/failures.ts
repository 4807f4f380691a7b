import assert from "node:assert/strict";
import { entryTail, FINGERPRINT, type JobRecord } from "../../storage/index.ts";
import { changeOf } from "./builders.ts";
import { clockPasses } from "./expect.ts";
import { type Section, section } from "./section.ts";
import type { Setup } from "./setup.ts";

const A = "00112233aabbccdd";
const B = "ffeeddccbbaa9988";

/** Failed jobs by what has failed. */
export const failures: Section<"failures"> = section("failures", {
  "are grouped by the fingerprint of their entry, the largest group first": async (setup) => {
    const first = await fail(setup, A);
    const [other, last] = [await fail(setup, B), await fail(setup, A)];
    const old = await setup.jobIn("Failed");
    const groups = await setup.storage.admin.failures({ scan: 100, limit: 10 });
    assert.deepEqual(groups, [
      { fingerprint: A, count: 2, firstAt: first.stateAt, lastAt: last.stateAt, last: last.id },
      { fingerprint: "", count: 1, firstAt: old.stateAt, lastAt: old.stateAt, last: old.id },
      { fingerprint: B, count: 1, firstAt: other.stateAt, lastAt: other.stateAt, last: other.id },
    ]);
  },

  "only the newest are looked at, and only so many groups answered": async (setup) => {
    for (const fingerprint of [A, B, B]) await fail(setup, fingerprint);
    const newest = await setup.storage.admin.failures({ scan: 2, limit: 10 });
    assert.deepEqual(
      newest.map(({ fingerprint, count }) => [fingerprint, count]),
      [[B, 2]],
    );
    const one = await setup.storage.admin.failures({ scan: 10, limit: 1 });
    assert.deepEqual(
      one.map(({ fingerprint }) => fingerprint),
      [B],
    );
  },

  "what stands in a message or in data is no fingerprint": async (setup) => {
    const job = await setup.claimed();
    const data = {
      [FINGERPRINT]: A,
      error: { message: `"${FINGERPRINT}":"${B}"`, properties: { [FINGERPRINT]: B } },
    };
    await setup.enter(job, "Failed", { entry: entryTail("Failed", `"${FINGERPRINT}":"${B}"`, data) });
    const [group] = await setup.storage.admin.failures({ scan: 10, limit: 10 });
    assert.equal(group?.fingerprint, A);
  },

  "it is found behind a long reason, and whatever stands around it": async (setup) => {
    for (const chars of [100, 880, 920, 940, 1_000, 9_000]) {
      for (const letter of ["x", "é", '"', "😀"]) {
        const job = await setup.claimed();
        const data = { [FINGERPRINT]: A, error: { stack: letter.repeat(chars) } };
        const entry = entryTail("Failed", letter.repeat(chars), data);
        await setup.enter(job, "Failed", { entry });
      }
    }
    const groups = await setup.storage.admin.failures({ scan: 100, limit: 10 });
    assert.deepEqual(
      groups.map(({ fingerprint, count }) => [fingerprint, count]),
      [[A, 24]],
    );
  },

  "the last of a group is the last one, also of those of one moment": async (setup) => {
    const jobs = [await setup.claimed(), await setup.claimed(), await setup.claimed()];
    const entry = entryTail("Failed", null, { [FINGERPRINT]: A });
    await setup.storage.commit(jobs.map((job) => changeOf(job, "Failed", { entry })));
    const [first] = (await setup.storage.list({ state: "Failed", limit: 1 })).rows;
    const [group] = await setup.storage.admin.failures({ scan: 10, limit: 10 });
    assert.deepEqual([group?.last, group?.lastAt, group?.count], [first?.id, first?.stateAt, 3]);
  },

  "one that has left Failed is not among them": async (setup) => {
    await setup.enter(await fail(setup, A), "Deleted");
    assert.deepEqual(await setup.storage.admin.failures({ scan: 10, limit: 10 }), []);
  },
});

/** A job that has failed, at a time of its own. */
async function fail(setup: Setup, fingerprint: string): Promise<JobRecord> {
  const entry = entryTail("Failed", "An error", { [FINGERPRINT]: fingerprint, error: { message: "no" } });
  const row = await setup.enter(await setup.claimed(), "Failed", { entry });
  await clockPasses(setup.storage, row.stateAt);
  return row;
}
