import { type Duration, toMilliseconds } from "../base/duration.ts";
import type { Call } from "../client/call.ts";
import type { JobClient } from "../client/client.ts";
import type { EnqueueOptions } from "../client/enqueue-options.ts";
import { type Instant, toEpochMilliseconds } from "../client/instant.ts";
import type { JobDetails } from "../client/job-details.ts";
import { JobDeletedError, JobFailedError, JobNotFoundError } from "../client/result-errors.ts";
import { BackgroundJobClient, configureForNow, RecurringJobManager } from "../compose.ts";
import type { JobCall, JobId, ReturnOf } from "../job/job-call.ts";
import type { JobSet } from "../job/job-set.ts";
import type { RegisteredJobs } from "../job/register.ts";
import { readStoredResult } from "../job/stored-result.ts";
import { RecurringManager } from "../recurring/manager.ts";
import type { Storage } from "../storage/index.ts";
import { assertEnqueued, assertNotEnqueued, assertNothingEnqueued, matching } from "./assert-enqueued.ts";
import { Course, type FailureHandling, type RunSummary } from "./course.ts";
import { emptyStorage } from "./empty-storage.ts";
import {
  type EnqueuedJob,
  type JobSelection,
  type JobSelector,
  type SelectedArguments,
  type SelectedResult,
  toEnqueuedJob,
} from "./enqueued-job.ts";
import { checkExpectation, checkWhere, type EnqueuedExpectation, type EnqueuedWhere } from "./expectation.ts";
import { inlineRuns } from "./inline-runs.ts";
import { JobNotDoneError, JobNotReadyError } from "./run-errors.ts";
import { selectJobs } from "./select-jobs.ts";
import { SoloServer } from "./solo-server.ts";
import { standIn } from "./stand-in.ts";
import {
  type AdvanceOptions,
  checkAdvanceOptions,
  checkDrainOptions,
  checkTestOptions,
  type DrainOptions,
  loggerOf,
  MAX_RUNS,
  type TestJobsOptions,
} from "./test-options.ts";
import { TestStorage } from "./test-storage.ts";
import { TimeReversedError, VirtualClock } from "./virtual-clock.ts";

/**
 * Jobs under test: a client, recurring jobs and a server on a storage in memory, whose clock stands still until the
 * test moves it. Jobs run when the test says so, one after the other, by the steps of a real server: arguments and
 * results are encoded, filters asked, failures retried, histories written. Nothing ever waits for real time.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { defineJobs } from "firelater";
 * import { TestJobs } from "firelater/testing";
 *
 * const sent: string[] = [];
 * const mail = {
 *   welcome: async (to: string) => void sent.push(`welcome ${to}`),
 *   remind: async (to: string) => void sent.push(`reminder ${to}`),
 * };
 * const jobs = defineJobs({ mail });
 *
 * await using app = new TestJobs({ jobs, now: "2026-03-01T09:00:00Z" });
 * await app.client.enqueue((j) => j.mail.welcome("ann@example.com"));
 * await app.client.delay((j) => j.mail.remind("ann@example.com"), "3d");
 *
 * app.assertEnqueued((j) => j.mail.remind, { in: "3d" });
 * await app.drain();
 * assert.deepEqual(sent, ["welcome ann@example.com"]);
 * await app.advance("3d");
 * assert.deepEqual(sent, ["welcome ann@example.com", "reminder ann@example.com"]);
 * ```
 */
export class TestJobs<J extends JobSet = RegisteredJobs> implements AsyncDisposable {
  /** A real client: what the code under test is given. It takes any `tx`, and stores at once. */
  readonly client: BackgroundJobClient<J, unknown>;
  /** A real manager of recurring jobs: their slots come when the clock passes them. */
  readonly recurring: RecurringJobManager<J>;
  readonly #jobs: J;
  readonly #storage: TestStorage;
  readonly #clock: VirtualClock;
  readonly #server: SoloServer;
  readonly #failures: FailureHandling;
  /** Its jobs never run inside the call. */
  readonly #plainClient: BackgroundJobClient<J, unknown>;
  readonly #configure: () => () => void;
  readonly #undo: (() => void)[] = [];

