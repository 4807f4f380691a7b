import { preview } from "../base/error.ts";
import { type CapturedCall, readCall } from "../job/job-call.ts";
import { beginStream, endStream, newRecording, type Recording } from "../job/recording.ts";
import type { CallItem } from "./call.ts";
import { AsyncCallError, explain, ManyCallsError, NoCallError, runCall, silence } from "./capture.ts";
import { type CallOptions, checkCallOptions } from "./enqueue-options.ts";
import { Interruptible } from "./interruptible.ts";

/** One call of many. */
export interface CapturedItem extends CapturedCall {
  readonly options: CallOptions | undefined;
  /** Its place among the calls, from 0. */
  readonly index: number;
}

/** How the calls are gathered into chunks. */
export interface Chunking<T> {
  /** Turns a call into what will be stored, as soon as it is made: its arguments may change right after. */
  readonly prepare: (item: CapturedItem) => T;
  /** What one prepared call weighs; a chunk ends when `maxWeight` is reached. */
  readonly weigh: (prepared: T) => number;
  readonly maxItems: number;
  readonly maxWeight: number;
  /** What ends a source that may be endless: once it is aborted no more calls are taken. */
  readonly closing: AbortSignal;
  /** The error that says so, given how many calls were taken and given in chunks. */
  readonly interrupted: (taken: number) => Error;
}

/**
 * Runs the function of `enqueueMany` at once and gives its calls in chunks, each made only when the one before has been
 * taken: an endless generator needs no more memory than a chunk or two. A list is checked as a whole before its first chunk.
 * What is no call is refused with its index; a call that was made and not given is refused at the end. When `closing`
 * is aborted a list is still given as a whole, everything else ends after the calls that were taken.
 */
export function captureMany<P extends readonly unknown[], T>(
  chunking: Chunking<T>,
  calls: (...parameters: P) => Iterable<CallItem> | AsyncIterable<CallItem>,
  ...parameters: P
): Iterable<T[]> | AsyncIterable<T[]> {
  const recording = newRecording();
  const source: unknown = runCall(recording, calls, parameters);
  const chunk = new Chunk(chunking);
  if (Array.isArray(source)) refuseBadList(source, recording);
  if (isIterable(source)) return pulled(source, recording, chunk, chunking);
  if (isAsyncIterable(source)) return streamed(source, recording, chunk, chunking);
  throw notMany(source);
}

/** All `next()` calls of a chunk run inside the recording: a generator makes its calls there. */
function* pulled<T>(
  source: Iterable<unknown>,
  recording: Recording,
  chunk: Chunk<T>,
  { closing, interrupted }: Chunking<T>,
): Generator<T[], void, void> {
  const iterator = source[Symbol.iterator]();
  let more = true;
  try {
    while (more) {
      more = runCall(recording, () => fill(iterator, chunk), []);
      if (chunk.items.length > 0) yield chunk.empty();
      if (!more || !closing.aborted || Array.isArray(source)) continue;
      more = runCall(recording, () => iterator.next().done !== true, []);
      if (more) throw interrupted(chunk.taken);
    }
    refuseForgotten(recording, chunk.taken);
  } finally {
    if (more) iterator.return?.();
  }
}

/** Takes calls until the chunk is full; whether the source may have more. */
function fill<T>(iterator: Iterator<unknown>, chunk: Chunk<T>): boolean {
  for (;;) {
    const step = iterator.next();
    if (step.done === true) return false;
    if (chunk.add(readItem(step.value, chunk.taken))) return true;
  }
}

/** What an async source does between its awaits cannot be told apart from other code, so its calls are not counted. */
async function* streamed<T>(
  source: AsyncIterable<unknown>,
  recording: Recording,
  chunk: Chunk<T>,
  { closing, interrupted }: Chunking<T>,
): AsyncGenerator<T[], void, void> {
  beginStream(recording);
  const items = new Interruptible(source, closing);
  try {
    for await (const item of items) {
      if (chunk.add(readItem(item, chunk.taken))) yield chunk.empty();
    }
  } catch (error) {
    throw explain(recording, error);
  } finally {
    endStream(recording);
  }
  if (chunk.items.length > 0) yield chunk.empty();
  if (items.interrupted) throw interrupted(chunk.taken);
}

/** Gathers prepared calls until there are enough of them. */
class Chunk<T> {
  items: T[] = [];
  taken = 0;
  readonly #chunking: Chunking<T>;
  #weight = 0;

  constructor(chunking: Chunking<T>) {
    this.#chunking = chunking;
  }

  /** Whether the chunk is full now. */
  add(item: CapturedItem): boolean {
    const { prepare, weigh, maxItems, maxWeight } = this.#chunking;
    const prepared = prepare(item);
    this.items.push(prepared);
    this.taken++;
    this.#weight += weigh(prepared);
    return this.items.length >= maxItems || this.#weight >= maxWeight;
  }

  empty(): T[] {
    const items = this.items;
    this.items = [];
    this.#weight = 0;
    return items;
  }
}

function readItem(item: unknown, index: number): CapturedItem {
  const [call, options]: readonly unknown[] = Array.isArray(item) ? item : [item];
  const captured = readCall(call);
  if (captured === undefined) throw noCallAt(index, call);
  if (options !== undefined) checkCallOptions(options, `the options of calls[${index}]`);
  return { name: captured.name, args: captured.args, options, index };
}

/** A list is there as a whole, so its mistakes are found before anything of it is stored. */
function refuseBadList(list: readonly unknown[], recording: Recording): void {
  list.forEach(readItem);
  refuseForgotten(recording, list.length);
}

function refuseForgotten({ calls }: Recording, given: number): void {
  if (calls <= given) return;
  throw new ManyCallsError({
    code: "FL_MANY_CALLS",
    what: `The function made ${calls} calls of jobs and gave ${given} of them.`,
    why: "A call that is made and not given is stored nowhere.",
    mend: "Return or yield every call, or make it only when it is wanted.",
  });
}

function noCallAt(index: number, item: unknown): NoCallError {
  silence(item);
  return new NoCallError({
    code: "FL_NO_CALL",
    what: `calls[${index}] is no call of a job, it is ${item instanceof Promise ? "a promise" : preview(item)}.`,
    mend: "Give calls, like users.map((user) => j.mail.welcome(user.email)), or pairs [call, options].",
  });
}

function notMany(returned: unknown): NoCallError | AsyncCallError {
  silence(returned);
  const mend =
    "Write enqueueMany((j) => users.map((user) => j.mail.welcome(user.email))), or give a generator.";
  if (returned instanceof Promise) {
    const what = "The function that gives the calls is async.";
    return new AsyncCallError({
      code: "FL_ASYNC_CALL",
      what,
      mend: "Write async function* (j) { … yield j.… } instead.",
    });
  }
  const given = readCall(returned) === undefined ? preview(returned) : "a single call";
  return new NoCallError({ code: "FL_NO_CALL", what: `Expected a list of calls, got ${given}.`, mend });
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
