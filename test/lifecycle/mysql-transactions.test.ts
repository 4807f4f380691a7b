import { BackgroundJobClient, currentJob, defineJobs, type JobSet } from "firelater";
import { MysqlStorage } from "firelater/mysql";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { afterAll, describe, expect, test } from "vitest";
import { JobServer } from "../../src/server/server.ts";
import { dropDatabases, giveBackDatabase, reach, takeDatabase, urlOf } from "../contract/mysql-server.ts";
import { RecordingLogger } from "./recording-logger.ts";
import { FAST, SOON } from "./workbench.ts";

describe.skipIf((await reach()) !== undefined)("transactions of applications on MySQL", () => {
  afterAll(dropDatabases);

  test("a job that was enqueued in a transaction runs once that is committed, and never after a rollback", async () => {
    await using shop = await Shop.open();
    const runs: string[] = [];
    const client = shop.serve(defineJobs({ note: (what: string) => runs.push(what) }));
    await shop.transaction("ROLLBACK", async (tx) => {
      await client.enqueue((j) => j.note("lost"), { tx });
      await client.enqueueMany((j) => [j.note("lost, too"), j.note("and that")], { tx });
    });
    let id = "";
    await shop.transaction("COMMIT", async (tx) => {
      id = await client.enqueue((j) => j.note("kept"), { tx });
      const then = await client.continueWith(id, (j) => j.note("then"), { tx });
      await client.enqueue((j) => j.note("before"));
      await expect.poll(() => runs, SOON).toEqual(["before"]);
      expect(await client.get(id)).toBeNull();
      expect(await client.get(then)).toBeNull();
    });
    await client.result(id, { timeout: "30s" });
    await expect.poll(() => runs, SOON).toEqual(["before", "kept", "then"]);
  });

  test("what a job writes and its success are committed together", async () => {
    await using shop = await Shop.open();
    const [completed, mayCommit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const client = shop.serve(
      defineJobs({
        pay: (order: number) =>
          shop.transaction("COMMIT", async (tx) => {
            await shop.writeRow(tx, order);
            currentJob().log("paid");
            await currentJob().completeIn(tx, { order });
            completed.resolve();
            await mayCommit.promise;
          }),
      }),
    );
    const id = await client.enqueue((j) => j.pay(7));
    await completed.promise;
    expect([await shop.rows(), (await client.get(id))?.state]).toEqual([[], "Processing"]);
    mayCommit.resolve();
    expect(await client.result(id, { timeout: "30s" })).toEqual({ order: 7 });
    expect(await shop.rows()).toEqual([7]);
    expect((await client.get(id))?.attempt).toBe(1);
  });

  test("a job continues itself in the transaction in which it ends, and may say what it does", async () => {
    await using shop = await Shop.open();
    const runs: string[] = [];
    const jobs = defineJobs({
      ship: (order: number) => runs.push(`ship ${order}`),
      pay: (order: number) =>
        shop.transaction("COMMIT", async (tx) => {
          await shop.writeRow(tx, order);
          await client.continueWith(currentJob().id, (j) => j.ship(order), { tx });
          currentJob().parameters.set("order", order);
          currentJob().log("paid");
          await currentJob().completeIn(tx);
        }),
    });
    const client = shop.serve(jobs);
    await client.result(await client.enqueue((j) => j.pay(7)), { timeout: "30s" });
    await expect.poll(() => runs, SOON).toEqual(["ship 7"]);
    expect(await shop.rows()).toEqual([7]);
  });

  test("a job that is rolled back after it was completed is tried again", async () => {
    await using shop = await Shop.open();
    const client = shop.serve(
      defineJobs(
        {
          pay: async (order: number) => {
            const { attempt, completeIn } = currentJob();
            await shop.transaction(attempt === 1 ? "ROLLBACK" : "COMMIT", async (tx) => {
              await shop.writeRow(tx, order);
              await completeIn(tx, attempt);
            });
            if (attempt === 1) throw new Error("declined");
          },
        },
        { pay: { retry: { delays: ["0ms"] } } },
      ),
    );
    const id = await client.enqueue((j) => j.pay(7));
    expect(await client.result(id, { timeout: "30s" })).toBe(2);
    expect(await shop.rows()).toEqual([7]);
    const states = (await client.get(id))?.history.map(({ state }) => state);
    expect(states?.filter((state) => state === "Processing")).toHaveLength(2);
    expect(states?.at(-1)).toBe("Succeeded");
  });
});

/** An application with a table of its own beside its jobs. */
class Shop implements AsyncDisposable {
  readonly storage: MysqlStorage;
  readonly #database: string;
  readonly #servers: JobServer[] = [];

  private constructor(database: string) {
    this.#database = database;
    this.storage = new MysqlStorage(urlOf(database), { maxConnections: 4 });
  }

  static async open(): Promise<Shop> {
    const shop = new Shop(await takeDatabase());
    await shop.storage.ready;
    await shop.#connected((own) => own.query("CREATE TABLE IF NOT EXISTS paid (order_id INT NOT NULL)"));
    return shop;
  }

  serve<J extends JobSet>(jobs: J) {
    const { storage } = this;
    this.#servers.push(new JobServer({ storage, jobs, logger: new RecordingLogger(), ...FAST }));
    return new BackgroundJobClient({ storage, jobs });
  }

  /** On a connection of its own; what the body throws ends it in a rollback. */
  async transaction(end: "COMMIT" | "ROLLBACK", body: (tx: Connection) => Promise<void>): Promise<void> {
    await this.#connected(async (tx) => {
      await tx.beginTransaction();
      await body(tx);
      await tx.query(end);
    });
  }

  async writeRow(tx: Connection, order: number): Promise<void> {
    await tx.query("INSERT INTO paid (order_id) VALUES (?)", [order]);
  }

  async rows(): Promise<number[]> {
    const [rows] = await this.#connected((own) =>
      own.query<RowDataPacket[]>("SELECT order_id FROM paid ORDER BY 1"),
    );
    return rows.map(({ order_id }) => Number(order_id));
  }

  async #connected<T>(run: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await createConnection(urlOf(this.#database));
    try {
      return await run(connection);
    } finally {
      await connection.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop({ timeout: "0s" })));
    await this.storage.close();
    await giveBackDatabase(this.#database);
  }
}
