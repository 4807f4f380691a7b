import assert from "node:assert/strict";
import { newId } from "../../src/base/ids.ts";
import type { Claim, ListQuery, NewJob, Page, Storage } from "../../src/storage/index.ts";
import {
  announcement,
  behind,
  changeOf,
  LONG_MS,
  limited,
  newJob,
  newJobs,
  PROCESSING,
} from "../../src/testing/contract/builders.ts";
import { type Setup, setUp } from "../../src/testing/contract/setup.ts";

/** Calls every verb of a storage in every way that has a statement of its own. */
export async function callEveryVerb(storage: Storage): Promise<void> {
  const setup = setUp({ storage, another: async () => storage, dispose: async () => {} });
  await callClaims(setup);
  await callGates(setup);
  await callLimits(setup);
  await callRecurring(storage);
  await callReads(setup);
  await callLeases(setup);
  await callAdmin(setup);
}

/** Calls the verbs that work in batches, with so many jobs each: insert, promote, claim, commit, give back, recover, expire. */
export async function callHotPath(storage: Storage, size: number): Promise<void> {
  const { server, claim } = setUp({ storage, another: async () => storage, dispose: async () => {} });
  const owner = await server();
  const put = async (over: Partial<NewJob>) => await storage.insert(newJobs(size, over));
  const take = async () => await claim(owner, { slots: size });
  await put({});
  await put({ due: { at: 1 } });
  await put({ tags: ["a"], queue: "tagged" });
  for (const over of [{}, { due: { at: 1 } }, { tags: ["a"], queue: "tagged" }])
    await put({ ...over, isNew: true });
  await storage.promote(size);
  await storage.giveBack(await take());
  for (const state of ["Succeeded", "Failed", "Deleted", "Scheduled"] as const) {
    await put({});
    await storage.commit((await take()).map((job) => changeOf(job, state)));
  }
  await put({});
  await take();
  await storage.recover({ incarnation: await server(), dead: [owner], limit: size, quarantineAt: 3 });
  for (const state of ["Succeeded", "Deleted"] as const)
    await storage.expire({ retention: { state, ageMs: 0, count: null }, limit: size });
}

async function callClaims({ storage, claimed, insert, server, claim, enter, row }: Setup): Promise<void> {
  await insert({ parameters: "{}", tags: ["a"] }, { due: { at: 1 } });
  await storage.promote(10);
  const owner = await server();
  const jobs = await claim(owner, { slots: 1, buffer: 1 });
  await storage.blame(jobs);
  await storage.giveBack(jobs);
  await storage.park([await claimed()]);
  await storage.adopt({
    incarnation: owner,
    entry: PROCESSING,
    queues: ["default"],
    names: ["mail.welcome"],
    slots: 2,
  });
  const job = await claimed();
  const log = (text: string) =>
    ({ id: job.id, fence: job.fence, attempt: 1, kind: "log", text, data: null }) as const;
  await storage.append([log("one"), { ...claimOf(job), attempt: 1, kind: "progress", value: 1, text: null }]);
  await storage.append([log("x".repeat(1_200_000))]);
  const failed = await enter(job, "Failed");
  const again = await enter(failed, "Enqueued");
  await enter(await enter(await enter(again, "Scheduled"), "Failed"), "Deleted");
  assert.equal((await row(job.id)).state, "Deleted");
}

async function callGates(setup: Setup): Promise<void> {
  const { storage, insert, inserted, enter } = setup;
  const [parent, broken] = [await inserted(), await inserted()];
  await insert(behind(parent.id), behind(broken.id));
  for (const _ of [1, 2]) await insert(...newJobs(80, behind(parent.id)));
  await enter(parent, "Succeeded");
  const deleted = await enter(broken, "Deleted");
  await insert(behind(deleted.id));
  while ((await storage.release(40)).more);
}

async function callLimits({ storage, insert, inserted, enter }: Setup): Promise<void> {
  const holder = await inserted(limited("k"));
  await insert(limited("k"), limited("k", 1, "skip"), { ...limited("k"), due: { at: 1 } });
  await insert({ ...limited("k", 1, "skip"), due: { at: 1 } });
  await storage.promote(10);
  const parent = await inserted();
  await insert({ ...limited("k"), ...behind(parent.id) });
  await enter(parent, "Succeeded");
  const done = await enter(holder, "Failed");
  await enter(done, "Enqueued");
}

async function callRecurring(storage: Storage): Promise<void> {
  const state = { nextAt: 1, definition: "", status: "" };
  const save = async (version: number, jobs: readonly NewJob[] = []) =>
    await storage.saveRecurring([{ id: "digest", version, state, jobs }]);
  await save(0, [newJob({ plannedAt: 1 })]);
  const [saved] = await storage.getRecurring(["digest"]);
  await save(saved?.version ?? 0);
  await storage.dueRecurring(10);
  await storage.listRecurring({ limit: 10 });
  const [last] = await storage.getRecurring(["digest"]);
  await storage.saveRecurring([{ id: "digest", version: last?.version ?? 0, state: null }]);
}

