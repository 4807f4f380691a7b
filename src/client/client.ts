import { type Duration, toMilliseconds } from "../base/duration.ts";
import { type Logger, quietConsole } from "../base/logger.ts";
import { unfailingLogger } from "../base/unfailing-logger.ts";
import type { CapturedCall, JobCall, JobId, ReturnOf } from "../job/job-call.ts";
import type { JobFilter } from "../job/job-filter.ts";
import type { JobSetOptions } from "../job/job-options.ts";
import type { JobSet, SourceOf } from "../job/job-set.ts";
import { jobPlaceholders, parentPlaceholder, parentPlaceholders } from "../job/placeholder.ts";
import { deletedByHand, enqueued, type StateCandidate, scheduled } from "../states/index.ts";
import type { JobRecord, Storage } from "../storage/index.ts";
import type { Call, Continuation, JoinContinuation, ManyCalls, MaybeResults } from "./call.ts";
import { CallsUnderWay, ClientClosedError } from "./calls-under-way.ts";
import { capture } from "./capture.ts";
import { changeJob } from "./change-job.ts";
import { readId } from "./check-id.ts";
import { ClientEventHub, type ClientEvents } from "./client-events.ts";
import {
  type ContinuationOptions,
  checkSharedOptions,
  type EnqueueOptions,
  type SharedOptions,
  splitContinuationOptions,
} from "./enqueue-options.ts";
import { type Instant, toDue, toEpochMilliseconds } from "./instant.ts";
import { Intake } from "./intake.ts";
import { type JobDetails, toJobDetails } from "./job-details.ts";
import { JobSource } from "./job-source.ts";
import { type StatisticsEntry, type StatisticsOptions, sumUp, toPeriod } from "./job-statistics.ts";
import { toParentIds } from "./parents.ts";
import { JobNotFoundError } from "./result-errors.ts";
import { ResultWatch } from "./result-watch.ts";
import type { ResultOptions } from "./waiter.ts";

/** What a client is made of, once the defaults of the process are filled in. */
export interface ClientParts<J extends JobSet, Tx> {
  readonly storage: Storage<Tx>;
  readonly jobs?: J | (() => J) | undefined;
  readonly options?: JobSetOptions<SourceOf<J>> | undefined;
  readonly maxArgumentBytes?: number | undefined;
  readonly filters?: readonly JobFilter[] | undefined;
  readonly logger?: Logger | undefined;
}

/** Stores calls as jobs, and reads and steers stored jobs. */
export class JobClient<J extends JobSet, Tx> implements AsyncDisposable {
  readonly #storage: Storage<Tx>;
  readonly #source: JobSource<J>;
  readonly #events: ClientEventHub;
  readonly #intake: Intake<J, Tx>;
  readonly #results: ResultWatch;
  readonly #calls = new CallsUnderWay();
  #closed: Promise<void> | undefined;

