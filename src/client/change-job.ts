import { apply, type StateCandidate } from "../states/index.ts";
import type { Storage } from "../storage/index.ts";

/** How often a change that lost a race is decided anew. Who loses more often meets a job that will not hold still. */
const TRIES = 10;

/**
 * Moves a job from outside, whatever state it is in: reads it, decides, and writes under the fence it has read. True
 * when the change was applied; false when the job is gone or changed faster than this could follow.
 */
export async function changeJob(storage: Storage, id: string, candidate: StateCandidate): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const [job] = await storage.get([id]);
    if (job === undefined) return false;
    const [outcome] = await storage.commit([apply(job, candidate)]);
    if (outcome === "applied" || outcome === "already") return true;
    if (outcome === "gone") return false;
  }
  return false;
}
