import { apply, deleted } from "../states/index.ts";
import { isAtRest, JOB_STATES } from "../storage/index.ts";
import type { TestStorage } from "./test-storage.ts";

/** Removes all jobs and recurring jobs, as people could: none is left that a later test could meet. */
export async function emptyStorage(storage: TestStorage): Promise<void> {
  await removeRecurring(storage);
  // What is deleted may ready others, which waited for just that.
  while (await deleteUnfinished(storage));
  const limit = storage.manifest.maxRows;
  for (const state of JOB_STATES) {
    if (!isAtRest(state)) continue;
    const retention = { state, ageMs: null, count: 0 };
    let next: string | null = null;
    do {
      const request = { retention, limit };
      ({ next } = await storage.expire(next === null ? request : { ...request, after: next }));
    } while (next !== null);
  }
  storage.forget();
}

async function removeRecurring(storage: TestStorage): Promise<void> {
  const limit = storage.manifest.maxRows;
  for (let more = true; more; ) {
    const records = await storage.listRecurring({ limit });
    await storage.saveRecurring(records.map(({ id, version }) => ({ id, version, state: null })));
    more = records.length === limit;
  }
}

/** One page of each state; true if there was any. Failed ones too: a continuation may wait for them. */
async function deleteUnfinished(storage: TestStorage): Promise<boolean> {
  let found = 0;
  for (const state of JOB_STATES) {
    if (state === "Succeeded" || state === "Deleted") continue;
    const { rows } = await storage.list({ state, limit: storage.manifest.maxRows });
    found += rows.length;
    await storage.commit(rows.map((row) => apply(row, deleted("Removed by a test"))));
  }
  while ((await storage.release(100)).more);
  return found > 0;
}
