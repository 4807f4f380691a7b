import assert from "node:assert/strict";
import { Pool } from "pg";
import { describe, test, vi } from "vitest";
import {
  type PostgresPool,
  type PostgresQuery,
  PostgresStorage,
  type PostgresStorageOptions,
} from "../../src/drivers/postgres/index.ts";
import { changeOf, newJob, newJobs, PROCESSING } from "../../src/testing/contract/builders.ts";
import { assertRejects, eventually } from "../../src/testing/contract/expect.ts";
import { setUp } from "../../src/testing/contract/setup.ts";
import { errorResponse, Gateway, standIn } from "../postgres-gateway.ts";
import { dropSchema, isReachable, newSchema, onPostgres, POSTGRES_URL } from "../postgres-schema.ts";

describe.skipIf(!(await isReachable()))("PostgreSQL that is not there, or goes away", () => {
  test("what is no URL is refused, and not repeated: it may hold a password", () => {
    for (const source of ["secret", "mysql://a:secret@b/c", "postgres://a:secret@[b/c", { pool: "secret" }]) {
      // @ts-expect-error: what plain JavaScript may pass
      const make = () => new PostgresStorage(source);
      assert.throws(make, (error: Error & { code?: string }) => {
        assert.equal(error.code, "FL_INVALID_STORAGE_OPTIONS");
        return !error.message.includes("secret");
      });
    }
    const url = "postgres://somebody:secret@localhost:1/app?password=secret";
    const storage = new PostgresStorage(url, { schema: "jobs" });
    assert.equal(storage.name, "postgres://localhost:1/app jobs");
    return storage.close();
  });

  test("a weaker durability that the server or the URL sets is told", async () => {
    await using strong = open();
    await strong.storage.ready;
    assert.deepEqual(strong.storage.durability, { level: "fsync", setting: "synchronous_commit=on" });
    const url = new URL(POSTGRES_URL);
    url.searchParams.set("options", "-c synchronous_commit=off");
    await using weak = open(url.href);
    await weak.storage.ready;
    assert.deepEqual(weak.storage.durability, { level: "os", setting: "synchronous_commit=off" });
  });

  test("a wrong password is told at once, without the password", async () => {
    await using server = await standIn((socket) => {
      socket.once("data", () =>
        socket.end(errorResponse("28P01", 'password authentication failed for user "app"')),
      );
    });
    const storage = new PostgresStorage(`postgres://app:secret@127.0.0.1:${server.port}/app`);
    await assertRejects(storage.ready, "FL_STORAGE_FAILED");
    const error: unknown = await storage.insert([newJob()]).catch((cause: unknown) => cause);
    assert(error instanceof Error && error.message.includes("password authentication failed"));
    assert(!error.message.includes("secret"));
    await storage.close();
  });

  test("a role without rights is told; with the rights on a schema that is there it works", async () => {
    const schema = newSchema();
    const url = new URL(POSTGRES_URL);
    url.username = schema;
    await onPostgres(`CREATE ROLE "${schema}" LOGIN`);
    try {
      const refused = new PostgresStorage(url.href, { schema });
      await assertRejects(refused.ready, "FL_STORAGE_FAILED");
      await refused.close();
      await onPostgres(`CREATE SCHEMA "${schema}" AUTHORIZATION "${schema}"`);
      const storage = new PostgresStorage(url.href, { schema });
      assert.equal((await storage.insert([newJob()]))[0]?.outcome, "inserted");
      await storage.close();
    } finally {
      await dropSchema(schema);
      await onPostgres(`DROP OWNED BY "${schema}"`);
      await onPostgres(`DROP ROLE "${schema}"`);
    }
  });

  test("a database that comes up a little later is waited for", async () => {
    await using gateway = await Gateway.closed();
    await using opened = open(gateway.url);
    const inserting = opened.storage.insert([newJob()]);
    await gateway.refusedOnce();
    await gateway.listen();
    assert.equal((await inserting)[0]?.outcome, "inserted");
    await opened.storage.ready;
  });

  test("a database that comes up much later is found by the next call", async () => {
    await using gateway = await Gateway.closed();
    await using opened = open(gateway.url);
    await assertRejects(opened.storage.ready, "FL_STORAGE_FAILED");
    await assertRejects(opened.storage.insert([newJob()]), "FL_STORAGE_FAILED");
    await gateway.listen();
    assert.equal((await opened.storage.insert([newJob()]))[0]?.outcome, "inserted");
  });

  test("a connection that is ended in the moment in which it is made ends no process", async () => {
    const accepted = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
    await using server = await standIn((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(Buffer.concat([accepted, errorResponse("57P01", "terminating")])));
    });
    const url = `postgres://app@127.0.0.1:${server.port}/app`;
    const pool = new Pool({ connectionString: url });
    for (const source of [url, { pool }]) {
      const storage = new PostgresStorage(source);
      await assertRejects(storage.ready, "FL_STORAGE_FAILED");
      await storage.close();
    }
    await pool.end();
    assert.deepEqual([pool.listenerCount("connect"), pool.listenerCount("error")], [0, 0]);
  });

  test("a pool of somebody else's that has no connection to spare fails calls in time, and then serves again", async () => {
    const schema = newSchema();
    await using _ = { [Symbol.asyncDispose]: () => dropSchema(schema) };
    const pool = new Pool({ connectionString: POSTGRES_URL, max: 1 });
    const storage = new PostgresStorage({ pool }, { schema, listen: false });
    await storage.ready;
    const client = await pool.connect();
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const inserting = storage.insert([newJob()], client).catch((error: unknown) => error);
      await vi.waitUntil(() => pool.waitingCount > 0);
      vi.advanceTimersByTime(15_000);
      assert.match(String(await inserting), /gave no connection within 15000 ms/);
    } finally {
      vi.useRealTimers();
    }
    await client.query("ROLLBACK");
    client.release();
    assert.equal((await storage.insert([newJob()]))[0]?.outcome, "inserted");
    assert.deepEqual([pool.totalCount, pool.idleCount], [1, 1]);
    await storage.close();
    await pool.end();
  });

  test("connections that are ended under way lose nothing, and are made anew", async () => {
    await using opened = open();
    const { storage, terminate } = opened;
    const setup = setUp({ storage, another: async () => storage, dispose: async () => {} });
    const server = await setup.server();
    const heard = new Set<string>();
    storage.subscribe(({ kind }) => heard.add(kind));
    const jobs = newJobs(300);
    const claimed = new Set<string>();
    let isOver = false;
    const ending = (async () => {
      for (let nth = 0; nth < 8; nth++) await terminate();
      isOver = true;
    })();
    // As clients and servers do: what failed is sent again, with the same id and the same fence.
    for (const job of jobs) await untilDone(() => storage.insert([job]));
    await eventually("every job has succeeded", async () => {
      const request = { incarnation: server, entry: PROCESSING, queues: ["default"], slots: 50, buffer: 0 };
      await storage.claim(request).catch(coded);
      const held = await untilDone(() => storage.held(server));
      const rows = await untilDone(() => storage.get(held.map(({ id }) => id)));
      for (const row of rows) claimed.add(row.id);
      await untilDone(() => storage.commit(rows.map((row) => changeOf(row, "Succeeded"))));
      const { Succeeded } = await untilDone(() => storage.counts());
      return Succeeded === jobs.length && isOver ? true : undefined;
    });
    await ending;
    assert.equal(claimed.size, jobs.length);
    assert.equal((await storage.counts()).Processing, 0);
    heard.clear();
    const other = opened.another();
    await eventually("other processes are heard again", async () => {
      await other.insert([newJob()]);
      return heard.has("ready") ? true : undefined;
    });
  });

  test("a transaction whose connection is ended is undone, and the call tells", async () => {
    await using opened = open();
    const { storage, terminate } = opened;
    const parent = newJob();
    await storage.insert([parent]);
    for (let round = 0; round < 20; round++) {
      const child = newJob({ gate: { parents: [parent.id], condition: "succeeded" } });
      const inserting = storage.insert([child]).catch(coded);
      await terminate();
      const outcome = await inserting;
      const isThere = (await untilDone(() => storage.get([child.id]))).length === 1;
      if (outcome !== undefined) assert(isThere);
      const parents = await untilDone(() => storage.parents([child.id]));
      assert.equal(parents.get(child.id)?.length, isThere ? 1 : 0);
    }
  });

  test("a connection that ends between two statements of a transaction ends no process", async () => {
    const schema = newSchema();
    await using _ = { [Symbol.asyncDispose]: () => dropSchema(schema) };
    const inner = new Pool({ connectionString: named(schema), max: 1 });
    let isArmed = false;
    const connect = async () => {
      const client = await inner.connect();
      return new Proxy(client, {
        get: (target, key) => {
          if (key !== "query") return bound(target, key);
          return async (query: PostgresQuery) => {
            if (isArmed && query.name?.startsWith("existing")) {
              isArmed = false;
              const ended = new Promise<void>((resolve) => target.once("end", resolve));
              await terminateAll(schema);
              await ended;
            }
            return await target.query(query);
          };
        },
      });
    };
    const pool: PostgresPool = new Proxy(inner, {
      get: (target, key) => (key === "connect" ? connect : bound(target, key)),
    });
    const storage = new PostgresStorage({ pool }, { schema });
    const [parent, child] = newJobs(2);
    assert(parent !== undefined && child !== undefined);
    await storage.insert([parent]);
    isArmed = true;
    const gate = { parents: [parent.id], condition: "succeeded" } as const;
    await assertRejects(storage.insert([{ ...child, gate }]), "FL_STORAGE_FAILED");
    assert.equal((await storage.insert([{ ...child, gate }]))[0]?.outcome, "inserted");
    await storage.close();
    await inner.end();
  });

  test("connections that are ended while the storage closes harm no process", async () => {
    // Listened for by nobody, what a connection tells last would end the process; here it fails the run.
    for (let round = 0; round < 15; round++) {
      const { storage, terminate, [Symbol.asyncDispose]: dispose } = open();
      await Promise.all(newJobs(4).map((job) => storage.insert([job])));
      await Promise.all([terminate(), storage.close()]);
      await dispose();
    }
  });

  test("where no more connections are to be had, a call tries again, and then tells", async () => {
    const schema = newSchema();
    const url = new URL(POSTGRES_URL);
    url.username = schema;
    await onPostgres(`CREATE ROLE "${schema}" LOGIN CONNECTION LIMIT 2`);
    await onPostgres(`CREATE SCHEMA "${schema}" AUTHORIZATION "${schema}"`);
    const storage = new PostgresStorage(url.href, { schema, maxConnections: 5 });
    const taken = new Pool({ connectionString: url.href, max: 2 });
    try {
      await storage.ready;
      const outcomes = await Promise.all(newJobs(40).map((job) => storage.insert([job])));
      assert(outcomes.every(([one]) => one?.outcome === "inserted"));
      await storage.close();
      const clients = [await taken.connect(), await taken.connect()];
      const late = new PostgresStorage(url.href, { schema });
      await assertRejects(late.ready, "FL_STORAGE_FAILED");
      for (const client of clients) client.release();
      await taken.end();
      // The server lets go of them in its own time.
      assert((await untilDone(() => late.now())) > 0);
      await late.close();
    } finally {
      await dropSchema(schema);
      await onPostgres(`DROP ROLE "${schema}"`);
    }
  });

  test("a pool of the caller's own is used, survives its broken connections, and stays open", async () => {
    const schema = newSchema();
    const pool = new Pool({ connectionString: named(schema), max: 3 });
    const storage = new PostgresStorage({ pool }, { schema });
    await using _ = { [Symbol.asyncDispose]: () => dropSchema(schema) };
    assert.equal(storage.leaseThread(), undefined);
    assert.equal((await storage.insert([newJob()]))[0]?.outcome, "inserted");
    await terminateAll(schema);
    assert.equal((await untilDone(() => storage.insert([newJob()])))[0]?.outcome, "inserted");
    await storage.close();
    assert.equal((await pool.query("SELECT 1 AS one")).rowCount, 1);
    await pool.end();
  });

  test("without LISTEN others are noticed all the same", async () => {
    await using opened = open(POSTGRES_URL, { listen: false });
    const heard: string[] = [];
    opened.storage.subscribe(({ kind }) => heard.push(kind));
    await eventually("it is idle", async () => ((await settled(heard)) ? true : undefined));
    await opened.another().insert([newJob()]);
    await eventually("something has changed", async () => (heard.includes("changed") ? true : undefined));
  });
});

