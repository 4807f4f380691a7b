import { newId } from "../../base/ids.ts";
import {
  type Change,
  type CommitState,
  entryTail,
  type GateCondition,
  type JobLimit,
  type JobRecord,
  type JobState,
  type NewJob,
  pastOf,
  type ServerAnnouncement,
} from "../../storage/index.ts";

/** Long enough that no test sees it pass. */
export const LONG_MS = 3_600_000;

/** A job for `insert`, ready unless `due` or `gate` is given. */
export function newJob(over: Partial<NewJob> = {}): NewJob {
  return {
    id: newId(),
    queue: "default",
    rank: 0,
    name: "mail.welcome",
    args: '["user@example.com"]',
    displayName: null,
    entry: entryTail(firstState(over)),
    ...over,
  };
}

/** Jobs that differ in their ids alone. */
export function newJobs(count: number, over: Partial<NewJob> = {}): NewJob[] {
  return Array.from({ length: count }, () => newJob(over));
}

function firstState({ due, gate }: Partial<NewJob>): JobState {
  if (due !== undefined) return "Scheduled";
  return gate === undefined ? "Enqueued" : "Awaiting";
}

/** What holds a job until these parents have succeeded. */
export function behind(...parents: readonly string[]): Pick<NewJob, "gate"> {
  return behindWhen("succeeded", ...parents);
}

/** What holds a job until these parents have ended so. */
export function behindWhen(condition: GateCondition, ...parents: readonly string[]): Pick<NewJob, "gate"> {
  return { gate: { parents, condition } };
}

/** At most so many jobs of a key on their way at a time. */
export function limited(
  key: string,
  max = 1,
  whenFull: JobLimit["whenFull"] = "wait",
): { readonly limit: JobLimit } {
  return { limit: { key, max, whenFull } };
}

/** A server that stays alive for as long as any test runs. */
export function announcement(over: Partial<ServerAnnouncement> = {}): ServerAnnouncement {
  return {
    incarnation: `server:${newId()}`,
    name: "default",
    host: "host-1",
    pid: 4711,
    pidStartedAt: "123456",
    queues: ["default"],
    workerCount: 20,
    timeoutMs: LONG_MS,
    ...over,
  };
}

/** A change of a job as its owner would compose it: from the row as it is known. */
export function changeOf(job: JobRecord, state: CommitState, over: Partial<Change> = {}): Change {
  return { id: job.id, fence: job.fence, state, entry: entryTail(state), past: pastOf(job), ...over };
}

/** The tail under which `Setup.claim` takes jobs into Processing. */
export const PROCESSING: string = entryTail("Processing", null, { server: "host-1:4711" });