async function callReads({ storage, insert, claimed, commit, jobIn }: Setup): Promise<void> {
  const job = await claimed();
  for (const state of ["Processing", "Succeeded", "Failed", "Deleted"] as const)
    for (const _ of [1, 2]) await jobIn(state);
  await insert({ due: { in: LONG_MS } }, { due: { in: LONG_MS } }, behind(job.id), behind(job.id));
  for (const state of [
    "Enqueued",
    "Scheduled",
    "Awaiting",
    "Processing",
    "Succeeded",
    "Failed",
    "Deleted",
  ] as const) {
    await readAll(storage, { state, limit: 50 });
    await readAll(storage, { state, limit: 1 }, 2);
    await readAll(storage, { state, limit: 1, where: { name: "mail.welcome" } });
    await readAll(storage, { state, limit: 1, where: { tag: "a", args: "x", entry: "y" } });
    const where = { since: 0, before: 9e15 };
    await readAll(storage, { state, limit: 1, where, cut: { args: 1, entry: 1 } }, 2);
  }
  for (const hold of ["unknown", "limit"] as const)
    for (const after of [{}, { after: '[0,"default",0,1]' }])
      await storage.list({ state: "Enqueued", limit: 1, where: { hold }, ...after });
  await commit({ ...changeOf(job, "Succeeded"), fence: 99 });
  await storage.watch([job.id]);
  await storage.parents([job.id]);
  await storage.appendices(job.id);
  await storage.statistics({ from: 0, to: 1 });
  await storage.counts();
  for (const state of ["Succeeded", "Deleted"] as const)
    await storage.expire({ retention: { state, ageMs: 0, count: null }, limit: 100 });
}

async function readAll(storage: Storage, query: ListQuery, pages = 400): Promise<void> {
  let after: string | null = null;
  for (let page = 0; page < pages; page++) {
    const { next }: Page = await storage.list(after === null ? query : { ...query, after });
    if (next === null) break;
    after = next;
  }
}

async function callLeases({ storage, claimed, server }: Setup): Promise<void> {
  const job = await claimed();
  const judge = announcement();
  await storage.announce(judge);
  await storage.heartbeat(judge.incarnation);
  await storage.held(job.owner ?? "");
  await storage.check([job]);
  await storage.servers();
  const dead = [job.owner ?? ""];
  await storage.recover({ incarnation: await server(), dead, limit: 10, quarantineAt: 3 });
  await storage.retire(judge.incarnation);
  await storage.now();
}

async function callAdmin({ storage: { admin }, server }: Setup): Promise<void> {
  const incarnation = await server();
  await admin.pauseQueue("paused", "a note");
  await admin.queues();
  await admin.resumeQueue("paused");
  await admin.command(incarnation, "quiet");
  await admin.report(incarnation, "{}");
  await admin.children({ parent: newId(), limit: 10 });
  await admin.children({ parent: newId(), limit: 10, after: newId() });
  await admin.failures({ scan: 100, limit: 10 });
  const kind = "audit";
  const save = async (id: string, version: number, text: string | null) =>
    await admin.saveDocuments([{ kind, id, version, text }]);
  for (const id of ["a", "b", "c"]) await save(id, 0, "");
  const version = async (id: string) => (await admin.getDocument(kind, id))?.version ?? 0;
  await save("a", await version("a"), "again");
  await save("c", await version("c"), null);
  for (const descending of [false, true]) {
    await admin.listDocuments({ kind, limit: 1, descending });
    await admin.listDocuments({ kind, limit: 1, descending, after: "b" });
  }
  await admin.trimDocuments(kind, 1, 10);
}

/** What a caller's transaction does, and what is left of it afterwards. */
export async function callWithin(setup: Setup): Promise<void> {
  const { storage, insert, inserted, claimed, enter } = setup;
  const parents = [await claimed(), await inserted(), await enter(await claimed(), "Succeeded")];
  const [running = await claimed(), again] = [parents[0], await enter(await claimed(limited("w")), "Failed")];
  await insert(behind(running.id), limited("w"));
  const tx = await setup.begin();
  await tx.insert([newJob(), newJob({ due: { in: LONG_MS } })]);
  await tx.insert([newJob(behind(...parents.map(({ id }) => id))), newJob(limited("w", 1, "skip"))]);
  await tx.change([changeOf(running, "Succeeded"), changeOf(again, "Enqueued")]);
  await tx.commit();
  while ((await storage.release(40)).more);
}

function claimOf({ id, fence }: Claim): Claim {
  return { id, fence };
}
