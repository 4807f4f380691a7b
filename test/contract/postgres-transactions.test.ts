import assert from "node:assert/strict";
import { Client, Pool, type PoolClient } from "pg";
import { describe, test } from "vitest";
import { type PostgresQuery, PostgresStorage } from "../../src/drivers/postgres/index.ts";
import { behind, changeOf, limited, newJob, newJobs } from "../../src/testing/contract/builders.ts";
import { assertRejects, eventually } from "../../src/testing/contract/expect.ts";
import { placesOf } from "../../src/testing/contract/permits.ts";

import { type Callers, newCaller, openBeside } from "../postgres-callers.ts";
import { isReachable, newSchema, onPostgres, POSTGRES_URL } from "../postgres-schema.ts";

const LEVELS = ["REPEATABLE READ", "SERIALIZABLE"] as const;

describe.skipIf(!(await isReachable()))("transactions of PostgreSQL's callers", () => {
  test.each(LEVELS)("%s: jobs come in and runs end as ever", async (level) => {
    await using opened = openBeside();
    const { setup } = opened;
    const [running, parent] = [await setup.claimed(limited("k")), await setup.claimed()];
    const child = await setup.inserted(behind(parent.id));
    const jobs = [newJob(), newJob(limited("k")), newJob(behind(parent.id))];
    const tx = await opened.begun(`BEGIN ISOLATION LEVEL ${level}`);
    assert.deepEqual(new Set((await tx.insert(jobs)).map(({ outcome }) => outcome)), new Set(["inserted"]));
    const ends = [running, parent].map((job) => changeOf(job, "Succeeded"));
    assert.deepEqual(await tx.change(ends), ["applied", "applied"]);
    await tx.commit();
    const places = await placesOf(
      setup,
      [...jobs, child, parent].map(({ id }) => id),
    );
    assert.deepEqual(places, ["ready", "ready", "ready", "ready", "Succeeded"]);
  });

  test.each(LEVELS)("%s: an id that has come and gone since it began stays one job", async (level) => {
    await using opened = openBeside();
    const { setup, storage } = opened;
    const tx = await begunLongAgo(opened, level);
    const done = await setup.jobIn("Succeeded");
    const [other] = newJobs(1);
    assert(other !== undefined);
    await assertRejects(tx.insert([other, newJob({ id: done.id })]), "FL_STORAGE_BUSY");
    assert.equal((await tx.client.query("COMMIT")).command, "ROLLBACK");
    assert.deepEqual(
      (await storage.get([done.id, other.id])).map(({ state }) => state),
      ["Succeeded"],
    );
    assert.equal((await storage.counts()).Enqueued, 0);
  });

  test.each(LEVELS)(
    "%s: a parent that is younger than the transaction is not taken for missing",
    async (level) => {
      await using opened = openBeside();
      const tx = await begunLongAgo(opened, level);
      const parent = await opened.setup.inserted();
      await assertRejects(tx.insert([newJob(behind(parent.id))]), "FL_STORAGE_BUSY");
    },
  );

  test.each(LEVELS)("%s: a child that others have tied since it began is released", async (level) => {
    await using opened = openBeside();
    const { setup } = opened;
    const parent = await setup.claimed();
    await setup.inserted(behind(parent.id));
    const tx = await begunLongAgo(opened, level);
    const child = await setup.inserted(behind(parent.id));
    assert.deepEqual(await tx.change([changeOf(parent, "Succeeded")]), ["applied"]);
    await tx.commit();
    assert.deepEqual(await placesOf(setup, [child.id]), ["ready"]);
  });

  test.each(LEVELS)(
    "%s: a job that others have changed since it began is to be tried anew",
    async (level) => {
      await using opened = openBeside();
      const { setup, storage } = opened;
      const job = await setup.claimed();
      const tx = await begunLongAgo(opened, level);
      await storage.append([{ id: job.id, fence: job.fence, attempt: 1, kind: "parameters", text: "{}" }]);
      const error: unknown = await tx.change([changeOf(job, "Succeeded")]).catch((reason: unknown) => reason);
      assert(error instanceof Error && error.cause instanceof Error);
      assert.equal(Reflect.get(error, "code"), "FL_STORAGE_BUSY");
      assert.equal(Reflect.get(error.cause, "code"), "40001");
      assert.match(error.message, /Roll back, and try the whole transaction again/);
      await tx.rollback();
      assert.equal((await setup.row(job.id)).state, "Processing");
    },
  );

  test("what is no transaction is refused, and nothing of it is written", async () => {
    await using opened = openBeside();
    const { storage } = opened;
    const client = await opened.caller();
    const pool = new Pool({ connectionString: POSTGRES_URL });
    const unconnected = new Client({ connectionString: POSTGRES_URL });
    // @ts-expect-error: a pool is no transaction, its clients are
    const _compiled = (own: PoolClient) => [storage.insert([], own), storage.insert([], pool)];
    const insert = async (tx: unknown) => await Reflect.apply(storage.insert, storage, [[newJob()], tx]);
    const refused = async (tx: unknown, why: RegExp) =>
      await assert.rejects(insert(tx), (error: Error) => {
        assert.equal(Reflect.get(error, "code"), "FL_INVALID_TRANSACTION");
        return why.test(error.message);
      });
    await refused(pool, /Pass the client of the transaction, not the pool/);
    await refused({}, /Pass the client/);
    await refused(null, /Pass the client/);
    await refused(client, /has not begun, or is over/);
    await refused(unconnected, /has not begun, or is over/);
    await client.query("BEGIN");
    await assert.rejects(client.query("SELECT 1/0"));
    await refused(client, /Send ROLLBACK, and begin anew/);
    await client.query("ROLLBACK");
    await client.query("BEGIN READ ONLY");
    await refused(client, /read-only/);
    await client.query("ROLLBACK");
    await client.query("BEGIN");
    await client.query("COMMIT");
    await refused(client, /has not begun, or is over/);
    await pool.end();
    assert.equal((await storage.counts()).Enqueued, 0);
  });

  test("a transaction that cannot tell how it is, and one of another database", async () => {
    await using opened = openBeside();
    const client = await opened.caller();
    const plain = { query: <R extends unknown[]>(query: PostgresQuery) => client.query<R>(query) };
    await client.query("BEGIN");
    await assert.rejects(client.query("SELECT 1/0"));
    await assertRejects(opened.storage.insert([newJob()], plain), "FL_INVALID_TRANSACTION");
    await client.query("ROLLBACK");
    await client.query("BEGIN");
    await opened.storage.insert([newJob()], plain);
    await client.query("COMMIT");
    assert.equal((await opened.storage.counts()).Enqueued, 1);
    const database = newSchema();
    await onPostgres(`CREATE DATABASE "${database}"`);
    const url = new URL(POSTGRES_URL);
    url.pathname = database;
    const elsewhere = await newCaller(url.href);
    for (const hasTables of [false, true]) {
      const storage = hasTables ? new PostgresStorage(url.href, { schema: opened.schema }) : undefined;
      await storage?.ready;
      await elsewhere.query("BEGIN");
      await assertRejects(opened.storage.insert([newJob()], elsewhere), "FL_INVALID_TRANSACTION");
      assert.equal((await elsewhere.query("COMMIT")).command, "ROLLBACK");
      if (storage !== undefined) assert.equal((await storage.counts()).Enqueued, 0);
      await storage?.close();
    }
    await elsewhere.end();
    await onPostgres(`DROP DATABASE "${database}"`);
  });

  test("options: a misspelt one is refused", () => {
    // @ts-expect-error: what plain JavaScript may pass
    const make = () => new PostgresStorage(POSTGRES_URL, { notifyInTransaction: "no" });
    assert.throws(make, { code: "FL_INVALID_STORAGE_OPTIONS" });
  });

  test("text that PostgreSQL cannot hold: nothing of the transaction is committed", async () => {
    await using opened = openBeside();
    const tx = await opened.begun();
    await tx.insert([newJob()]);
    await assertRejects(tx.insert([newJob({ args: '"\u0000"' })]), "FL_STORAGE_REFUSED");
    await assertRejects(tx.insert([newJob()]), "FL_INVALID_TRANSACTION");
    await tx.commit();
    assert.equal((await opened.storage.counts()).Enqueued, 0);
  });

  test("back at a savepoint of the caller's it goes on", async () => {
    await using opened = openBeside();
    const tx = await opened.begun();
    await tx.client.query("SAVEPOINT before");
    await assertRejects(tx.insert([newJob({ args: '"\u0000"' })]), "FL_STORAGE_REFUSED");
    await tx.client.query("ROLLBACK TO before");
    await tx.insert([newJob()]);
    await tx.commit();
    assert.equal((await opened.storage.counts()).Enqueued, 1);
  });

  test("a connection that dies in the middle leaves nothing, and the storage goes on", async () => {
    await using opened = openBeside();
    const { setup, storage } = opened;
    const job = await setup.claimed();
    const tx = await opened.begun();
    await tx.insert([newJob()]);
    await tx.change([changeOf(job, "Succeeded")]);
    const { rows } = await tx.client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    await onPostgres("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
    const error: unknown = await tx.insert([newJob()]).catch((reason: unknown) => reason);
    assert.match(String(error instanceof Error && Reflect.get(error, "code")), /^FL_STORAGE_FAILED$/);
    assert.equal(await eventually("the job is free", () => endOf(opened, job)), "applied");
    assert.equal((await storage.counts()).Enqueued, 0);
    assert.equal((await storage.insert([newJob()]))[0]?.outcome, "inserted");
  });

  test("calls at the same time in one transaction do not mix", async () => {
    await using opened = openBeside();
    const { setup } = opened;
    const parent = await setup.inserted();
    const tx = await opened.begun();
    const [same] = newJobs(1, behind(parent.id));
    assert(same !== undefined);
    const calls = [[same, newJob(limited("k"))], [same], [newJob(), same]];
    const outcomes = await Promise.all(calls.map((jobs) => tx.insert(jobs)));
    await tx.commit();
    assert.deepEqual(
      outcomes.flat().map(({ outcome }) => outcome),
      ["inserted", "inserted", "exists", "inserted", "exists"],
    );
  });

  test("two callers that wait for each other: one is told to begin anew", async () => {
    await using opened = openBeside();
    const [a, b] = newJobs(2);
    assert(a !== undefined && b !== undefined);
    const [one, two] = [await opened.begun(), await opened.begun()];
    await one.insert([a]);
    await two.insert([b]);
    const results = await Promise.allSettled([one.insert([b]), two.insert([a])]);
    const lost = results.findIndex(({ status }) => status === "rejected");
    const error = results[lost];
    assert(error?.status === "rejected");
    assert.equal(error.reason.code, "FL_STORAGE_BUSY");
    assert.equal(error.reason.cause.code, "40P01");
    await Promise.all([one, two].map((tx) => tx.commit()));
    assert.equal((await opened.storage.counts()).Enqueued, 2);
  });
});

/** Its snapshot is from now. */
async function begunLongAgo(opened: Callers, level: string) {
  await opened.storage.ready;
  const tx = await opened.begun(`BEGIN ISOLATION LEVEL ${level}`);
  await tx.client.query(`SELECT count(*) FROM ${opened.schema}.job`);
  return tx;
}

async function endOf({ setup }: Callers, job: Parameters<typeof changeOf>[0]) {
  const outcome = await setup.commit(changeOf(job, "Succeeded"));
  return outcome === "busy" ? undefined : outcome;
}
