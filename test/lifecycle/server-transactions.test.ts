import { currentJob, defineJobs } from "firelater";
import { afterAll, describe, expect, test } from "vitest";
import { dropDatabases, reach } from "../contract/mysql-server.ts";
import { isReachable } from "../postgres-schema.ts";
import { MysqlShop, PostgresShop, type Shop } from "./server-shops.ts";
import { SOON } from "./workbench.ts";

afterAll(dropDatabases);

function transactionsOn<Tx>(engine: string, open: () => Promise<Shop<Tx>>): void {
  describe(`transactions of applications on ${engine}`, () => {
    test("a job that was enqueued in a transaction runs once that is committed, and never after a rollback", async () => {
      await using shop = await open();
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
      await using shop = await open();
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
      await using shop = await open();
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
      await using shop = await open();
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
}

if (await isReachable()) transactionsOn("PostgreSQL", PostgresShop.open);
if ((await reach()) === undefined) transactionsOn("MySQL", MysqlShop.open);
