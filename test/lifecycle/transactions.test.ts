import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BackgroundJobClient, currentJob, defineJobs, type JobFilter, type JobSet } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import { describe, expect, test } from "vitest";
import { JobServer } from "../../src/server/server.ts";
import { RecordingLogger } from "./recording-logger.ts";
import { FAST, SOON, Workbench } from "./workbench.ts";

/** An application that keeps its data and its jobs in one file, and writes both on one connection. */
class Shop implements AsyncDisposable {
  readonly db: DatabaseSync;
  readonly storage: SqliteStorage<DatabaseSync>;
  readonly logger = new RecordingLogger();
  readonly #folder: string;
  readonly #servers: JobServer[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
    this.db = new DatabaseSync(join(folder, "shop.db"));
    this.db.exec("CREATE TABLE shop_order (id TEXT)");
    this.storage = new SqliteStorage(this.db, { synchronous: "normal" });
  }

  static async open(): Promise<Shop> {
    const shop = new Shop(await mkdtemp(join(tmpdir(), "firelater-")));
    await shop.storage.ready;
    return shop;
  }

  get orders(): number {
    return Number(this.db.prepare("SELECT count(*) AS n FROM shop_order").get()?.n);
  }

  order(): void {
    this.db.exec("INSERT INTO shop_order (id) VALUES ('a')");
  }

  /** As an application would: committed when `body` resolves, rolled back when it throws. */
  async transaction<T>(body: () => Promise<T>): Promise<T> {
    this.db.exec("BEGIN IMMEDIATE");
    try {
      const result = await body();
      this.db.exec("COMMIT");
      return result;
    } catch (error) {
      this.db.exec("ROLLBACK");
      throw error;
    }
  }

  client<J extends JobSet>(jobs: J, filters: JobFilter[] = []): BackgroundJobClient<J, DatabaseSync> {
    return new BackgroundJobClient({ storage: this.storage, jobs, filters });
  }

  async serve(jobs: JobSet | URL, more: { workerCount?: number; threads?: number } = {}): Promise<JobServer> {
    const server = new JobServer({ storage: this.storage, jobs, logger: this.logger, ...FAST, ...more });
    this.#servers.push(server);
    return server.started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server.stop({ timeout: "1s" });
    await this.storage.close();
    this.db.close();
    await rm(this.#folder, { recursive: true });
  }
}

class Rollback extends Error {}
const rolledBack = (error: unknown) => {
  if (!(error instanceof Rollback)) throw error;
};

