import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { PostgresStorage } from "../../src/drivers/postgres/index.ts";
import type { Storage } from "../../src/storage/index.ts";
import { behind, changeOf, limited, newJob, newJobs } from "../../src/testing/contract/builders.ts";
import { assertRejects, eventually } from "../../src/testing/contract/expect.ts";
import { storageContract } from "../../src/testing/contract/index.ts";
import type { Setup } from "../../src/testing/contract/setup.ts";
import { isReachable, newSchema, onPostgres, POSTGRES_URL } from "../postgres-schema.ts";
import { connect, type Opened, open, within } from "./postgres-opened.ts";

if (!(await isReachable())) {
  test.skip("PostgreSQL: no server answers at POSTGRES_URL or 127.0.0.1:5432", () => {});
} else {
  storageContract({ describe, test }, { open });
  describe("two tables and many writers", () => {
    test("an id that finishes while it is inserted again stays one job", () => within(finishedMeanwhile));
    test("a child of two parents that finish at once is released", () => within(parentsAtOnce));
    test("a higher priority goes first, however far lower ones have been claimed", () => within(priority));
    test("many that open a new schema at once find it made once", () => within(openedByMany));
    test("a schema of a later version is left alone", () => within(madeByLater));
    test("opened as it is, a schema is neither made nor migrated", () => within(openedAsItIs));
    test("who waits for a permit while a neighbour has its row gets it afterwards", () => within(waiterHeld));
    test("a commit whose gate a neighbour has is busy, and writes nothing", () => within(gateHeld));
    test("counters are folded in passing, and stay what they were", () => within(folded));
    test("jobs that came below the mark of due ones are readied with those above it", () => within(dueBelow));
    test("a success whose row a neighbour has is busy, those beside it are written", () =>
      within(successHeld));
    test("what another process has put back is found within a second", () => within(putBackElsewhere));
  });
}

/** The second insert waits for a neighbour with its old snapshot; meanwhile the job is stored, run and moved away. */
async function finishedMeanwhile({ storage, schema, another }: Opened, setup: Setup): Promise<void> {
  const [first, second] = newJobs(2, { queue: "once" }).sort((a, b) => (a.id < b.id ? -1 : 1));
  assert(first !== undefined && second !== undefined);
  const other = await another();
  await using neighbour = await connect();
  await storage.ready;
  await neighbour.client.query("BEGIN");
  await neighbour.client.query(
    `INSERT INTO ${schema}.job (id, seq, state_at, created_at, fence, failures, crashes, rank, state, flags, hold, blamed,
     queue, name, args, entry, history) VALUES ($1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, false, 'q', 'n', '[]', '', '')`,
    [first.id],
  );
  const waiting = other.insert([first, second]);
  await neighbour.untilSomebodyWaits();
  await setup.enter(await setup.claimed(second), "Succeeded");
  await neighbour.client.query("ROLLBACK");
  assert.deepEqual(
    (await waiting).map(({ outcome }) => outcome),
    ["inserted", "exists"],
  );
  assert.deepEqual(
    (await storage.get([second.id])).map(({ state }) => state),
    ["Succeeded"],
  );
}

async function parentsAtOnce({ storage, another }: Opened, { insert, row }: Setup): Promise<void> {
  const other = await another();
  for (let round = 0; round < 20; round++) {
    const [one, two] = newJobs(2, { queue: "parents" });
    assert(one !== undefined && two !== undefined);
    const [, , before] = await insert(one, two, behind(one.id, two.id));
    const child = newJob(behind(one.id, two.id));
    await Promise.all([finish(storage, one.id), finish(other, two.id), other.insert([child])]);
    while ((await storage.release(100)).more);
    for (const id of [before ?? "", child.id]) assert.equal((await row(id)).state, "Enqueued");
  }
}

async function openedByMany({ storage, another }: Opened): Promise<void> {
  const others = await Promise.all(Array.from({ length: 6 }, another));
  await Promise.all(others.map(({ ready }) => ready));
  const outcomes = await Promise.all(others.map((other) => other.insert([newJob()])));
  assert.equal(outcomes.length, (await storage.counts()).Enqueued);
}

async function madeByLater({ storage, schema, another }: Opened): Promise<void> {
  await storage.ready;
  await onPostgres(`UPDATE ${schema}.meta SET version = version + 1`);
  const late = await another();
  await assertRejects(late.ready, "FL_SCHEMA_TOO_NEW");
  await assertRejects(late.insert([newJob()]), "FL_SCHEMA_TOO_NEW");
  await onPostgres(`UPDATE ${schema}.meta SET version = version - 1`);
  assert.equal((await late.insert([newJob()]))[0]?.outcome, "inserted");
}

async function openedAsItIs({ storage, schema }: Opened): Promise<void> {
  await storage.ready;
  const none = newSchema();
  const asItIs = async (where: string): Promise<unknown> => {
    const opened = new PostgresStorage(POSTGRES_URL, { schema: where, migrate: false, maxConnections: 1 });
    const outcome = await opened.now().then(
      () => "open",
      (error: unknown) => Object(error).code,
    );
    await opened.close();
    return outcome;
  };
  assert.equal(await asItIs(none), "FL_STORE_MISSING");
  assert.equal((await onPostgres("SELECT FROM pg_namespace WHERE nspname = $1", [none])).rowCount, 0);
  await onPostgres(`UPDATE ${schema}.meta SET version = version - 1`);
  const before = (await onPostgres(`SELECT version FROM ${schema}.meta`)).rows;
  assert.equal(await asItIs(schema), "FL_SCHEMA_TOO_OLD");
  assert.deepEqual((await onPostgres(`SELECT version FROM ${schema}.meta`)).rows, before);
  await onPostgres(`UPDATE ${schema}.meta SET version = version + 1`);
  assert.equal(await asItIs(schema), "open");
}

