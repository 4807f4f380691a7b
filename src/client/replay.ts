import { FirelaterError } from "../base/error.ts";
import { newId } from "../base/ids.ts";
import { decodeArguments, placeholdersIn } from "../job/codec.ts";
import type { CapturedCall } from "../job/job-call.ts";
import { checkQueue } from "../job/options.ts";
import { isParentSlot, jobPlaceholders, type Placeholder } from "../job/placeholder.ts";
import type { ResolvedJobOptions } from "../job/resolve-options.ts";
import { enqueued } from "../states/enqueued.ts";
import type { JobRecord, NewJob } from "../storage/index.ts";
import { checkSchema, prepare } from "./prepare.ts";

/** A stored call cannot be stored once more as it stands (`FL_REPLAY_REFUSED`). Nothing was stored. */
export class ReplayRefusedError extends FirelaterError {}

/** What a replay may say otherwise than the job did. */
export interface ReplayOptions {
  /** Default: those of the job, as they are stored. `job.signal` and its kin may stand among them. */
  readonly arguments?: readonly unknown[] | undefined;
  /** Default: the queue of the job. */
  readonly queue?: string | undefined;
}

/** A new job that makes the call of a stored one again: what filters and runs had attached to that one is not its. */
export async function replayOf(
  job: JobRecord,
  { arguments: args, queue = job.queue }: ReplayOptions,
  options: ResolvedJobOptions,
  maxBytes: number | undefined,
): Promise<NewJob> {
  const { entry } = enqueued(`Replay of ${job.id}`, { replayOf: job.id });
  checkQueue(queue);
  if (args !== undefined) {
    const call = { name: job.name, args };
    return { ...(await prepareEdited(job, call, queue, options, maxBytes)), entry };
  }
  await checkStored(job, options);
  const { name, rank, displayName, tags, limit, plannedAt } = job;
  return {
    ...{ id: newId(), name, queue, rank, args: job.args, displayName, tags, entry },
    ...(limit === null ? {} : { limit }),
    ...(plannedAt === null ? {} : { plannedAt }),
  };
}

/** What depends on the arguments is made anew where this process knows the job, and left out where it does not. */
async function prepareEdited(
  job: JobRecord,
  call: CapturedCall,
  queue: string,
  options: ResolvedJobOptions,
  maxBytes: number | undefined,
): Promise<NewJob> {
  const own = { queue, priority: 0 - job.rank, tags: job.tags };
  const prepared = prepare(call, options, own, { maxBytes });
  await checkSchema(call, prepared, options);
  const limit = prepared.limit ?? job.limit;
  return {
    ...prepared,
    ...(limit === null ? {} : { limit }),
    ...(job.plannedAt === null ? {} : { plannedAt: job.plannedAt }),
  };
}

async function checkStored(job: JobRecord, options: ResolvedJobOptions): Promise<void> {
  if (placeholdersIn(job.args).some(isParentSlot)) throw fromParents(job.id);
  if (options.args === undefined) return;
  const args = decodeArguments(job.args, markerOf);
  await checkSchema({ name: job.name, args }, job, options);
}

function markerOf(placeholder: Placeholder): unknown {
  return isParentSlot(placeholder) ? undefined : jobPlaceholders[placeholder.kind];
}

function fromParents(id: string): ReplayRefusedError {
  return new ReplayRefusedError({
    code: "FL_REPLAY_REFUSED",
    what: `The job ${id} cannot be replayed as it is stored.`,
    why: "It takes the results of its parents, and a replay has none.",
    mend: "Replay it with arguments of your own, or requeue the job itself.",
  });
}