/** Nothing is heard for a while; what was is forgotten. */
async function settled(heard: string[]): Promise<boolean> {
  heard.length = 0;
  await new Promise((resolve) => setTimeout(resolve, 600));
  return heard.length === 0;
}

async function untilDone<T>(call: () => Promise<T>): Promise<T> {
  return await eventually("the call succeeds", () => call().catch(coded));
}

/** A failed call has a code; anything else is a bug. */
function coded(error: unknown): undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  assert(code === "FL_STORAGE_FAILED" || code === "FL_STORAGE_BUSY", String(error));
}

function open(url = POSTGRES_URL, options: PostgresStorageOptions = {}) {
  const schema = newSchema();
  const make = () => new PostgresStorage(named(schema, url), { schema, maxConnections: 4, ...options });
  const storage = make();
  const handles = [storage];
  return {
    storage,
    another() {
      const other = make();
      handles.push(other);
      return other;
    },
    terminate: () => terminateAll(schema),
    async [Symbol.asyncDispose]() {
      for (const handle of handles) await handle.close();
      await dropSchema(schema);
    },
  };
}

function bound(target: object, key: string | symbol): unknown {
  const member: unknown = Reflect.get(target, key, target);
  return typeof member === "function" ? member.bind(target) : member;
}

/** Connections that can be told from those of others. */
function named(name: string, url = POSTGRES_URL): string {
  const named = new URL(url);
  named.searchParams.set("application_name", name);
  return named.href;
}

async function terminateAll(name: string): Promise<void> {
  await onPostgres("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [
    name,
  ]);
}