async function waiterHeld(
  { storage, schema }: Opened,
  { claimed, insert, enter, row }: Setup,
): Promise<void> {
  const holder = await claimed(limited("k"));
  const [waiting = ""] = await insert(limited("k"));
  await using neighbour = await connect();
  await neighbour.client.query("BEGIN");
  await neighbour.client.query(`SELECT FROM ${schema}.job WHERE id = $1 FOR UPDATE`, [waiting]);
  await enter(holder, "Succeeded");
  assert.equal((await storage.release(10)).more, true);
  await neighbour.client.query("ROLLBACK");
  while ((await storage.release(10)).more);
  assert.equal((await row(waiting)).hold, null);
}

async function gateHeld({ storage, schema }: Opened, { inserted, commit, row }: Setup): Promise<void> {
  const parent = await inserted();
  const child = await inserted(behind(parent.id));
  await using neighbour = await connect();
  await neighbour.client.query("BEGIN");
  await neighbour.client.query(`SELECT FROM ${schema}.gate WHERE id = $1 FOR UPDATE`, [child.id]);
  const before = [await row(parent.id), await storage.counts()];
  assert.equal(await commit(changeOf(parent, "Succeeded")), "busy");
  assert.deepEqual([await row(parent.id), await storage.counts()], before);
  await neighbour.client.query("ROLLBACK");
  assert.equal(await commit(changeOf(parent, "Succeeded")), "applied");
  assert.equal((await row(child.id)).state, "Enqueued");
}

async function folded({ storage, schema, another }: Opened, setup: Setup): Promise<void> {
  const other = await another();
  const range = { from: 0, to: Number.MAX_SAFE_INTEGER };
  await using looking = await connect();
  const deltas = async () =>
    (await looking.client.query(`SELECT count(*)::integer AS count FROM ${schema}.tally`)).rows[0]?.count;
  // The second time there is a sum to add to.
  for (const _ of [1, 2]) {
    for (const state of ["Succeeded", "Failed", "Deleted"] as const) await setup.jobIn(state);
    const before = [await storage.counts(), await storage.statistics(range)];
    assert((await deltas()) > 0);
    const retention = { state: "Failed", ageMs: null, count: null } as const;
    await Promise.all([storage, other].map((one) => one.expire({ retention, limit: 1 })));
    assert.equal(await deltas(), 0);
    assert.deepEqual([await storage.counts(), await storage.statistics(range)], before);
  }
  for (let call = 0; call < 600; call++) await storage.insert([newJob({ queue: "many" })]);
  await eventually("the deltas of 500 calls are folded", async () =>
    (await deltas()) < 200 ? true : undefined,
  );
  assert.equal((await other.counts()).Enqueued, 600);
}

async function finish(storage: Storage, id: string): Promise<void> {
  for (let outcome: string | undefined = "busy"; outcome === "busy"; ) {
    const [job] = await storage.get([id]);
    assert(job !== undefined);
    [outcome] = await storage.commit([changeOf(job, "Succeeded")]);
  }
}

async function priority(_: Opened, { insert, server, claim }: Setup): Promise<void> {
  const owner = await server();
  await insert(...newJobs(20));
  await claim(owner, { slots: 5 });
  const [urgent] = await insert({ rank: -3 });
  assert.equal((await claim(owner, { slots: 1 }))[0]?.id, urgent);
}

async function putBackElsewhere({ another }: Opened, { insert, server, claim }: Setup): Promise<void> {
  const owner = await server();
  await insert(...newJobs(200));
  const [first] = await claim(owner, { slots: 5 });
  assert(first !== undefined);
  await (await another()).giveBack([first]);
  await eventually("the job that was put back is claimed", async () => {
    const jobs = await claim(owner, { slots: 1 });
    return jobs[0]?.id === first.id ? true : undefined;
  });
}

/** Another process stores them, of which this one has no word. */
async function dueBelow({ storage, another }: Opened, { row }: Setup): Promise<void> {
  const other = await another();
  await storage.insert(newJobs(4, { due: { at: 1_000 } }));
  assert.equal((await storage.promote(2)).promoted, 2);
  const [below] = newJobs(1, { due: { at: 1 } });
  assert(below !== undefined);
  await other.insert([below]);
  const { promoted, nextDueAt } = await storage.promote(10);
  assert.deepEqual([promoted, nextDueAt], [3, null]);
  assert.equal((await row(below.id)).state, "Enqueued");
  await storage.insert([newJob({ due: { at: 1 } }), newJob({ due: { at: 2_000 } })]);
  assert.equal((await storage.promote(2)).nextDueAt, null);
}

async function successHeld(
  { storage, schema }: Opened,
  { insert, server, claim, row }: Setup,
): Promise<void> {
  await insert(...newJobs(3));
  const jobs = await claim(await server());
  const [, held] = jobs;
  assert(held !== undefined);
  await using neighbour = await connect();
  await neighbour.client.query("BEGIN");
  await neighbour.client.query(`SELECT FROM ${schema}.job WHERE id = $1 FOR UPDATE`, [held.id]);
  const changes = jobs.map((job) => changeOf(job, "Succeeded"));
  assert.deepEqual(await storage.commit(changes), ["applied", "busy", "applied"]);
  assert.equal((await row(held.id)).state, "Processing");
  await neighbour.client.query("ROLLBACK");
  assert.deepEqual(await storage.commit(changes), ["already", "applied", "already"]);
}
