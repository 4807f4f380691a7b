import assert from "node:assert/strict";
import { behind, changeOf, limited, newJob } from "./builders.ts";
import { assertListed } from "./permits.ts";
import { releaseAll } from "./release-all.ts";
import { type Section, section } from "./section.ts";

/**
 * Calls within a transaction that its caller ends without waiting for them, as one does who waits for something else
 * that fails first. What is still to be written must not be written outside of the transaction.
 */
export const transactionsOvertaken: Section<"transactions-overtaken"> = section("transactions-overtaken", {
  "a job that was asked for is not stored after the rollback": async (setup) => {
    const { storage } = setup;
    const parent = await setup.inserted();
    const tx = await setup.begin();
    const others = [newJob(limited("k")), newJob(behind(parent.id))];
    const asked = Promise.allSettled([tx.insert([newJob()]), tx.insert(others)]);
    await tx.rollback();
    await asked;
    assert.equal(await releaseAll(storage), 0);
    await assertListed(storage, [parent.id]);
  },

  "a job does not end after the rollback, and its children do not begin": async (setup) => {
    const parent = await setup.claimed(limited("k"));
    const child = await setup.inserted(behind(parent.id));
    const tx = await setup.begin();
    const asked = Promise.allSettled([tx.change([changeOf(parent, "Succeeded")])]);
    await tx.rollback();
    await asked;
    await releaseAll(setup.storage);
    const rows = [await setup.row(parent.id), await setup.row(child.id)];
    assert.deepEqual(
      rows.map(({ state }) => state),
      ["Processing", "Awaiting"],
    );
  },
});
