import assert from "node:assert/strict";
import type { JobRecord, JobState, Storage } from "../../storage/index.ts";
import { releaseAll } from "./release-all.ts";
import type { Setup } from "./setup.ts";

/** Ready, parked or Processing: a job with a limit needs a permit for it. */
export function isOnItsWay({ state, hold }: JobRecord): boolean {
  return state === "Processing" || (state === "Enqueued" && hold !== "limit");
}

/** The order among jobs that wait for permits of one key, and within a queue. */
export function byPlace(a: JobRecord, b: JobRecord): number {
  return a.rank - b.rank || a.seq - b.seq;
}

/** The rows in the order of the ids, once nothing is left to release. */
export async function settled({ storage, row }: Setup, ids: readonly string[]): Promise<JobRecord[]> {
  await releaseAll(storage);
  return await Promise.all(ids.map(row));
}

/** Where jobs are, in words: `ready`, `parked`, `waiting`, else the state. */
export async function placesOf(setup: Setup, ids: readonly string[]): Promise<string[]> {
  return (await settled(setup, ids)).map(({ state, hold }) => {
    if (state !== "Enqueued") return state;
    return hold === null ? "ready" : hold === "limit" ? "waiting" : "parked";
  });
}

/** Every job with a limit of one key: no more on their way than may be, and nobody waits who could be admitted. */
export function assertAllAdmitted(rows: readonly JobRecord[], most: number): void {
  const onTheirWay = rows.filter(isOnItsWay).length;
  assert(onTheirWay <= most, `${onTheirWay} jobs are on their way, ${most} may be`);
  const [first] = rows.filter(({ hold }) => hold === "limit").sort(byPlace);
  if (first === undefined) return;
  assert(onTheirWay >= (first.limit?.max ?? 0), `a job waits, and only ${onTheirWay} are on their way`);
}

/** The list of Enqueued jobs is as it will be claimed, then parked, then waiting ones; the counters agree with it. */
export async function assertListed(storage: Storage, ids: readonly string[]): Promise<void> {
  const shelf = ({ hold }: JobRecord) => (hold === null ? 0 : hold === "unknown" ? 1 : 2);
  const rows = (await storage.get(ids)).filter(({ state }) => state === "Enqueued");
  const expected = rows.sort(
    (a, b) => shelf(a) - shelf(b) || (a.queue === b.queue ? byPlace(a, b) : a.queue < b.queue ? -1 : 1),
  );
  const listed: string[] = [];
  let after: string | undefined;
  do {
    const page = await storage.list({
      state: "Enqueued",
      limit: 3,
      ...(after === undefined ? {} : { after }),
    });
    listed.push(...page.rows.map(({ id }) => id));
    after = page.next ?? undefined;
  } while (after !== undefined);
  assert.deepEqual(
    listed,
    expected.map(({ id }) => id),
  );
  await assertCounted(storage, ids);
}

async function assertCounted(storage: Storage, ids: readonly string[]): Promise<void> {
  const rows = await storage.get(ids);
  const counts: Partial<Record<JobState, number>> = {};
  for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1;
  const kept = Object.entries(await storage.counts()).filter(([, count]) => count > 0);
  assert.deepEqual(Object.fromEntries(kept), counts);
}