describe("a job that is enqueued in the caller's transaction", () => {
  test("comes with what the caller commits, and not with what it rolls back", async () => {
    await using shop = await Shop.open();
    const runs: string[] = [];
    const jobs = defineJobs({ ship: async (id: string) => void runs.push(`${id}: ${shop.orders} orders`) });
    const client = shop.client(jobs);
    await shop.serve(jobs);
    const { db: tx } = shop;
    await shop
      .transaction(async () => {
        shop.order();
        await client.enqueue((j) => j.ship("never"), { tx });
        throw new Rollback();
      })
      .catch(rolledBack);
    const id = await shop.transaction(async () => {
      shop.order();
      const stored = await client.enqueue((j) => j.ship("a"), { tx });
      expect(await client.get(stored)).toBeNull();
      return stored;
    });
    await client.result(id, { timeout: "20s" });
    expect(runs).toEqual(["a: 1 orders"]);
  });

  test("in every way in which calls are stored", async () => {
    await using shop = await Shop.open();
    const jobs = defineJobs({ ship: (_: string) => {} }, { ship: { concurrency: { limit: 1 } } });
    const client = shop.client(jobs);
    const { db: tx } = shop;
    const ids = await shop.transaction(async () => [
      await client.delay((j) => j.ship("a"), "1h", { tx }),
      await client.schedule((j) => j.ship("b"), new Date(0), { tx }),
      ...(await client.enqueueMany((j) => [j.ship("c"), [j.ship("d"), { priority: 1 }]], { tx })),
    ]);
    const child = await shop.transaction(() => client.continueWith(ids[2] ?? "", (j) => j.ship("e"), { tx }));
    const states = await Promise.all([...ids, child].map(async (id) => (await client.get(id))?.state));
    expect(states).toEqual(["Scheduled", "Scheduled", "Enqueued", "Enqueued", "Awaiting"]);
  });

  test("passes its filters, and is undone with them", async () => {
    await using shop = await Shop.open();
    const told: unknown[] = [];
    const filter: JobFilter = {
      onCreating: ({ addTag }) => addTag("from the shop"),
      onCreated: ({ error }) => void told.push(error),
    };
    const jobs = defineJobs({ ship: (_: string) => {} });
    const client = shop.client(jobs, [filter]);
    const [id] = await shop.transaction(() => client.enqueueMany((j) => [j.ship("a")], { tx: shop.db }));
    expect(await client.get(id ?? "")).toMatchObject({ tags: ["from the shop"] });
    expect(told).toEqual([undefined]);
  });

  test("is refused where there is no such transaction, before anything is written", async () => {
    await using shop = await Shop.open();
    await using other = await Shop.open();
    const jobs = defineJobs({ ship: (_: string) => {} });
    const client = shop.client(jobs);
    const refused = expect.objectContaining({ code: "FL_INVALID_TRANSACTION" });
    await expect(client.enqueue((j) => j.ship("a"), { tx: shop.db })).rejects.toEqual(refused);
    other.db.exec("BEGIN");
    await expect(client.enqueue((j) => j.ship("a"), { tx: other.db })).rejects.toEqual(refused);
    await expect(client.enqueueMany((j) => [j.ship("a")], { tx: JSON.parse("5") })).rejects.toEqual(refused);
    const own = JSON.parse('{"tx":5}');
    await expect(client.enqueueMany((j) => [[j.ship("a"), own]])).rejects.toMatchObject({
      code: "FL_INVALID_OPTIONS",
    });
    expect((await shop.storage.counts()).Enqueued).toBe(0);
  });

  test("is told of a transaction that can write no more", async () => {
    await using shop = await Shop.open();
    const jobs = defineJobs({ ship: (_: string) => {} });
    const client = shop.client(jobs);
    shop.db.exec("BEGIN");
    expect(shop.orders).toBe(0);
    await client.enqueue((j) => j.ship("another"));
    await expect(client.enqueue((j) => j.ship("a"), { tx: shop.db })).rejects.toMatchObject({
      code: "FL_INVALID_TRANSACTION",
      message: expect.stringContaining("BEGIN IMMEDIATE"),
    });
    shop.db.exec("ROLLBACK");
  });
});

