import assert from "node:assert/strict";
import type { ExpireRequest, JobRecord, JobState, Retention } from "../../storage/index.ts";
import { behind, changeOf, LONG_MS, newJob } from "./builders.ts";
import { assertRow, clockPasses, during } from "./expect.ts";
import { type Section, section } from "./section.ts";
import type { Setup } from "./setup.ts";

/** Short enough to wait for, long enough for a job to be young when it is looked at. */
const AGE_MS = 150;

export const expire: Section<"expire"> = section("expire", {
  "jobs that are older than the age go, the others stay": async (setup) => {
    const old = await setup.jobIn("Succeeded");
    await clockPasses(setup.storage, old.stateAt + AGE_MS);
    const young = await setup.jobIn("Succeeded");
    const [answer, { to }] = await during(setup.storage, () => expireBy(setup, { ageMs: AGE_MS }));
    const left = await idsLeft(setup, [old, young]);
    assert(!left.includes(old.id));
    // On a machine so slow that the young one has grown old, this proves nothing.
    if (to - young.stateAt < AGE_MS)
      assert.deepEqual([answer, left], [{ expired: 1, next: null }, [young.id]]);
  },

  "jobs beyond the newest so many go, the oldest first": async (setup) => {
    const jobs = await succeeded(setup, 5);
    assert.deepEqual(await expireBy(setup, { count: 2 }), { expired: 3, next: null });
    assert.deepEqual(
      await idsLeft(setup, jobs),
      jobs.slice(3).map(({ id }) => id),
    );
    assert.deepEqual(await expireBy(setup, { count: 2 }), { expired: 0, next: null });
    assert.equal((await expireBy(setup, { count: 0 })).expired, 2);
  },

  "whichever bound is reached first decides": async (setup) => {
    await succeeded(setup, 3);
    assert.equal((await expireBy(setup, { ageMs: LONG_MS, count: 2 })).expired, 1);
    assert.equal((await expireBy(setup, { ageMs: LONG_MS, count: 9 })).expired, 0);
  },

  "without bounds jobs are kept for ever": async (setup) => {
    await succeeded(setup, 2);
    assert.deepEqual(await expireBy(setup, {}), { expired: 0, next: null });
  },

  "jobs of other states are left alone": async (setup) => {
    const states: JobState[] = ["Enqueued", "Scheduled", "Awaiting", "Processing", "Failed", "Deleted"];
    const jobs: JobRecord[] = [];
    for (const state of states) jobs.push(await setup.jobIn(state));
    await expireBy(setup, { ageMs: 0, count: 0 });
    for (const job of jobs) assert.equal((await setup.row(job.id)).state, job.state);
    assert.deepEqual(await expireBy(setup, { state: "Failed", count: 0 }), { expired: 1, next: null });
  },

  "a bite looks at no more than its limit, and tells where the next begins": async (setup) => {
    const jobs = await succeeded(setup, 5);
    assert.equal(await expireInBites(setup, 2), 5);
    assert.deepEqual(await idsLeft(setup, jobs), []);
  },

  "a parent stays while a child that has not finished may ask for its result": async (setup) => {
    const parent = await setup.jobIn("Succeeded");
    const other = await setup.inserted({ queue: "other" });
    let child = await setup.inserted(behind(parent.id, other.id));
    assert.equal((await expireBy(setup, { count: 0 })).expired, 0);
    await setup.enter(other, "Succeeded");
    assert.equal((await expireBy(setup, { count: 0 })).expired, 0);
    child = (await setup.claim(await setup.server()))[0] ?? child;
    assert.equal((await expireBy(setup, { count: 0 })).expired, 0);
    child = await setup.enter(child, "Scheduled", { due: { in: LONG_MS } });
    assert.equal((await expireBy(setup, { count: 0 })).expired, 0);
    await setup.enter(child, "Deleted");
    assert.equal((await expireBy(setup, { count: 0 })).expired, 2);
  },

  "a job that has to stay is passed over: those behind it go in the same pass": async (setup) => {
    const [parent, ...rest] = await succeeded(setup, 4);
    assert(parent !== undefined);
    const child = await setup.inserted(behind(parent.id));
    assert.equal(await expireInBites(setup, 1), rest.length);
    assert.deepEqual(await idsLeft(setup, [parent, ...rest]), [parent.id]);
    assert.equal((await setup.row(child.id)).state, "Enqueued");
  },

  "jobs that have to stay do not push out the newest": async (setup) => {
    const jobs = await succeeded(setup, 3);
    await setup.insert(behind(jobs[0]?.id ?? ""));
    assert.equal((await expireBy(setup, { count: 2 })).expired, 0);
  },

  "a child of an expired parent knows that it is gone": async (setup) => {
    const { storage, jobIn, inserted, enter } = setup;
    const parent = await jobIn("Succeeded");
    const child = await enter(await inserted(behind(parent.id)), "Failed");
    await enter(child, "Deleted");
    assert.equal((await expireBy(setup, { count: 0 })).expired, 1);
    const parents = (await storage.parents([child.id])).get(child.id);
    assert.deepEqual(
      parents?.map((record) => ({ ...record })),
      [{ id: parent.id, state: null, entry: "" }],
    );
  },

  "with a job goes everything that was kept beside it; its id may be used anew": async (setup) => {
    const { storage, claimed, enter, inserted, insert, commit } = setup;
    const job = await claimed(behind((await setup.jobIn("Succeeded")).id));
    await storage.append([{ ...job, attempt: 1, kind: "log", text: "one", data: null }]);
    await storage.append([{ ...job, attempt: 1, kind: "progress", value: 1, text: null }]);
    const done = await enter(job, "Succeeded");
    assert.equal((await expireBy(setup, { count: 0 })).expired, 2);
    assert.equal(await commit(changeOf(done, "Enqueued")), "gone");
    assert.equal((await storage.counts()).Succeeded, 0);
    const anew = await inserted({ id: job.id });
    assert.deepEqual([anew.fence, anew.flags], [1, 0]);
    assert.deepEqual({ ...(await storage.appendices(job.id)) }, { logs: [], progress: null });
    assert.deepEqual((await storage.parents([job.id])).get(job.id) ?? [], []);
    const [child] = await insert(behind(job.id));
    assert.equal((await storage.get([child ?? ""]))[0]?.state, "Awaiting");
  },

  "a child that was taken out while it waited leaves nothing behind: its id may wait anew": async (setup) => {
    const parent = await setup.inserted({ queue: "other" });
    const waiting = behind(parent.id);
    for (const leave of ["Deleted", "Succeeded"] as const) {
      const child = await setup.inserted(waiting);
      await setup.enter(child, leave);
      assert.equal((await expireBy(setup, { state: leave, count: 0 })).expired, 1);
      const anew = await setup.inserted({ ...waiting, id: child.id });
      assert.equal(anew.state, "Awaiting");
    }
    await setup.enter(parent, "Succeeded");
    assert.equal((await setup.storage.counts()).Awaiting, 0);
  },

  "a parent that has expired is not found": async (setup) => {
    const parent = await setup.jobIn("Succeeded");
    await expireBy(setup, { count: 0 });
    const [outcome] = await setup.storage.insert([newJob(behind(parent.id))]);
    assert.deepEqual({ ...outcome }, { outcome: "parent-not-found", parent: parent.id });
  },

  "a job that was requeued does not expire": async (setup) => {
    const job = await setup.jobIn("Succeeded");
    const requeued = await setup.enter(job, "Enqueued");
    assert.equal((await expireBy(setup, { count: 0 })).expired, 0);
    assertRow(await setup.row(job.id), requeued);
  },

  "two that expire at once count each job once": async (setup) => {
    const other = await setup.another();
    await succeeded(setup, 12);
    const request = { retention: { state: "Succeeded", ageMs: null, count: 2 }, limit: 50 } as const;
    const answers = await Promise.all([setup.storage, other].map((handle) => handle.expire(request)));
    assert.equal(
      answers.reduce((sum, { expired }) => sum + expired, 0),
      10,
    );
    assert.equal((await setup.storage.counts()).Succeeded, 2);
  },
});

