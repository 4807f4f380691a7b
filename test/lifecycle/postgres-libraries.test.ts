import { BackgroundJobClient, currentJob, defineJobs, type JobSet } from "firelater";
import { PostgresStorage } from "firelater/postgres";
import { afterAll, describe, expect, test } from "vitest";
import { JobServer } from "../../src/server/server.ts";
import { type Begun, LIBRARIES, type Library } from "../contract/postgres-libraries.ts";
import { dropSchema, isReachable, newSchema, onPostgres, POSTGRES_URL } from "../postgres-schema.ts";
import { RecordingLogger } from "./recording-logger.ts";
import { FAST } from "./workbench.ts";

describe.skipIf(!(await isReachable()))("transactions of libraries on PostgreSQL", () => {
  describe.each(Object.entries(LIBRARIES))("%s", (_, connect) => {
    const library = connect();
    afterAll(() => library.close());

    test("rows of its user's and jobs are there together, or not at all", async () => {
      await using shop = await Shop.open(library);
      const storage = shop.storage;
      const client = new BackgroundJobClient({ storage, jobs: defineJobs({ note: (_what: string) => {} }) });
      const store = async ({ tx, write }: Begun) => {
        await write(`INSERT INTO ${shop.schema}.paid (order_id) VALUES (7)`);
        const id = await client.enqueue((j) => j.note('{"a":1}'), { tx, tags: ["a"] });
        await client.continueWith(id, (j) => j.note("then"), { tx });
        await client.delay((j) => j.note("later"), { hours: 1 }, { tx });
        await client.enqueueMany((j) => Array.from({ length: 1_000 }, (_, n) => j.note(`${n}`)), { tx });
      };
      await shop.transaction("rollback", store);
      expect([await shop.rows(), (await storage.counts()).Enqueued]).toEqual([[], 0]);
      await shop.transaction("commit", store);
      expect(await shop.rows()).toEqual([7]);
      expect(await storage.counts()).toMatchObject({ Enqueued: 1_001, Awaiting: 1, Scheduled: 1 });
    });

    test("a job ends together with the rows that it has written", async () => {
      await using shop = await Shop.open(library);
      const ends = ["rollback", "commit"] as const;
      const client = shop.serve(
        defineJobs(
          {
            pay: (order: number) =>
              shop.transaction(ends[currentJob().attempt - 1] ?? "commit", async ({ tx, write }) => {
                await write(`INSERT INTO ${shop.schema}.paid (order_id) VALUES (${order})`);
                await currentJob().completeIn(tx, { order, attempt: currentJob().attempt });
                if (currentJob().attempt === 1) throw new Error("after completion");
              }),
          },
          { pay: { retry: { retries: 1, delays: ["100ms"] } } },
        ),
      );
      const id = await client.enqueue((j) => j.pay(7));
      expect(await client.result(id, { timeout: "30s" })).toEqual({ order: 7, attempt: 2 });
      expect(await shop.rows()).toEqual([7]);
    });

    test("a transaction that is over takes no job", async () => {
      await using shop = await Shop.open(library);
      const client = new BackgroundJobClient({ storage: shop.storage, jobs: defineJobs({ console }) });
      const { tx, commit } = await library.begin();
      await commit();
      await expect(client.enqueue((j) => j.console.log("late"), { tx })).rejects.toMatchObject({
        code: expect.stringMatching(/^FL_(INVALID_TRANSACTION|TRANSACTION_NOT_ADAPTED)$/),
      });
      expect((await shop.storage.counts()).Enqueued).toBe(0);
    });
  });
});

/** An application with a table of its own beside its jobs. */
class Shop implements AsyncDisposable {
  readonly schema = newSchema();
  readonly storage = new PostgresStorage(POSTGRES_URL, { schema: this.schema });
  readonly #library: Library;
  readonly #servers: JobServer[] = [];

  private constructor(library: Library) {
    this.#library = library;
  }

  static async open(library: Library): Promise<Shop> {
    const shop = new Shop(library);
    await shop.storage.ready;
    await onPostgres(`CREATE TABLE ${shop.schema}.paid (order_id integer NOT NULL)`);
    return shop;
  }

  serve<J extends JobSet>(jobs: J) {
    const { storage } = this;
    this.#servers.push(new JobServer({ storage, jobs, logger: new RecordingLogger(), ...FAST }));
    return new BackgroundJobClient({ storage, jobs });
  }

  /** What the body throws ends it in a rollback. */
  async transaction(end: "commit" | "rollback", body: (begun: Begun) => Promise<void>): Promise<void> {
    const begun = await this.#library.begin();
    try {
      await body(begun);
    } catch (error) {
      await begun.rollback();
      throw error;
    }
    await begun[end]();
  }

  async rows(): Promise<number[]> {
    const { rows } = await onPostgres(`SELECT order_id FROM ${this.schema}.paid ORDER BY 1`);
    return rows.map(({ order_id }) => Number(order_id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop({ timeout: "0s" })));
    await this.storage.close();
    await dropSchema(this.schema);
  }
}
