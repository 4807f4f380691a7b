import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, createConnection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { MysqlStorage } from "../../src/drivers/mysql/index.ts";
import type { NewJob, Storage } from "../../src/storage/index.ts";
import { newJob, newJobs } from "../../src/testing/contract/builders.ts";
import { mysqlServer } from "../servers/mysql-server.ts";
import type { StartedServer } from "../servers/server-kind.ts";

const program = mysqlServer.find();
const SLOW = 120_000;

describe.skipIf(program === undefined)("a MySQL server of its own", () => {
  const folder = mkdtempSync(join(tmpdir(), "firelater-mysql-outage-"));
  let port = 0;
  let server: StartedServer;

  beforeAll(async () => {
    port = await freePort();
    server = await start();
    await admin((connection) => connection.query("CREATE DATABASE jobs"));
  }, SLOW);

  afterAll(async () => {
    await end();
    rmSync(folder, { recursive: true, force: true });
  }, SLOW);

  test(
    "that is killed and started again loses no job, and stores none twice",
    async () => {
      await using storage = new MysqlStorage(`${server.url}jobs`);
      const before = newJobs(20);
      for (const job of before) await storage.insert([job]);
      const after = newJobs(40);
      const storing = Promise.all(after.map((job) => storeOnce(storage, job)));
      await end();
      server = await start();
      await storing;
      expect(await storage.get([...before, ...after].map(({ id }) => id))).toHaveLength(60);
      expect((await storage.counts()).Enqueued).toBe(60);
    },
    SLOW,
  );

  test(
    "whose connections are all taken fails calls with a code, and works once there is one",
    async () => {
      await admin((connection) => connection.query("SET GLOBAL max_connections = 10"));
      const taken: Connection[] = [];
      try {
        for (;;) taken.push(await createConnection({ uri: server.url }));
      } catch (error) {
        expect(error).toMatchObject({ errno: 1040 });
      }
      await using storage = new MysqlStorage(`${server.url}jobs`);
      await expect(storage.ready).rejects.toMatchObject({ code: "FL_STORAGE_FAILED" });
      const job = newJob();
      await expect(storage.insert([job])).rejects.toMatchObject({
        code: "FL_STORAGE_FAILED",
        cause: { errno: 1040 },
      });
      for (const connection of taken) await connection.end();
      await storeOnce(storage, job);
      expect(await storage.get([job.id])).toHaveLength(1);
    },
    SLOW,
  );

  async function start(): Promise<StartedServer> {
    const started = await mysqlServer.start(program ?? "", folder, port);
    await vi.waitUntil(() => mysqlServer.answers(started.url), { timeout: SLOW, interval: 100 });
    return started;
  }

  async function end(): Promise<void> {
    const exited = once(server.process, "exit");
    server.process.kill("SIGKILL");
    await exited;
  }

  async function admin(run: (connection: Connection) => Promise<unknown>): Promise<void> {
    const connection = await createConnection({ uri: server.url });
    await run(connection);
    await connection.end();
  }
});

/** As a client does that was told of a failure: the same id again. */
async function storeOnce(storage: Storage, job: NewJob): Promise<void> {
  await expect
    .poll(
      () =>
        storage.insert([job]).then(
          () => "stored",
          (error: unknown) => (error instanceof Error ? Reflect.get(error, "code") : error),
        ),
      { timeout: SLOW, interval: 50 },
    )
    .toBe("stored");
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}