describe("a job that completes in its own transaction", () => {
  test("has succeeded when that is committed, with the result that it gave", async () => {
    await using shop = await Shop.open();
    const ends: unknown[] = [];
    const jobs = defineJobs({
      async ship(): Promise<string> {
        const { completeIn, log, parameters } = currentJob();
        log("shipping");
        parameters.set("carrier", "DHL");
        await shop.transaction(async () => {
          shop.order();
          await completeIn(shop.db, "shipped");
        });
        // Long enough for the server to ask what has become of its claims.
        await new Promise((resolve) => setTimeout(resolve, 1_200));
        log("shipped");
        ends.push(currentJob().signal.aborted);
        return "not stored";
      },
      after: (result: string) => void ends.push(result),
    });
    const server = await shop.serve(jobs, { workerCount: 2 });
    server.on("succeeded", ({ name }) => ends.push(name));
    const client = shop.client(jobs);
    const id = await client.enqueue((j) => j.ship());
    const next = await client.continueWith(id, (j, parent) => j.after(parent.result));
    await client.result(next, { timeout: "20s" });
    await expect.poll(() => ends, SOON).toEqual(["shipped", "after", false, "ship"]);
    expect(await client.get(id)).toMatchObject({
      state: "Succeeded",
      logs: [{ text: "shipping" }, { text: "shipped" }],
      parameters: { carrier: "DHL" },
    });
    expect(await client.result(id)).toBe("shipped");
    expect(shop.orders).toBe(1);
    expect([...shop.logger.texts("warn", "job "), ...shop.logger.texts("error")]).toEqual([]);
  });

  test("is tried again when it rolls back and throws, and may complete in the next one", async () => {
    await using shop = await Shop.open();
    let rounds = 0;
    const jobs = defineJobs(
      {
        async ship(): Promise<void> {
          const { attempt, completeIn } = currentJob();
          const body = async (fails: boolean) => {
            rounds++;
            shop.order();
            await completeIn(shop.db, rounds);
            if (fails) throw new Rollback("rolled back");
          };
          await shop.transaction(() => body(true)).catch(attempt === 1 ? undefined : rolledBack);
          await shop.transaction(() => body(false));
        },
      },
      { ship: { retry: { delays: ["1ms"] } } },
    );
    await shop.serve(jobs);
    const client = shop.client(jobs);
    const id = await client.enqueue((j) => j.ship());
    expect(await client.result(id, { timeout: "20s" })).toBe(3);
    expect(await client.get(id)).toMatchObject({ attempt: 2 });
    expect(shop.orders).toBe(1);
  });

  test("has succeeded, and is told so, also when it then completes where it cannot", async () => {
    await using shop = await Shop.open();
    const codes: unknown[] = [];
    const jobs = defineJobs({
      async ship(): Promise<void> {
        const { completeIn } = currentJob();
        await shop.transaction(() => completeIn(shop.db, "shipped"));
        await completeIn(shop.db, "once more").catch((error) => codes.push(error.code));
      },
    });
    const server = await shop.serve(jobs);
    const heard: string[] = [];
    server.on("succeeded", ({ name }) => heard.push(name));
    const client = shop.client(jobs);
    const id = await client.enqueue((j) => j.ship());
    await expect.poll(() => heard, SOON).toEqual(["ship"]);
    expect(codes).toEqual(["FL_INVALID_TRANSACTION"]);
    expect(await client.result(id)).toBe("shipped");
    expect([...shop.logger.texts("warn", "job "), ...shop.logger.texts("error")]).toEqual([]);
  });

  test("stays Succeeded when it throws after its commit, and the log says so", async () => {
    await using shop = await Shop.open();
    const jobs = defineJobs({
      async ship(): Promise<void> {
        await shop.transaction(() => currentJob().completeIn(shop.db));
        throw new Error("too late");
      },
    });
    const server = await shop.serve(jobs);
    const heard: string[] = [];
    for (const event of ["succeeded", "retrying"] as const) server.on(event, () => heard.push(event));
    const client = shop.client(jobs);
    const id = await client.enqueue((j) => j.ship());
    await expect.poll(() => heard, SOON).toEqual(["succeeded"]);
    expect(await client.get(id)).toMatchObject({ state: "Succeeded", attempt: 1 });
    expect(shop.logger.texts("error")).toEqual([
      expect.stringContaining(
        "threw after it had completed in its own transaction, and is not tried again: too late",
      ),
    ]);
  });

  test("is refused when the job was deleted meanwhile: what it wrote is rolled back with it", async () => {
    await using shop = await Shop.open();
    const started = Promise.withResolvers<void>();
    const deleted = Promise.withResolvers<void>();
    const codes: unknown[] = [];
    const jobs = defineJobs({
      async ship(): Promise<void> {
        started.resolve();
        await deleted.promise;
        await shop
          .transaction(async () => {
            shop.order();
            await currentJob().completeIn(shop.db);
          })
          .catch((error) => codes.push(error.code));
      },
    });
    await shop.serve(jobs);
    const client = shop.client(jobs);
    const id = await client.enqueue((j) => j.ship());
    await started.promise;
    await client.delete(id);
    deleted.resolve();
    await expect.poll(() => codes, SOON).toEqual([expect.stringMatching(/FL_CLAIM_LOST|FL_JOB_CANCELLED/)]);
    expect(shop.orders).toBe(0);
    expect(await client.get(id)).toMatchObject({ state: "Deleted" });
  });

  test("is refused without a transaction, and in a thread", async () => {
    await using shop = await Shop.open();
    const jobs = defineJobs({ ship: () => currentJob().completeIn(shop.db) }, { ship: { retry: false } });
    const client = shop.client(jobs);
    await shop.serve(jobs);
    await expect(client.result(await client.enqueue((j) => j.ship()))).rejects.toMatchObject({
      message: expect.stringContaining("not in a transaction"),
    });
    await using bench = Workbench.inMemory();
    await bench.serve(jobs);
    const inMemory = bench.client(jobs);
    await expect(inMemory.result(await inMemory.enqueue((j) => j.ship()))).rejects.toMatchObject({
      message: expect.stringContaining("no transactions of its callers"),
    });
    const threads = new URL("./programs/completing-jobs.ts", import.meta.url);
    await using elsewhere = await Shop.open();
    await elsewhere.serve(threads, { threads: 1 });
    const remote = new BackgroundJobClient<
      JobSet<typeof import("./programs/completing-jobs.ts").completing>,
      never
    >({ storage: elsewhere.storage });
    await expect(remote.result(await remote.enqueue((j) => j.ship()))).rejects.toMatchObject({
      message: expect.stringContaining("CompletionUnavailableError"),
    });
  });
});
