import { electOrThrow } from "../filters/elect-state.ts";
import type { FilterChain } from "../filters/filter-chain.ts";
import { StoredJobView } from "../filters/stored-job-view.ts";
import { apply, type StateCandidate } from "../states/index.ts";
import type { Change, JobRecord, Storage } from "../storage/index.ts";
import type { ClientEventHub } from "./client-events.ts";

/** How often a change that lost a race is decided anew. Who loses more often meets a job that will not hold still. */
const TRIES = 10;

export interface ChangeParts {
  readonly storage: Storage;
  /** The filters of a stored job, by its name. */
  readonly chainOf: (name: string) => FilterChain | undefined;
  readonly events: ClientEventHub;
}

/**
 * Moves a job from outside, whatever state it is in: reads it, decides, and writes under the fence it has read. True
 * when the job has entered the wanted state; false when it is gone, changed faster than this could follow, or a filter
 * elected another state.
 */
export async function changeJob(
  { storage, chainOf, events }: ChangeParts,
  id: string,
  wanted: (job: JobRecord) => StateCandidate,
): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const [job] = await storage.get([id]);
    if (job === undefined) return false;
    const candidate = wanted(job);
    const change = await decideChange(chainOf(job.name), job, candidate);
    const [outcome] = await storage.commit([change]);
    if (outcome === "applied" || outcome === "already") {
      events.moved(job, change);
      return change.state === candidate.state;
    }
    if (outcome === "gone") return false;
  }
  return false;
}

/** The write that moves a job as it was read: filters are asked, and may elect another state. */
export async function decideChange(
  chain: FilterChain | undefined,
  job: JobRecord,
  candidate: StateCandidate,
): Promise<Change> {
  if (chain === undefined) return apply(job, candidate);
  const view = new StoredJobView(job);
  const decided = await electOrThrow(chain, candidate, {
    job: view,
    from: job.state,
    attempt: job.failures + 1,
    dueAt: job.plannedAt ?? job.createdAt,
    stateAt: job.stateAt,
    duration: 0,
    latency: 0,
    hasRun: false,
    maxResultBytes: undefined,
  });
  const { elected, replaced } = decided ?? { elected: candidate, replaced: [] };
  return apply(job, elected, replaced, view.parameters.changedText);
}
