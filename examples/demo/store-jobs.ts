import type { BackgroundJobClient } from "firelater";
import type { Jobs } from "./jobs.ts";
import { jobIds, type Run } from "./run-state.ts";

/** About a second of one core. */
export const HEAVY_ROUNDS = 500_000;

/**
 * Stores all jobs of a run. Each has an id of its own, so a repeat stores only what is missing: a process that was
 * killed anywhere in here is healed by starting again.
 */
export async function storeJobs(client: BackgroundJobClient<Jobs>, run: Run): Promise<void> {
  await client.delay((j) => j.samples.remind("one second later"), "1s", { id: run.reminder });
  await client.enqueue((j) => j.samples.unreliable(), { id: run.unreliable });
  await client.enqueue((j) => j.heavy.chain(run.report, HEAVY_ROUNDS), { id: run.heavy });
  await client.enqueueMany((j) => run.files.map(({ path, id }) => [j.files.digest(path), { id }]));
  for (const { id, files } of run.parts) {
    await client.continueWith(files, (j, done) => j.report.part(done.map((file) => file.result)), { id });
  }
  const parts = run.parts.map(({ id }) => id);
  await client.continueWith(parts, (j, done) => j.report.write(done.map((part) => part.result)), {
    id: run.report,
  });
}

/** How many files of a run that was left behind are done. */
export async function countDone(client: BackgroundJobClient<Jobs>, run: Run): Promise<number> {
  const states = await Promise.all(run.files.map(async ({ id }) => (await client.get(id))?.state));
  return states.filter((state) => state === "Succeeded").length;
}

/** Jobs that had failed for good wait for a person: who starts the demo again wants them tried again. */
export async function retryFailed(client: BackgroundJobClient<Jobs>, run: Run): Promise<void> {
  for (const id of jobIds(run)) {
    if ((await client.get(id))?.state === "Failed") await client.requeue(id);
  }
}
