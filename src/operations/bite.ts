import { setTimeout as delay } from "node:timers/promises";
import { decideChange } from "../client/change-job.ts";
import type { ProcessParts } from "../server/server-process.ts";
import { deletedByHand, enqueued, putOff, type StateCandidate, scheduled } from "../states/index.ts";
import type { Change, JobRecord } from "../storage/index.ts";
import { isSelected, whereOf } from "./job-selection.ts";
import type { Operation } from "./operation.ts";

/** Jobs of one bite. */
export const MOST_JOBS = 500;
/** Rows that one bite looks at, where few match. */
const SCAN = 5_000;
/** A neighbour holds what a change needs: normal under load, and over in milliseconds. */
const BUSY_MS = [5, 20, 50, 200, 500];

/** What a bite has come to. */
export interface Bite {
  /** Where the next one begins; null: there is none. */
  readonly after: string | null;
  readonly scanned: number;
  readonly applied: number;
  readonly skipped: number;
  /** Characters of the jobs that were read. */
  readonly chars: number;
  /** What went wrong with one of those that were skipped. */
  readonly error: string | null;
}

/**
 * Changes the next jobs that match. Each change is guarded by the fence of the job as it was read here: a job that somebody
 * has changed meanwhile, another worker of the same operation included, is left as it is. If we crash behind the commit,
 * whoever goes on finds that these jobs have left the state, or have entered it anew after the operation had begun.
 */
export async function takeBite(
  { storage, chainOf }: Pick<ProcessParts, "storage" | "chainOf">,
  id: string,
  operation: Operation,
  most: number,
): Promise<Bite> {
  const { selection, createdAt, after } = operation;
  // Those of the millisecond in which it was begun are meant.
  const before = Math.min(selection.before ?? Number.POSITIVE_INFINITY, createdAt + 1);
  const page = await storage.list({
    state: selection.state,
    limit: Math.min(most, MOST_JOBS, storage.manifest.maxRows),
    scan: SCAN,
    where: whereOf({ ...selection, before }),
    ...(after === null ? {} : { after }),
  });
  const jobs = page.rows.filter((job) => isSelected(job, selection) && !isThere(job, operation));
  const decided = await decideAll(chainOf, jobs, (job) => candidateOf(operation, id, job));
  const applied = await commitAll(storage, decided.moves);
  return {
    after: page.next,
    scanned: page.rows.length,
    applied,
    skipped: jobs.length - applied,
    chars: page.rows.reduce((sum, job) => sum + job.args.length + job.entry.length + job.history.length, 0),
    error: decided.error,
  };
}

/** Moved already, by this operation or before. */
function isThere(job: JobRecord, { kind, queue }: Operation): boolean {
  return kind === "move" && job.queue === queue;
}

function candidateOf({ kind, queue, due }: Operation, id: string, job: JobRecord): StateCandidate {
  const into = queue === undefined ? {} : { queue };
  switch (kind) {
    case "delete":
      return deletedByHand(job, "Deleted by an operation");
    case "requeue":
      return { ...enqueued("Requeued by an operation", { operation: id }), ...into };
    case "reschedule":
      return scheduled(due ?? { in: 0 }, "Rescheduled by an operation");
    case "move":
      return { ...movedFrom(job, id), ...into };
  }
}

/** What waits for its time goes on waiting for it, and is still for the time that it was for. */
function movedFrom({ state, dueAt, queue }: JobRecord, id: string): StateCandidate {
  const reason = `Moved by an operation, from the queue ${queue}`;
  if (state === "Scheduled" && dueAt !== null) return putOff({ at: dueAt }, reason);
  return enqueued(reason, { operation: id });
}

interface Move {
  readonly change: Change;
  readonly wanted: StateCandidate["state"];
}

/** A filter that throws for one job keeps that one where it is, and no other. */
async function decideAll(
  chainOf: ProcessParts["chainOf"],
  jobs: readonly JobRecord[],
  candidateFor: (job: JobRecord) => StateCandidate,
): Promise<{ readonly moves: readonly Move[]; readonly error: string | null }> {
  const moves: Move[] = [];
  let error: string | null = null;
  for (const job of jobs) {
    try {
      const candidate = candidateFor(job);
      moves.push({ change: await decideChange(chainOf(job.name), job, candidate), wanted: candidate.state });
    } catch (thrown) {
      error = `${job.id}: ${thrown instanceof Error ? thrown.message : String(thrown)}`.slice(0, 1_000);
    }
  }
  return { moves, error };
}

/** How many have entered the state that was wanted. */
async function commitAll(storage: ProcessParts["storage"], moves: readonly Move[]): Promise<number> {
  let applied = 0;
  let left = moves;
  for (let tries = 0; left.length > 0; tries++) {
    const outcomes = await storage.commit(left.map(({ change }) => change));
    const isDone = (at: number): boolean => outcomes[at] === "applied" || outcomes[at] === "already";
    applied += left.filter(({ change, wanted }, at) => isDone(at) && change.state === wanted).length;
    left = left.filter((_, at) => outcomes[at] === "busy");
    const wait = BUSY_MS[tries];
    if (wait === undefined) break;
    if (left.length > 0) await delay(wait);
  }
  return applied;
}
