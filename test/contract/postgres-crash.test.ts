import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { PostgresStorage } from "../../src/drivers/postgres/index.ts";
import type { ServerAnnouncement } from "../../src/storage/index.ts";
import { announcement, changeOf, newJobs, PROCESSING } from "../../src/testing/contract/builders.ts";
import { eventually } from "../../src/testing/contract/expect.ts";
import { isInstalled, PrivatePostgres } from "./private-postgres.ts";

/** Nothing but a commit that waits for the disk writes what is in the server's memory. */
const LAZY = ["wal_writer_delay=10s", "wal_writer_flush_after=0", "autovacuum=off"];

describe.skipIf(!isInstalled)("PostgreSQL that crashes", () => {
  test("what was promised is there; a claim that was not yet on the disk is as if nobody had made it", async () => {
    await using server = await PrivatePostgres.start(...LAZY);
    await using opened = await open(server);
    const { storage, claim } = opened;
    await storage.insert(newJobs(3));
    const [first, ...others] = await claim(3);
    assert(first !== undefined);
    await storage.commit([changeOf(first, "Succeeded")]);
    // The commit has waited for the disk, and with it everything before it.
    const later = newJobs(2, { queue: "later" });
    await storage.insert(later);
    const lost = await claim(2, ["later"]);
    assert.equal(lost.length, 2);
    await server.crash();
    await server.start();
    await eventually("it is reached again", () => storage.counts().catch(() => undefined));
    const counts = await storage.counts();
    assert.deepEqual([counts.Enqueued, counts.Processing, counts.Succeeded], [2, 2, 1]);
    // Whoever runs them is told that the claim is not theirs, and they run again.
    assert.deepEqual(await storage.commit(lost.map((job) => changeOf(job, "Succeeded"))), ["stale", "stale"]);
    assert.deepEqual(await storage.commit(others.map((job) => changeOf(job, "Succeeded"))), [
      "applied",
      "applied",
    ]);
    const again = await claim(2, ["later"]);
    assert.deepEqual(again.map(({ id }) => id).sort(), later.map(({ id }) => id).sort());
  });
});

async function open(server: PrivatePostgres) {
  const storage = new PostgresStorage(server.url);
  const owner: ServerAnnouncement = announcement();
  await storage.announce(owner);
  return {
    storage,
    claim: (slots: number, queues = ["default"]) =>
      storage.claim({ incarnation: owner.incarnation, entry: PROCESSING, queues, slots, buffer: 0 }),
    [Symbol.asyncDispose]: () => storage.close(),
  };
}