async function expireBy(
  { storage }: Setup,
  retention: Partial<Retention>,
  request: Partial<ExpireRequest> = {},
): Promise<{ expired: number; next: string | null }> {
  const bounds = { state: "Succeeded", ageMs: null, count: null, ...retention } as const;
  return { ...(await storage.expire({ limit: 100, ...request, retention: bounds })) };
}

/** Expires all that may go, in bites; how many went. */
async function expireInBites(setup: Setup, limit: number): Promise<number> {
  let total = 0;
  let after: string | null = null;
  for (let bite = 0; bite < 20; bite++) {
    const request = { limit, ...(after === null ? {} : { after }) };
    const { expired, next } = await expireBy(setup, { count: 0 }, request);
    assert(expired <= limit, "more than the limit");
    total += expired;
    if (next === null) return total;
    after = next;
  }
  assert.fail("the bites never come to an end");
}

/** Jobs that have succeeded one after another, each at an instant of its own. */
async function succeeded(setup: Setup, count: number): Promise<JobRecord[]> {
  const jobs: JobRecord[] = [];
  while (jobs.length < count) {
    const job = await setup.jobIn("Succeeded");
    await clockPasses(setup.storage, job.stateAt);
    jobs.push(job);
  }
  return jobs;
}

async function idsLeft({ storage }: Setup, jobs: readonly JobRecord[]): Promise<string[]> {
  const left = new Set((await storage.get(jobs.map(({ id }) => id))).map(({ id }) => id));
  return jobs.map(({ id }) => id).filter((id) => left.has(id));
}
