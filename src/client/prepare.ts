import { newId } from "../base/ids.ts";
import { checkArguments } from "../job/check-arguments.ts";
import { type CodecOptions, encodeArguments, placeholdersIn } from "../job/codec.ts";
import { formatDisplayName } from "../job/display-name.ts";
import type { CapturedCall } from "../job/job-call.ts";
import type { ResolvedJobOptions } from "../job/resolve-options.ts";
import { enqueued } from "../states/enqueued.ts";
import { scheduled } from "../states/scheduled.ts";
import { type Due, type NewGate, type NewJob, TAIL } from "../storage/index.ts";
import { checkId } from "./check-id.ts";
import { checkEnqueueOptions, type EnqueueOptions } from "./enqueue-options.ts";
import { refuseOwnParent } from "./parents.ts";

/** What holds the new job: nothing, a time, or its parents. */
export interface Waiting {
  readonly due?: Due;
  readonly gate?: NewGate;
}

const NOW: Waiting = {};
const READY_ENTRY = enqueued().entry;

/** A captured call as the storage takes it. Everything that can be wrong with it is found here, before any write. */
export function prepare(
  call: CapturedCall,
  job: ResolvedJobOptions,
  options: EnqueueOptions | undefined,
  codec: CodecOptions,
  waiting: Waiting = NOW,
): NewJob {
  checkEnqueueOptions(options);
  const id = options?.id === undefined ? newId() : checkId(options.id);
  if (waiting.gate !== undefined) refuseOwnParent(id, waiting.gate.parents);
  return {
    id,
    queue: options?.queue ?? job.queue,
    // 0 stays 0: −0 would be stored as another value by some engines.
    rank: 0 - (options?.priority ?? job.priority),
    name: call.name,
    args: encodeArguments(call.args, codec),
    displayName: job.displayName === undefined ? null : formatDisplayName(job.displayName, call.args),
    entry: firstEntry(waiting),
    ...waiting,
  };
}

/**
 * Holds the arguments against the job's schema when it has one. What is stored is what the caller gave. Placeholders
 * cannot be checked yet: then the check before the run is the only one.
 */
export async function checkSchema(
  call: CapturedCall,
  job: NewJob,
  options: ResolvedJobOptions,
): Promise<void> {
  if (options.args === undefined || placeholdersIn(job.args).length > 0) return;
  await checkArguments(options.args, [...call.args], call.name);
}

function firstEntry({ due, gate }: Waiting): string {
  if (due !== undefined) return scheduled(due).entry;
  return gate === undefined ? READY_ENTRY : TAIL.awaiting;
}
