import { type Duration, LONGEST_TIMER_MS, toMilliseconds } from "../base/duration.ts";
import { FirelaterError, preview } from "../base/error.ts";
import { GroupWriter } from "../base/group-writer.ts";
import { parseId } from "../base/ids.ts";
import type { CapturedCall, JobCall, JobId, ReturnOf } from "../job/job-call.ts";
import type { JobSetOptions } from "../job/job-options.ts";
import type { JobSet, SourceOf } from "../job/job-set.ts";
import { jobPlaceholders, parentPlaceholder, parentPlaceholders } from "../job/placeholder.ts";
import { deleted, enqueued, scheduled } from "../states/index.ts";
import {
  type Due,
  type InsertOutcome,
  MAX_PARENTS,
  type NewJob,
  type Storage,
  StorageRefusedError,
} from "../storage/index.ts";
import type { Call, Continuation, JoinContinuation, ManyCalls } from "./call.ts";
import { capture } from "./capture.ts";
import { type CapturedItem, captureMany } from "./capture-many.ts";
import { changeJob } from "./change-job.ts";
import { checkId, type EnqueueOptions } from "./enqueue-options.ts";
import { type Instant, toEpochMilliseconds } from "./instant.ts";
import { type JobDetails, toJobDetails } from "./job-details.ts";
import { JobSource } from "./job-source.ts";
import { checkSchema, prepare, type Waiting } from "./prepare.ts";
import { JobNotFoundError, ResultTimeoutError, ResultWatch } from "./result-watch.ts";

/** What a client is made of, once the defaults of the process are filled in. */
export interface ClientParts<J extends JobSet> {
  readonly storage: Storage;
  readonly jobs?: J | (() => J) | undefined;
  readonly options?: JobSetOptions<SourceOf<J>> | undefined;
  readonly maxArgumentBytes?: number | undefined;
}

/** How long `result` waits: both bounds may be given, the first that is reached ends the wait. */
export interface ResultOptions {
  /** How long to wait. Default: until the job has finished. */
  readonly timeout?: Duration | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A chunk of `enqueueMany` ends at this size, so that no write is huge however large its jobs are. */
const CHUNK_CHARS = 4 * 1_048_576;

/** A continuation names a parent that is not there (`FL_PARENT_NOT_FOUND`). Nothing was stored. */
export class ParentNotFoundError extends FirelaterError {}
/** The parents of a continuation are no list of ids (`FL_INVALID_PARENTS`). */
export class InvalidParentsError extends FirelaterError {}
/** The client was closed (`FL_CLIENT_CLOSED`). */
export class ClientClosedError extends FirelaterError {}

/** Stores calls as jobs, and reads and steers stored jobs. */
export class JobClient<J extends JobSet> implements AsyncDisposable {
  readonly #storage: Storage;
  readonly #source: JobSource<J>;
  readonly #maxBytes: number | undefined;
  readonly #writer: GroupWriter<NewJob, InsertOutcome>;
  readonly #results: ResultWatch;
  #closed = false;