  constructor(parts: ClientParts<J, Tx>) {
    this.#storage = parts.storage;
    this.#source = new JobSource(parts.jobs, parts.options);
    this.#results = new ResultWatch(parts.storage);
    const logger = unfailingLogger(parts.logger ?? quietConsole);
    this.#events = new ClientEventHub(logger);
    this.#intake = new Intake({
      storage: parts.storage,
      source: this.#source,
      filters: parts.filters ?? [],
      maxBytes: parts.maxArgumentBytes,
      logger,
      events: this.#events,
    });
  }

  /**
   * Hears what this client has stored, as soon as the storage has answered; what other clients and servers do is not
   * told here. What a listener throws is logged and harms nothing. The returned function stops listening.
   *
   * @throws InvalidOptionsError `FL_INVALID_OPTIONS`: there is no such event.
   */
  on<Name extends keyof ClientEvents>(
    event: Name,
    listener: (event: ClientEvents[Name]) => void,
  ): () => void {
    return this.#events.on(event, listener);
  }

  /**
   * Stores a call to be run as soon as a server is free. Resolves with the job's id once it is stored; within `tx` it is
   * stored when you commit.
   */
  enqueue<C extends JobCall>(call: Call<J, C>, options?: EnqueueOptions<Tx>): Promise<JobId<ReturnOf<C>>> {
    return this.#calls.run(() => this.#intake.store(this.#capture(call), options));
  }

  /** Stores a call to be run after a delay, by the storage's clock; never earlier. */
  delay<C extends JobCall>(
    call: Call<J, C>,
    delay: Duration,
    options?: EnqueueOptions<Tx>,
  ): Promise<JobId<ReturnOf<C>>> {
    return this.#calls.run(async () => {
      const due = { in: toMilliseconds(delay, "the delay") };
      return this.#intake.store(this.#capture(call), options, { due });
    });
  }

  /** Stores a call to be run at a time, by the storage's clock; never earlier, and at once when it has passed. */
  schedule<C extends JobCall>(
    call: Call<J, C>,
    at: Instant,
    options?: EnqueueOptions<Tx>,
  ): Promise<JobId<ReturnOf<C>>> {
    return this.#calls.run(async () => {
      const due = { at: toEpochMilliseconds(at) };
      return this.#intake.store(this.#capture(call), options, { due });
    });
  }

  /**
   * Stores many calls: a list, a generator or an async iterable, taken in chunks. A chunk is stored as a whole or not
   * at all; when a later one fails the chunks before it stay. `options` hold for all; a pair `[call, options]` has its
   * own, and there an id, too. Within `tx` all are stored when you commit.
   */
  enqueueMany(calls: ManyCalls<J>, options?: SharedOptions<Tx>): Promise<JobId[]> {
    return this.#calls.run(async () => {
      checkSharedOptions(options);
      return this.#intake.storeMany(calls, options ?? {}, this.#calls.closing);
    });
  }

  /**
   * Stores a call to be run once its parent, or all of its parents (up to 1,000), have succeeded, were deleted or have
   * ended, as `on` says; `parent.result`, `parent.state` and `parent.error` are passed on. If a parent ends otherwise the
   * continuation is deleted; while one has Failed it waits.
   *
   * @throws ParentNotFoundError `FL_PARENT_NOT_FOUND`: nothing was stored.
   */
  continueWith<R, C extends JobCall>(
    parent: JobId<R>,
    call: Continuation<J, R | undefined, C>,
    options: ContinuationOptions<Tx> & { readonly on: "deleted" | "ended" },
  ): Promise<JobId<ReturnOf<C>>>;
  continueWith<const P extends readonly JobId[], C extends JobCall>(
    parents: P,
    call: JoinContinuation<J, MaybeResults<P>, C>,
    options: ContinuationOptions<Tx> & { readonly on: "deleted" | "ended" },
  ): Promise<JobId<ReturnOf<C>>>;
  continueWith<const P extends readonly JobId[], C extends JobCall>(
    parents: P,
    call: JoinContinuation<J, P, C>,
    options?: ContinuationOptions<Tx>,
  ): Promise<JobId<ReturnOf<C>>>;
  // Last, because of several overloads the compiler explains the last one's refusal.
  continueWith<R, C extends JobCall>(
    parent: JobId<R>,
    call: Continuation<J, R, C>,
    options?: ContinuationOptions<Tx>,
  ): Promise<JobId<ReturnOf<C>>>;
  continueWith(
    parents: string | readonly string[],
    call: (...args: never[]) => JobCall,
    options?: ContinuationOptions<Tx>,
  ): Promise<JobId> {
    return this.#calls.run(async () => {
      const { condition, options: plain } = splitContinuationOptions(options);
      const ids = toParentIds(parents);
      const mayLack = condition !== "succeeded";
      const given =
        typeof parents === "string"
          ? parentPlaceholder(ids[0] ?? "", mayLack)
          : parentPlaceholders(ids, mayLack);
      // The overloads have checked the call against exactly these three values.
      const checked = call as (...args: readonly unknown[]) => unknown;
      const captured = capture(checked, this.#source.recorder(), given, jobPlaceholders);
      return this.#intake.store(captured, plain, { gate: { parents: ids, condition } });
    });
  }

  /**
   * Makes the job ready again, whatever state it is in. True: applied; false: gone, changed meanwhile, or a filter
   * elected another state.
   */
  requeue(id: string): Promise<boolean> {
    return this.#calls.run(() => this.#change(id, () => enqueued("Requeued")));
  }

  /**
   * Deletes the job, whatever state it is in; a run under way is told by its signal, and its outcome not accepted. False
   * as in `requeue`.
   */
  delete(id: string): Promise<boolean> {
    return this.#calls.run(() => this.#change(id, deletedByHand));
  }

  /** Schedules the job anew, whatever state it is in: after a duration, or at a time. False as in `requeue`. */
  reschedule(id: string, when: Duration | Instant): Promise<boolean> {
    return this.#calls.run(async () => {
      const candidate = scheduled(toDue(when), "Rescheduled");
      return this.#change(id, () => candidate);
    });
  }

  /** The job as it stands; null when there is none of this id. */
  get(id: string): Promise<JobDetails | null> {
    return this.#calls.run(async () => {
      const known = readId(id);
      const [job] = known === undefined ? [] : await this.#storage.get([known]);
      return job === undefined ? null : toJobDetails(job, await this.#storage.appendices(job.id));
    });
  }

  /**
   * How many jobs succeeded, failed and were deleted, and how many runs were tried again, hour by hour or day by day,
   * oldest first. Hours are kept for 400 days at least; those in which nothing happened are left out.
   *
   * @throws InvalidOptionsError `FL_INVALID_OPTIONS`, InvalidInstantError `FL_INVALID_INSTANT`.
   */
  statistics(options: StatisticsOptions = {}): Promise<StatisticsEntry[]> {
    return this.#calls.run(async () => {
      const period = toPeriod(options, await this.#storage.now());
      return sumUp(await this.#storage.statistics({ from: period.from, to: period.to }), period);
    });
  }

  /**
   * What the job returned, as soon as it has succeeded. A storage that fails meanwhile is asked again, until the timeout
   * or, without one, for 30 seconds.
   *
   * @throws JobFailedError `FL_JOB_FAILED`, JobDeletedError `FL_JOB_DELETED`, JobNotFoundError `FL_JOB_NOT_FOUND`,
   * ResultTimeoutError `FL_RESULT_TIMEOUT`, ResultNotStoredError `FL_RESULT_NOT_STORED`.
   */
  result<R>(id: JobId<R>, options?: ResultOptions): Promise<R>;
  result(id: string, options?: ResultOptions): Promise<unknown>;
  async result(id: string, options: ResultOptions = {}): Promise<unknown> {
    this.#calls.refuseClosed();
    const known = readId(id);
    if (known === undefined) throw new JobNotFoundError(id);
    return this.#results.wait(known, options);
  }

  /**
   * Takes no more calls and waits for those under way: what they store is stored, a list of `enqueueMany` as a whole.
   * Of a generator or an async iterable, which may be endless, no further calls are taken; its `enqueueMany` then
   * rejects with `FL_CLIENT_CLOSED` and says how many calls were stored. Waits for results end with the same code. The
   * storage stays open: whoever made it closes it.
   */
  close(): Promise<void> {
    this.#closed ??= Promise.all([this.#calls.close(), this.#results.close(new ClientClosedError())]).then(
      () => {},
    );
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #capture<C extends JobCall>(call: Call<J, C>): CapturedCall {
    return capture(call, this.#source.recorder(), jobPlaceholders);
  }

  async #change(id: string, wanted: (job: JobRecord) => StateCandidate): Promise<boolean> {
    const known = readId(id);
    if (known === undefined) return false;
    const chainOf = (name: string) => this.#intake.chains.of(this.#source.options(name));
    return changeJob({ storage: this.#storage, chainOf, events: this.#events }, known, wanted);
  }
}
