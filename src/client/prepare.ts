import { newId } from "../base/ids.ts";
import { checkArguments } from "../job/check-arguments.ts";
import { checkTags } from "../job/check-job-options.ts";
import { type CodecOptions, encodeArguments, placeholdersIn } from "../job/codec.ts";
import { formatDisplayName } from "../job/display-name.ts";
import type { CapturedCall } from "../job/job-call.ts";
import { checkQueue, refuseOption } from "../job/options.ts";
import { ParameterBag } from "../job/parameter-bag.ts";
import type { ConcurrencyRule, ResolvedJobOptions } from "../job/resolve-options.ts";
import { digested, fillTemplate, hasSlots } from "../job/template.ts";
import { enqueued } from "../states/enqueued.ts";
import { scheduled } from "../states/scheduled.ts";
import { type Due, type JobLimit, type NewGate, type NewJob, TAG_CHARS, TAIL } from "../storage/index.ts";
import { checkId } from "./check-id.ts";
import { type CallOptions, checkEnqueueOptions } from "./enqueue-options.ts";
import { refuseOwnParent } from "./parents.ts";

/** What holds the new job: nothing, a time, or its parents. */
export interface Waiting {
  readonly due?: Due;
  readonly gate?: NewGate;
}

/** The contract's bound. */
const KEY_CHARS = 200;
const NOW: Waiting = {};
const READY_ENTRY = enqueued().entry;

/** A captured call as the storage takes it. Everything that can be wrong with it is found here, before any write. */
export function prepare(
  call: CapturedCall,
  job: ResolvedJobOptions,
  options: CallOptions | undefined,
  codec: CodecOptions,
  waiting: Waiting = NOW,
): NewJob {
  checkEnqueueOptions(options);
  const id = options?.id === undefined ? newId() : checkId(options.id);
  if (waiting.gate !== undefined) refuseOwnParent(id, waiting.gate.parents);
  const args = encodeArguments(call.args, codec);
  const attached = attachments(call, job, options);
  const plain = {
    id,
    isNew: options?.id === undefined,
    queue: options?.queue ?? queueOf(job.queue, call),
    // 0 stays 0: −0 would be stored as another value by some engines.
    rank: 0 - (options?.priority ?? job.priority),
    name: call.name,
    args,
    displayName: job.displayName === undefined ? null : formatDisplayName(job.displayName, call.args),
    entry: firstEntry(waiting),
  };
  // The plain case is the hot path: no spreads.
  return waiting === NOW && attached === NOTHING ? plain : { ...plain, ...waiting, ...attached };
}

function queueOf(queue: string, call: CapturedCall): string {
  return hasSlots(queue) ? checkQueue(fillTemplate(queue, call.args), `the queue of ${call.name}`) : queue;
}

const NOTHING: Pick<NewJob, "tags" | "limit" | "parameters"> = {};

/** What nearly no job has: the plain case costs nothing. */
function attachments(
  call: CapturedCall,
  { tags, concurrency }: ResolvedJobOptions,
  options: CallOptions | undefined,
): Pick<NewJob, "tags" | "limit" | "parameters"> {
  const isPlain = tags.length === 0 && options?.tags === undefined && options?.parameters === undefined;
  if (isPlain && concurrency === undefined) return NOTHING;
  const all = tagsOf(call, tags, options?.tags);
  const parameters = parametersOf(options?.parameters);
  return {
    ...(all.length === 0 ? {} : { tags: all }),
    ...(concurrency === undefined ? {} : { limit: limitOf(call, concurrency) }),
    ...(parameters === undefined ? {} : { parameters }),
  };
}

function tagsOf(call: CapturedCall, tags: readonly string[], own: readonly string[] = []): readonly string[] {
  const filled = tags.map((tag) => digested(fillTemplate(tag, call.args), TAG_CHARS));
  const all = [...new Set([...filled, ...own.map((tag) => tag.toWellFormed())])];
  checkTags(all, `the tags of ${call.name}`);
  return all;
}

function limitOf(call: CapturedCall, { limit, key = call.name, whenFull }: ConcurrencyRule): JobLimit {
  const filled = digested(fillTemplate(key, call.args), KEY_CHARS);
  if (filled === "")
    throw refuseOption(filled, `the concurrency key of ${call.name}`, "a text that is not empty.");
  return { key: filled, max: limit, whenFull };
}

function parametersOf(parameters: Readonly<Record<string, unknown>> | undefined): string | undefined {
  if (parameters === undefined) return undefined;
  const bag = new ParameterBag(null);
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) bag.set(name, value);
  return bag.changedText;
}

/**
 * Holds the arguments against the job's schema when it has one. What is stored is what the caller gave. Placeholders
 * cannot be checked yet: then the check before the run is the only one.
 */
export async function checkSchema(
  call: CapturedCall,
  job: Pick<NewJob, "args">,
  options: ResolvedJobOptions,
): Promise<void> {
  if (options.args === undefined || placeholdersIn(job.args).length > 0) return;
  await checkArguments(options.args, [...call.args], call.name);
}

function firstEntry({ due, gate }: Waiting): string {
  if (due !== undefined) return scheduled(due).entry;
  return gate === undefined ? READY_ENTRY : TAIL.awaiting;
}