  constructor(parts: ClientParts<J>) {
    this.#storage = parts.storage;
    this.#source = new JobSource(parts.jobs, parts.options);
    this.#maxBytes = parts.maxArgumentBytes;
    this.#results = new ResultWatch(parts.storage);
    this.#writer = new GroupWriter({
      write: (jobs) => this.#storage.insert(jobs),
      maxItems: parts.storage.manifest.maxRows,
      isRefusal: (error) => error instanceof StorageRefusedError,
    });
  }

  /** Stores a call to be run as soon as a server is free. Resolves with the job's id once it is stored. */
  async enqueue<C extends JobCall>(call: Call<J, C>, options?: EnqueueOptions): Promise<JobId<ReturnOf<C>>> {
    return this.#store(capture(call, this.#source.recorder(), jobPlaceholders), options);
  }

  /** Stores a call to be run after a delay, by the storage's clock; never earlier. */
  async delay<C extends JobCall>(
    call: Call<J, C>,
    delay: Duration,
    options?: EnqueueOptions,
  ): Promise<JobId<ReturnOf<C>>> {
    const due = { in: toMilliseconds(delay, "the delay") };
    return this.#store(capture(call, this.#source.recorder(), jobPlaceholders), options, { due });
  }

  /** Stores a call to be run at a time, by the storage's clock; never earlier, and at once when it has passed. */
  async schedule<C extends JobCall>(
    call: Call<J, C>,
    at: Instant,
    options?: EnqueueOptions,
  ): Promise<JobId<ReturnOf<C>>> {
    const due = { at: toEpochMilliseconds(at) };
    return this.#store(capture(call, this.#source.recorder(), jobPlaceholders), options, { due });
  }

  /**
   * Stores many calls: a list, a generator or an async iterable, taken in chunks. A chunk is stored as a whole or not
   * at all; when a later one fails the chunks before it stay. `options` hold for all; a pair `[call, options]` has its own.
   */
  async enqueueMany(calls: ManyCalls<J>, options?: EnqueueOptions): Promise<JobId[]> {
    const chunking = {
      prepare: (item: CapturedItem) => this.#prepareItem(item, options),
      weigh: ({ job }: PreparedItem) => job.args.length,
      maxItems: this.#storage.manifest.maxRows,
      maxWeight: CHUNK_CHARS,
    };
    const ids: JobId[] = [];
    for await (const chunk of captureMany(chunking, calls, this.#source.recorder(), jobPlaceholders)) {
      for (const { call, job } of chunk) await checkSchema(call, job, this.#source.options(call.name));
      const jobs = chunk.map(({ job }) => job);
      await this.#insert(jobs);
      for (const { id } of jobs) ids.push(id);
    }
    return ids;
  }

  /**
   * Stores a call to be run once its parent, or all of its parents (up to 1,000), have succeeded; `parent.result` is
   * passed on. If a parent is deleted the continuation is deleted, too; while one has Failed it waits.
   *
   * @throws ParentNotFoundError `FL_PARENT_NOT_FOUND`: nothing was stored.
   */
  async continueWith<R, C extends JobCall>(
    parent: JobId<R>,
    call: Continuation<J, R, C>,
    options?: EnqueueOptions,
  ): Promise<JobId<ReturnOf<C>>>;
  async continueWith<const P extends readonly JobId[], C extends JobCall>(
    parents: P,
    call: JoinContinuation<J, P, C>,
    options?: EnqueueOptions,
  ): Promise<JobId<ReturnOf<C>>>;
  async continueWith(
    parents: string | readonly string[],
    call: (...args: never[]) => JobCall,
    options?: EnqueueOptions,
  ): Promise<JobId> {
    const ids = toParentIds(parents);
    const given = typeof parents === "string" ? parentPlaceholder(ids[0] ?? "") : parentPlaceholders(ids);
    // The overloads have checked the call against exactly these three values.
    const captured = capture(
      call as (...args: readonly unknown[]) => unknown,
      this.#source.recorder(),
      given,
      jobPlaceholders,
    );
    return this.#store(captured, options, { gate: { parents: ids, condition: "succeeded" } });
  }

  /** Makes the job ready again, whatever state it is in. True: applied; false: gone, or changed meanwhile. */
  async requeue(id: string): Promise<boolean> {
    return this.#change(id, enqueued("Requeued"));
  }

  /** Deletes the job, whatever state it is in; a run under way is told by its signal, and its outcome not accepted. */
  async delete(id: string): Promise<boolean> {
    return this.#change(id, deleted("Deleted by a client"));
  }

  /** Schedules the job anew, whatever state it is in: after a duration, or at a time. */
  async reschedule(id: string, when: Duration | Instant): Promise<boolean> {
    const due = toDue(when);
    return this.#change(id, scheduled(due, "Rescheduled"));
  }

  /** The job as it stands; null when there is none of this id. */
  async get(id: string): Promise<JobDetails | null> {
    this.#refuseClosed();
    const known = parseId(id);
    const [job] = known === undefined ? [] : await this.#storage.get([known]);
    return job === undefined ? null : toJobDetails(job, await this.#storage.appendices(job.id));
  }

  /**
   * What the job returned, as soon as it has succeeded.
   *
   * @throws JobFailedError `FL_JOB_FAILED`, JobDeletedError `FL_JOB_DELETED`, JobNotFoundError `FL_JOB_NOT_FOUND`,
   * ResultTimeoutError `FL_RESULT_TIMEOUT`, ResultNotStoredError `FL_RESULT_NOT_STORED`.
   */
  result<R>(id: JobId<R>, options?: ResultOptions): Promise<R>;
  result(id: string, options?: ResultOptions): Promise<unknown>;
  async result(id: string, { timeout, signal }: ResultOptions = {}): Promise<unknown> {
    this.#refuseClosed();
    const known = parseId(id);
    if (known === undefined) throw new JobNotFoundError(id);
    const timeoutMs =
      timeout === undefined ? Number.POSITIVE_INFINITY : toMilliseconds(timeout, "the timeout");
    if (timeoutMs > LONGEST_TIMER_MS) return this.#results.wait(known, signal);
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(new ResultTimeoutError(known, timeoutMs)), timeoutMs);
    try {
      return await this.#results.wait(
        known,
        signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]),
      );
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits for calls under way and takes no more. The storage stays open: whoever made it closes it. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writer.idle();
    await this.#results.close(closedError());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #store(call: CapturedCall, options: EnqueueOptions | undefined, waiting?: Waiting): Promise<string> {
    const jobOptions = this.#source.options(call.name);
    const job = prepare(call, jobOptions, options, { maxBytes: this.#maxBytes }, waiting);
    if (jobOptions.args !== undefined) await checkSchema(call, job, jobOptions);
    await this.#insert([job]);
    return job.id;
  }

  #prepareItem(item: CapturedItem, shared: EnqueueOptions | undefined): PreparedItem {
    const options = item.options === undefined ? shared : { ...shared, ...item.options };
    const codec = { maxBytes: this.#maxBytes, call: item.index };
    return { call: item, job: prepare(item, this.#source.options(item.name), options, codec) };
  }

  async #insert(jobs: readonly NewJob[]): Promise<void> {
    this.#refuseClosed();
    for (const outcome of await this.#writer.add(jobs)) {
      if (outcome.outcome === "parent-not-found") throw parentNotFound(outcome.parent);
    }
  }

  async #change(id: string, candidate: Parameters<typeof changeJob>[2]): Promise<boolean> {
    this.#refuseClosed();
    const known = parseId(id);
    return known === undefined ? false : changeJob(this.#storage, known, candidate);
  }

  #refuseClosed(): void {
    if (this.#closed) throw closedError();
  }
}

interface PreparedItem {
  readonly call: CapturedCall;
  readonly job: NewJob;
}

function toParentIds(parents: string | readonly string[]): string[] {
  const ids = typeof parents === "string" ? [parents] : parents;
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > MAX_PARENTS) {
    throw new InvalidParentsError({
      code: "FL_INVALID_PARENTS",
      what: `A continuation has 1 to ${MAX_PARENTS} parents, not ${Array.isArray(ids) ? ids.length : preview(ids)}.`,
      mend: "Pass the id that enqueue gave, or a list of such ids; join more of them in steps.",
    });
  }
  return ids.map((id) => checkId(id, "the id of a parent"));
}

function toDue(when: Duration | Instant): Due {
  const isInstant =
    when instanceof Date || (typeof when === "object" && when !== null && "epochMilliseconds" in when);
  return isInstant ? { at: toEpochMilliseconds(when) } : { in: toMilliseconds(when, "the delay") };
}

function parentNotFound(parent: string): ParentNotFoundError {
  return new ParentNotFoundError({
    code: "FL_PARENT_NOT_FOUND",
    what: `There is no job ${parent} to continue; nothing was stored.`,
    why: "It was never stored here, or it finished and has expired.",
    mend: "Enqueue the call directly, or raise the server's retention.",
  });
}

function closedError(): ClientClosedError {
  return new ClientClosedError({
    code: "FL_CLIENT_CLOSED",
    what: "The client is closed.",
    mend: "Close it after its last call, or make a new one.",
  });
}
