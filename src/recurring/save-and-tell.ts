import { JOB_CHANNELS } from "../job/job-channels.ts";
import { firstStateOf } from "../states/index.ts";
import type { RecurringOutcome, RecurringSave, Storage } from "../storage/index.ts";

/** Saves recurring jobs; the jobs that an accepted save has begun are told on the channel of stored jobs. */
export async function saveAndTell(
  storage: Storage,
  saves: readonly RecurringSave[],
): Promise<readonly RecurringOutcome[]> {
  const outcomes = await storage.saveRecurring(saves);
  const { enqueued } = JOB_CHANNELS;
  if (!enqueued.hasSubscribers) return outcomes;
  const accepted = saves.filter((_, nth) => outcomes[nth] === "applied");
  for (const { id: recurring, jobs = [] } of accepted) {
    for (const job of jobs) {
      const { id, name, queue } = job;
      // A filter may have put it off: what is told is what was stored.
      enqueued.publish({ id, name, queue, state: firstStateOf(job), recurring });
    }
  }
  return outcomes;
}
