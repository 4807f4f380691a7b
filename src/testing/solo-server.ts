import type { Logger } from "../base/logger.ts";
import type { Loop } from "../base/loop.ts";
import { FilterChains } from "../filters/filter-chain.ts";
import type { JobFilter } from "../job/job-filter.ts";
import { type JobSet, registryOf } from "../job/job-set.ts";
import type { JobRegistry, RegisteredJob } from "../job/registry.ts";
import { SlotFilters } from "../recurring/slot-filters.ts";
import { chainsByName } from "../server/chains-by-name.ts";
import { type Activate, Activator, requireActivate } from "../server/perform/activator.ts";
import { JobRun } from "../server/perform/job-context.ts";
import { JobRunner } from "../server/perform/job-runner.ts";
import { type Around, Performer, type RunOutcome } from "../server/perform/performer.ts";
import { RunLog } from "../server/perform/run-log.ts";
import { TransactionCompleter } from "../server/perform/transaction-completer.ts";
import { createChecker } from "../server/processes/checker.ts";
import { settle } from "../server/settle/settle.ts";
import { processingEntry } from "../states/index.ts";
import type { ClaimedJob, JobRecord } from "../storage/index.ts";
import { type PerformedRun, performedRun } from "./performed-run.ts";
import type { TestStorage } from "./test-storage.ts";

/** As a test's own: nobody takes its jobs for those of a lost server, however far the clock is moved. */
const SERVER = "test";
const INCARNATION = "test:0:1";
const LEASE_MS = 1e15;

export interface SoloServerParts {
  readonly storage: TestStorage;
  readonly jobs: JobSet;
  readonly activate: Activate | undefined;
  readonly filters: readonly JobFilter[];
  /** In this order, and no others. Undefined: whatever is ready, in the order of priority and arrival. */
  readonly queues: readonly string[] | undefined;
  readonly logger: Logger;
}

/**
 * A server without loops: takes a job when it is told to, and runs it by the steps of a real one. What it runs and
 * what becomes of it is the same; only when is the test's to say.
 */
export class SoloServer {
  /** Asked while recurring jobs begin jobs. */
  readonly slotFilters: SlotFilters;
  readonly #parts: SoloServerParts;
  readonly #registry: JobRegistry;
  readonly #performer: WatchedPerformer;
  readonly #runner: JobRunner;
  readonly #runLog: RunLog;
  readonly #completer: TransactionCompleter;
  readonly #checker: Loop;
  readonly #running = new Set<JobRun>();
  /** The first run of each job: who has enqueued it may ask what became of it. */
  readonly #firstRuns = new Map<string, Promise<PerformedRun>>();
  readonly #performed: PerformedRun[] = [];
  #announced: Promise<void> | undefined;

