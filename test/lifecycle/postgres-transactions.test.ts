import { BackgroundJobClient, defineJobs } from "firelater";
import { describe, expect, test } from "vitest";
import { isReachable, POSTGRES_URL } from "../postgres-schema.ts";
import { Child } from "./child.ts";
import type { CompletingMessage } from "./programs/completing-server.ts";
import { PostgresShop } from "./server-shops.ts";

const PROGRAM = new URL("programs/completing-server.ts", import.meta.url);

describe.skipIf(!(await isReachable()))("transactions of applications on PostgreSQL", () => {
  test("a server that is killed between completion and commit: the job runs again, its row is written once", async () => {
    await using shop = await PostgresShop.open();
    const client = new BackgroundJobClient({
      storage: shop.storage,
      jobs: defineJobs({ pay: async (_order: number) => {} }),
    });
    const id = await client.enqueue((j) => j.pay(7));
    await using hanging = new Child<CompletingMessage>(PROGRAM, [POSTGRES_URL, shop.schema, "hangs"]);
    await hanging.hears((message) => message === "completed");
    hanging.kill("SIGKILL");
    await hanging.exited;
    await using _next = new Child<CompletingMessage>(PROGRAM, [POSTGRES_URL, shop.schema, "commits"]);
    expect(await client.result(id, { timeout: "60s" })).toEqual({ order: 7 });
    expect(await shop.rows()).toEqual([7]);
    expect((await shop.storage.get([id]))[0]).toMatchObject({ crashes: 1, failures: 0 });
  });
});
