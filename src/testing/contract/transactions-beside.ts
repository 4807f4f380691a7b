import assert from "node:assert/strict";
import { behind, changeOf, LONG_MS, limited, newJob } from "./builders.ts";
import { releaseAll } from "./release-all.ts";
import { type Section, section } from "./section.ts";

/**
 * What goes on beside a transaction of a caller's that stays open: everything. A sentence that does not hold waits for
 * ever, and the runner's timeout says so. Engines with one writer skip this section.
 */
export const transactionsBeside: Section<"transactions-beside"> = section("transactions-beside", {
  "jobs come in, run and end, of the same queues and keys": async (setup) => {
    const { storage } = setup;
    const running = await setup.claimed({ queue: "default" });
    const tx = await setup.begin();
    await tx.insert([
      newJob(),
      newJob(limited("k")),
      newJob({ ...limited("k", 1, "skip"), due: { in: LONG_MS } }),
    ]);
    await tx.change([changeOf(running, "Succeeded")]);

    const [, , due = ""] = await setup.insert({}, limited("k"), { due: { in: 0 } }, limited("k"));
    assert.equal((await storage.promote(10)).promoted, 1);
    await releaseAll(storage);
    const claimed = await setup.claim(await setup.server());
    assert(claimed.some(({ id }) => id === due));
    assert.equal(claimed.length, 3);
    for (const job of claimed) await setup.enter(job, "Succeeded");
    await releaseAll(storage);
    assert.equal((await storage.counts()).Succeeded, 3);
    assert.equal((await setup.claim(await setup.server())).length, 1);
    await tx.commit();
  },

  "continuations of others are tied and released": async (setup) => {
    const [ending, other] = [await setup.claimed(), await setup.claimed()];
    const [waiting] = [await setup.inserted(behind(other.id))];
    const tx = await setup.begin();
    await tx.insert([newJob(behind(ending.id))]);
    await tx.change([changeOf(ending, "Succeeded")]);
    const child = await setup.inserted(behind(other.id));
    await setup.enter(other, "Succeeded");
    await releaseAll(setup.storage);
    assert.deepEqual(
      [await setup.row(waiting.id), await setup.row(child.id)].map(({ state }) => state),
      ["Enqueued", "Enqueued"],
    );
    await tx.rollback();
  },

  "the parent of a continuation that is not committed yet is claimed, logs, and gets other children": async (
    setup,
  ) => {
    const { storage } = setup;
    const parent = await setup.inserted({ queue: "parents" });
    const tx = await setup.begin();
    await tx.insert([newJob(behind(parent.id))]);
    const other = await setup.inserted(behind(parent.id));
    const [claimed] = await setup.claim(await setup.server(), { queues: ["parents"] });
    assert(claimed !== undefined);
    const { id, fence } = claimed;
    const line = { kind: "log", id, fence, attempt: 1, text: "one", data: null } as const;
    assert.deepEqual(await storage.append([line]), ["applied"]);
    await tx.commit();
    await setup.enter(claimed, "Succeeded");
    await releaseAll(storage);
    assert.equal((await setup.row(other.id)).state, "Enqueued");
  },

  "servers are announced, renewed and judged, and jobs expire": async (setup) => {
    const { storage } = setup;
    const lost = await setup.server();
    const job = await setup.claimed({}, lost);
    await setup.jobIn("Succeeded");
    const tx = await setup.begin();
    await tx.insert([newJob()]);
    assert.equal(await storage.heartbeat(lost), true);
    assert.deepEqual(
      (await setup.lose(lost)).map(({ id }) => id),
      [job.id],
    );
    const { expired } = await storage.expire({
      retention: { state: "Succeeded", ageMs: 0, count: null },
      limit: 10,
    });
    assert.equal(expired, 1);
    await tx.commit();
    assert.equal((await storage.counts()).Enqueued, 2);
  },
});