  /** @throws ActivateNeededError `FL_ACTIVATE_NEEDED`, InvalidJobsError `FL_INVALID_JOBS`. */
  constructor(parts: SoloServerParts) {
    const { storage, jobs, activate, filters, logger } = parts;
    this.#parts = parts;
    this.#registry = registryOf(jobs);
    requireActivate(this.#registry, activate);
    this.#performer = new WatchedPerformer(storage, new Activator(activate), ({ id, name }, error) =>
      logger.warn(`disposing of the instance of job ${id} (${name}) failed`, error),
    );
    // Without jitter: the first retry comes after 15 seconds sharp, and a test can say so.
    const judging = { server: SERVER, maxResultBytes: undefined, random: () => 0 };
    const chains = new FilterChains(filters);
    const filterFailed = ({ id, name }: JobRun, filter: string, error: unknown) =>
      logger.warn(`the filter "${filter}" threw when it was told of the error of job ${id} (${name})`, error);
    this.#runner = new JobRunner({ performer: this.#performer, chains, judging, filterFailed });
    this.slotFilters = new SlotFilters(chainsByName(jobs, filters), (filter, error) =>
      logger.warn(`the filter "${filter}" threw after a recurring job had begun its job`, error),
    );
    this.#runLog = new RunLog(storage, logger);
    this.#completer = new TransactionCompleter({
      storage,
      conclude: (run, result) => this.#runner.conclude(run, this.#jobOf(run.name), result),
    });
    const failed = (error: unknown) => logger.warn("checking claims failed", error);
    this.#checker = createChecker({ storage, runs: this.#running, failed });
    storage.watched = (ids) => this.#runAwaited(ids);
  }

  /** Runs that have begun and not ended: more than one only where jobs run inside each other, or a test asks twice. */
  get running(): number {
    return this.#running.size;
  }

  /** All runs that have ended, in the order of their ends. */
  get performed(): readonly PerformedRun[] {
    return this.#performed;
  }

  firstRunOf(id: string): Promise<PerformedRun> | undefined {
    return this.#firstRuns.get(id);
  }

  forget(): void {
    this.#firstRuns.clear();
    this.#performed.length = 0;
  }

  /** Whether a job could run now. */
  async hasReady(): Promise<boolean> {
    const { queues } = this.#parts;
    for await (const { queue } of this.#ready()) if (queues?.includes(queue) ?? true) return true;
    return false;
  }

  /** Takes the next ready job and runs it. Undefined when there is none. */
  async runNext(): Promise<PerformedRun | undefined> {
    const [claim] = await this.#claim(this.#parts.queues ?? (await this.#firstQueue()), 1);
    return claim === undefined ? undefined : this.#run(claim);
  }

  /** Takes this job out of its turn and runs it. Undefined when it is not ready. */
  async run(id: string): Promise<PerformedRun | undefined> {
    const [job] = await this.#parts.storage.get([id]);
    if (job?.state !== "Enqueued" || job.hold !== null) return undefined;
    const claim = await this.#take(id, job.queue);
    return claim === undefined ? undefined : this.#run(claim);
  }

  /** Those before it go back to where they stood: a claim asks for places in a queue, not for jobs. */
  async #take(id: string, queue: string): Promise<ClaimedJob | undefined> {
    const { storage } = this.#parts;
    const before: ClaimedJob[] = [];
    let found: ClaimedJob | undefined;
    for (let more = true; more && found === undefined; ) {
      const claims = await this.#claim([queue], storage.manifest.maxRows);
      found = claims.find((claim) => claim.id === id);
      before.push(...claims.filter((claim) => claim !== found));
      more = claims.length > 0;
    }
    await storage.giveBack(before);
    return found;
  }

  async #claim(queues: readonly string[], slots: number): Promise<ClaimedJob[]> {
    const { storage } = this.#parts;
    this.#announced ??= storage.announce({
      incarnation: INCARNATION,
      name: SERVER,
      host: SERVER,
      pid: 0,
      pidStartedAt: "",
      queues,
      workerCount: 1,
      timeoutMs: LEASE_MS,
    });
    await this.#announced;
    const entry = processingEntry(SERVER, INCARNATION);
    return storage.claim({ incarnation: INCARNATION, entry, queues, slots, buffer: 0 });
  }

  /** The queue of the ready job that comes first by priority and arrival: no order of queues is known. */
  async #firstQueue(): Promise<readonly string[]> {
    const { queues } = this.#parts.storage;
    if (queues.length < 2) return queues;
    let first: JobRecord | undefined;
    for await (const job of this.#ready()) if (isBefore(job, first)) first = job;
    return first === undefined ? [] : [first.queue];
  }

  async *#ready(): AsyncGenerator<JobRecord, void> {
    const { storage } = this.#parts;
    const query = { state: "Enqueued", limit: storage.manifest.maxRows } as const;
    for (let after: string | null | undefined; after !== null; ) {
      const page = await storage.list(after === undefined ? query : { ...query, after });
      yield* page.rows.filter(({ hold }) => hold === null);
      after = page.next;
    }
  }

  /**
   * A job waits for the result of another, which would have its turn when the first has ended, and so never. On a
   * server another worker would run it.
   */
  #runAwaited(ids: readonly string[]): void {
    if (this.#running.size === 0) return;
    for (const id of ids) {
      const failed = (error: unknown) =>
        this.#parts.logger.error(`running the awaited job ${id} failed`, error);
      void this.run(id).catch(failed);
    }
  }

  async #run(claim: ClaimedJob): Promise<PerformedRun> {
    const run = this.#perform(claim);
    if (!this.#firstRuns.has(claim.id)) this.#firstRuns.set(claim.id, run);
    this.#performed.push(await run);
    return run;
  }

  /** The life of a claimed job: perform, judge, elect, apply, commit. */
  async #perform(claim: ClaimedJob): Promise<PerformedRun> {
    const { storage } = this.#parts;
    const job = this.#registry.find(claim.name);
    if (job === undefined) return this.#park(claim);
    const run = new JobRun(claim, this.#runLog, this.#completer);
    const verdict = await this.#whileChecked(run, () => this.#runner.run(run, job));
    if (this.#runLog.hasPending(run)) await this.#runLog.flushLast(run);
    const [outcome = "gone"] = await storage.commit([settle(run, verdict).change]);
    const performed = performedRun(run, verdict, this.#performer.thrownBy(run), outcome);
    this.#tell(performed);
    return performed;
  }

  /** A job that is deleted or requeued while it runs hears of it through its signal, as on a real server. */
  async #whileChecked<T>(run: JobRun, body: () => T | Promise<T>): Promise<T> {
    // Most runs change nothing that is stored: then there is nothing to look for.
    const unsubscribe = this.#parts.storage.subscribe(() => {
      this.#checker.start();
      this.#checker.wake();
    });
    this.#running.add(run);
    try {
      return await body();
    } finally {
      this.#running.delete(run);
      unsubscribe();
      if (this.#running.size === 0) void this.#checker.stop();
    }
  }

  #jobOf(name: string): RegisteredJob {
    const job = this.#registry.find(name);
    if (job === undefined) throw new TypeError(`no job ${name} is registered`);
    return job;
  }

  async #park(claim: ClaimedJob): Promise<PerformedRun> {
    const { storage, logger } = this.#parts;
    await storage.park([claim]);
    logger.warn(`job ${claim.id} is put aside: no job "${claim.name}" is in the job set`);
    return { id: claim.id, name: claim.name, attempt: claim.failures + 1, end: "parked", error: undefined };
  }

  #tell({ id, name, attempt, end, error }: PerformedRun): void {
    const { logger } = this.#parts;
    const what = `job ${id} (${name}) failed in attempt ${attempt}`;
    if (end === "failed") logger.error(what, error);
    else if (end === "retried") logger.warn(`${what} and is tried again`, error);
    else if (end === "deleted" && error !== undefined) logger.warn(`${what} and was deleted`, error);
    else if (end === "lost")
      logger.warn(`the end of job ${id} (${name}) was not accepted: it was changed meanwhile`);
  }
}

function isBefore(job: JobRecord, other: JobRecord | undefined): boolean {
  if (other === undefined) return true;
  return job.rank === other.rank ? job.seq < other.seq : job.rank < other.rank;
}

/** A performer that keeps what was thrown: a test wants the very error, and the storage has only its summary. */
class WatchedPerformer extends Performer {
  readonly #thrown = new WeakMap<JobRun, { readonly error: unknown }>();

  thrownBy(run: JobRun): { readonly error: unknown } | undefined {
    return this.#thrown.get(run);
  }

  override async perform(run: JobRun, job: RegisteredJob, around?: Around): Promise<RunOutcome> {
    const outcome = await super.perform(run, job, around);
    if (!outcome.ok) this.#thrown.set(run, { error: outcome.thrown });
    return outcome;
  }
}