  /**
   * @throws InvalidOptionsError `FL_INVALID_OPTIONS`, InvalidInstantError `FL_INVALID_INSTANT`, ActivateNeededError
   * `FL_ACTIVATE_NEEDED`, InvalidJobsError `FL_INVALID_JOBS`.
   */
  constructor(options: TestJobsOptions<J>) {
    checkTestOptions(options);
    const { jobs, activate, inline = false, filters = [], queues, now, onTime } = options;
    const logger = loggerOf(options.logger);
    this.#jobs = jobs;
    this.#clock = new VirtualClock(now, onTime);
    this.#storage = new TestStorage(this.#clock);
    this.#server = new SoloServer({ storage: this.#storage, jobs, activate, filters, queues, logger });
    this.#failures = options.failures ?? "record";
    const ofClient = inline ? [this.#inlineRuns(options.failures ?? "throw"), ...filters] : filters;
    const parts = { storage: this.#storage, jobs, logger };
    this.client = new BackgroundJobClient({ ...parts, filters: ofClient });
    this.#plainClient = new BackgroundJobClient({ ...parts, filters });
    this.recurring = new RecurringJobManager({ ...parts });
    this.#configure = () => configureForNow({ storage: this.#storage, jobs, activate, filters: ofClient });
  }

  /** Where the jobs are, for clients and managers of one's own. It takes any `tx`, and stores at once. */
  get storage(): Storage<unknown> {
    return this.#storage;
  }

  /** What the clock shows. */
  get now(): Date {
    return new Date(this.#clock.now);
  }

  /**
   * The jobs that were enqueued until now, oldest first, whatever has become of them: by the code under test, by other
   * jobs and by recurring ones. With a selector those of one kind, with typed arguments.
   *
   * @throws UnknownJobError `FL_UNKNOWN_JOB`, NoCallError `FL_NO_CALL`, InvalidOptionsError `FL_INVALID_OPTIONS`.
   */
  enqueued(): EnqueuedJob[];
  enqueued<S extends JobSelection>(
    selector: JobSelector<J, S>,
    where?: EnqueuedWhere,
  ): EnqueuedJob<SelectedArguments<S>, SelectedResult<S>>[];
  enqueued(selector?: JobSelector<J, JobSelection>, where: EnqueuedWhere = {}): EnqueuedJob[] {
    checkWhere(where);
    const all = this.#storage.arrivals.map(toEnqueuedJob);
    return selector === undefined ? all : matching(all, selectJobs(this.#jobs, selector), where);
  }

  /**
   * Asserts that such a job was enqueued until now, and gives the first.
   *
   * @throws AssertionError of `node:assert`, whose message shows what was enqueued instead; and what `enqueued` throws.
   */
  assertEnqueued<S extends JobSelection>(
    selector: JobSelector<J, S>,
    expectation: EnqueuedExpectation = {},
  ): EnqueuedJob<SelectedArguments<S>, SelectedResult<S>> {
    checkExpectation(expectation);
    const selected = selectJobs(this.#jobs, selector);
    const found = assertEnqueued(this.enqueued(), selected, expectation, this.assertEnqueued);
    // Its name says that it is one of those whose arguments the selector types.
    return found as EnqueuedJob<SelectedArguments<S>, SelectedResult<S>>;
  }

  /** Asserts that no such job was enqueued until now. */
  assertNotEnqueued(selector: JobSelector<J, JobSelection>, where: EnqueuedWhere = {}): void {
    checkWhere(where);
    const selected = selectJobs(this.#jobs, selector);
    assertNotEnqueued(this.enqueued(), selected, where, this.assertNotEnqueued);
  }

  /** Asserts that no job at all was enqueued until now. */
  assertNothingEnqueued(): void {
    assertNothingEnqueued(this.enqueued(), this.assertNothingEnqueued);
  }

  /**
   * Runs what is ready, and what becomes ready by that, until nothing is: continuations, retries without a delay,
   * jobs that jobs enqueue. The clock stands still, unless `scheduled` says so.
   *
   * @throws EndlessJobsError `FL_ENDLESS_JOBS`; with `failures: "throw"` what the first run throws that fails.
   */
  async drain(options: DrainOptions = {}): Promise<RunSummary> {
    checkDrainOptions(options);
    const course = this.#course(options);
    await (options.scheduled === true ? course.runScheduled() : course.runReady());
    return course.summary();
  }

  /**
   * Lets time go by, a duration or until an instant, as if a server ran: the clock stops at each time at which
   * something is due (scheduled jobs, retries, recurring slots), and what is ready runs there.
   *
   * @throws TimeReversedError `FL_TIME_REVERSED`, and what `drain` throws.
   */
  async advance(by: Duration | Instant, options: AdvanceOptions = {}): Promise<RunSummary> {
    checkAdvanceOptions(options);
    const course = this.#course(options);
    await course.runUntil(this.#timeAfter(by));
    return course.summary();
  }

  /** Lets time go by while no server runs: nothing is performed until the next `drain` or `advance`. */
  outage(by: Duration | Instant): void {
    this.#clock.moveTo(this.#timeAfter(by));
  }

  /**
   * Enqueues a call and runs this one job, whatever else is ready; or runs one that is enqueued already. Gives what it
   * returns, as it is stored. A run that fails is one run: its retry stays scheduled.
   *
   * @throws what the job throws; JobNotReadyError `FL_JOB_NOT_READY`; JobDeletedError `FL_JOB_DELETED` when a filter has
   * deleted it.
   */
  perform<R>(id: JobId<R>): Promise<R>;
  perform<C extends JobCall>(call: Call<J, C>, options?: EnqueueOptions): Promise<ReturnOf<C>>;
  async perform(what: string | Call<J, JobCall>, options?: EnqueueOptions): Promise<unknown> {
    const id = typeof what === "string" ? what : await this.#plainClient.enqueue(what, options);
    const run = await this.#server.run(id);
    if (run === undefined) throw await this.#notReady(id);
    if (run.error !== undefined) throw run.error;
    return this.result(id);
  }

  /** A job as it stands, with its state, history, log lines and progress; null when there is none of this id. */
  get(id: string): Promise<JobDetails | null> {
    return this.#plainClient.get(id);
  }

  /**
   * What a job returned. Does not wait: a job that has not come to its end is an error.
   *
   * @throws JobNotDoneError `FL_JOB_NOT_DONE`, and what `client.result` throws.
   */
  result<R>(id: JobId<R>): Promise<R>;
  result(id: string): Promise<unknown>;
  async result(id: string): Promise<unknown> {
    const [job] = await this.#storage.get([id]);
    if (job === undefined) throw new JobNotFoundError(id);
    if (job.state === "Succeeded") return readStoredResult(id, job.entry);
    if (job.state === "Failed") throw new JobFailedError(id, job.entry);
    if (job.state === "Deleted") throw new JobDeletedError(id);
    throw new JobNotDoneError(job, this.#clock.now);
  }

  /**
   * Makes `BackgroundJob`, `RecurringJob` and constructors without arguments use these jobs, until this is closed. Then
   * what `configure` was given before is in force again.
   */
  configure(): this {
    this.#undo.push(this.#configure());
    return this;
  }

  /**
   * Makes a client or manager that exists already, such as one that a module has made for itself, use these jobs until
   * this is closed. Its own storage is not asked meanwhile.
   */
  replace(existing: JobClient<J, never> | RecurringManager<J>): this {
    this.#undo.push(standIn(existing, existing instanceof RecurringManager ? this.recurring : this.client));
    return this;
  }

  /** For the next test: removes all jobs and recurring jobs, forgets what was enqueued, and sets the clock back. */
  async reset(): Promise<void> {
    await emptyStorage(this.#storage);
    this.#server.forget();
    this.#clock.reset();
  }

  /** Ends it. Nothing of it keeps a process alive, closed or not. */
  async close(): Promise<void> {
    for (const undo of this.#undo.splice(0).reverse()) undo();
    await Promise.all([this.client.close(), this.#plainClient.close()]);
    await this.#storage.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #inlineRuns(failures: FailureHandling) {
    // What a job throws is told to the call that has enqueued it, not to the one that happens to run it.
    const runReady = () => this.#course({ failures: "record" }).runReady();
    const drop = (id: string) => this.#plainClient.delete(id);
    return inlineRuns({ server: this.#server, runReady, drop, rejects: failures === "throw" });
  }

  #course({ failures = this.#failures, maxRuns = MAX_RUNS }: AdvanceOptions): Course {
    const parts = { server: this.#server, storage: this.#storage, clock: this.#clock };
    return new Course({ ...parts, maxRuns, failures });
  }

  #timeAfter(by: Duration | Instant): number {
    const isInstant = by instanceof Date || (typeof by === "object" && "epochMilliseconds" in by);
    const { now } = this.#clock;
    if (!isInstant) return now + toMilliseconds(by, "the time to go by");
    const time = toEpochMilliseconds(by);
    if (time < now) throw new TimeReversedError(time, now);
    return time;
  }

  async #notReady(id: string): Promise<Error> {
    const [job] = await this.#storage.get([id]);
    return job === undefined ? new JobNotFoundError(id) : new JobNotReadyError(job, this.#clock.now);
  }
}
