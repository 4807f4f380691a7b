import assert from "node:assert/strict";
import { afterAll, describe, test } from "vitest";
import { behind, changeOf, limited, newJob } from "../../src/testing/contract/builders.ts";
import { assertListed } from "../../src/testing/contract/permits.ts";
import { releaseAll } from "../../src/testing/contract/release-all.ts";
import { cutShortOn } from "./callers-cut-short.ts";
import { dropDatabases } from "./mysql-server.ts";

/** More than any of these calls sends. */
const STATEMENTS = 16;

describe.each(await cutShortOn())(
  "a transaction on %s that is rolled back in the middle of a call",
  (_, open) => {
    afterAll(dropDatabases);

    test("leaves nothing of the call, wherever that was", async () => {
      await using opened = await open();
      const { setup } = opened;
      const { storage } = setup;
      const parent = await setup.inserted();
      for (let after = 1; after <= STATEMENTS; after++) {
        for (const job of [{}, limited("k"), limited("k", 1, "skip"), behind(parent.id)]) {
          const tx = await opened.begin(after);
          await Promise.allSettled([tx.insert([newJob(job), newJob()])]);
          await tx.rollback();
        }
      }
      assert.equal(await releaseAll(storage), 0);
      await assertListed(storage, [parent.id]);
      assert.equal((await storage.counts()).Enqueued, 1);
    });

    test("ends no job, and begins none of its children", async () => {
      await using opened = await open();
      const { setup } = opened;
      const { storage } = setup;
      const running = await setup.claimed(limited("k"));
      const children = [await setup.inserted(behind(running.id)), await setup.inserted(limited("k"))];
      for (let after = 1; after <= STATEMENTS; after++) {
        const tx = await opened.begin(after);
        await Promise.allSettled([tx.change([changeOf(running, "Succeeded")])]);
        await tx.rollback();
      }
      await releaseAll(storage);
      assert.equal((await setup.row(running.id)).state, "Processing");
      const rows = await Promise.all(children.map(({ id }) => setup.row(id)));
      assert.deepEqual(
        rows.map(({ state, hold }) => [state, hold]),
        [
          ["Awaiting", "gate"],
          ["Enqueued", "limit"],
        ],
      );
      assert.equal((await storage.counts()).Processing, 1);
    });
  },
);
