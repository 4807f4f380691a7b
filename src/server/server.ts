import { type Duration, toMilliseconds } from "../base/duration.ts";
import type { Logger } from "../base/logger.ts";
import type { Loop } from "../base/loop.ts";
import { LeaseLostError, type Signal, type Storage } from "../storage/index.ts";
import { BackgroundProcesses } from "./background-processes.ts";
import { chainsByName } from "./chains-by-name.ts";
import { createExecutor } from "./create-executor.ts";
import { Fetcher } from "./fetch/fetcher.ts";
import { Heartbeat } from "./lease/heartbeat.ts";
import { type ProcessIdentity, thisProcess } from "./lease/process-identity.ts";
import { drain } from "./lifetime/drain.ts";
import { ShutdownSignals } from "./lifetime/shutdown-signals.ts";
import { Standby } from "./lifetime/standby.ts";
import { startupOf } from "./lifetime/startup-of.ts";
import { warnOfDurability } from "./lifetime/warn-of-durability.ts";
import { Deadline } from "./perform/deadline.ts";
import type { Executor } from "./perform/executor.ts";
import { ClaimLostError } from "./perform/interruption.ts";
import { RunLog } from "./perform/run-log.ts";
import { completerFor } from "./perform/transaction-completer.ts";
import { createChecker } from "./processes/checker.ts";
import { ServerEventHub, type ServerEvents } from "./server-events.ts";
import type { ServerParts } from "./server-options.ts";
import { type Settings, type Timing, toSettings } from "./settings.ts";
import { Committer } from "./settle/committer.ts";
import { Worker } from "./worker.ts";

/** Fetches, performs, retries and recovers jobs, from its construction until it is stopped. */
export class JobServer implements AsyncDisposable {
  /** What tells this server apart: the option, else its queues joined by commas. */
  readonly name: string;
  /** Resolves when the server is at work. Rejects with a coded error, which is never unhandled. */
  readonly started: Promise<this>;
  /** Settles when the server has stopped, by `stop` or a signal; rejects when it could not start. */
  readonly stopped: Promise<void>;

  readonly #storage: Storage;
  readonly #executor: Executor;
  readonly #logger: Logger;
  readonly #timing: Timing;
  readonly #queues: readonly string[];
  readonly #here: ProcessIdentity = thisProcess();
  readonly #events: ServerEventHub;
  readonly #worker: Worker;
  readonly #committer: Committer;
  readonly #runLog: RunLog;
  readonly #fetcher: Fetcher;
  readonly #heartbeat: Heartbeat;
  readonly #checker: Loop;
  readonly #background: BackgroundProcesses;
  readonly #signals: ShutdownSignals | undefined;
  readonly #standby: Standby;
  #unsubscribe: (() => void) | undefined;
  #stopping: { readonly deadline: Deadline; readonly done: Promise<void> } | undefined;
  #quiet = false;
  #isLoaded = false;
  #isAtWork = false;
  #settleStopped: { resolve(): void; reject(error: unknown): void } | undefined;

  constructor(parts: ServerParts) {
    const settings = toSettings(parts);
    const { storage } = parts;
    const { logger, workerCount } = settings;
    this.#storage = storage;
    this.#logger = logger;
    this.#timing = settings.timing;
    this.#queues = settings.queues;
    this.name = settings.name;

    this.#events = new ServerEventHub(logger, this.name);
    this.#committer = new Committer(storage, logger);
    this.#runLog = new RunLog(storage, logger);
    this.#executor = createExecutor(parts, settings, this.#runLog, () => this.#worker.roomFreed());
    this.#heartbeat = this.#createHeartbeat(workerCount);
    this.#worker = this.#createWorker();
    this.#fetcher = this.#createFetcher();
    this.#worker.feedFrom(this.#fetcher);
    this.#checker = createChecker({
      storage,
      runs: this.#worker.runs,
      failed: this.#failed("checking claims"),
    });
    this.#background = this.#createBackground(parts, settings);
    this.#standby = new Standby({ name: this.name, storage: storage.name, logger }, () => this.#fetch());
    this.#signals = parts.signals === false ? undefined : new ShutdownSignals(() => this.stop());

    this.stopped = new Promise((resolve, reject) => {
      this.#settleStopped = { resolve, reject };
    });
    this.started = this.#start();
    // Who awaits them gets the error; a server that nobody asks has logged it.
    this.started.catch(() => {});
    this.stopped.catch(() => {});
  }

  /**
   * Hears an event, after the commit of what it tells of. The returned function stops listening.
   *
   * @throws InvalidOptionsError `FL_INVALID_OPTIONS`: there is no such event.
   */
  on<Name extends keyof ServerEvents>(
    event: Name,
    listener: (event: ServerEvents[Name]) => void,
  ): () => void {
    return this.#events.on(event, listener);
  }

  /**
   * Fetches nothing more; what runs goes on, what waited here is given back. Resolves when that is done, however often
   * the storage fails meanwhile. A server of the same name that stands by begins to fetch. This one stays until `stop`.
   */
  async quiet(): Promise<void> {
    this.#quiet = true;
    this.#standby.leave();
    await this.#fetcher.quiet();
  }

  /** Fetches again after `quiet`. Where another server of its name has taken over, this one stands by. */
  async resume(): Promise<void> {
    if (!this.#quiet || this.#stopping !== undefined) return;
    this.#quiet = false;
    await this.#standby.enterAgain();
  }

  /**
   * Stops: fetches nothing more, lets running jobs go on for `timeout` (default the server's shutdownTimeout), asks
   * them through their signal to end after half a second, and gives back what has not finished. A storage that does not
   * answer is waited for a few seconds longer; one that keeps the server from starting, for `timeout`. Called again, it gives the same end; a shorter `timeout` hurries it.
   */
  async stop(options: { readonly timeout?: Duration } = {}): Promise<void> {
    const timeoutMs =
      options.timeout === undefined
        ? this.#timing.shutdownMs
        : toMilliseconds(options.timeout, "the timeout of stop");
    if (this.#stopping === undefined) {
      const deadline = new Deadline(timeoutMs);
      this.#stopping = { deadline, done: this.#stop(deadline) };
    } else if (options.timeout !== undefined) this.#stopping.deadline.bringForward(timeoutMs);
    await this.#stopping.done;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start(): Promise<this> {
    try {
      await this.#executor.start();
      this.#isLoaded = true;
      await this.#storage.ready;
      warnOfDurability(this.#storage, this.#logger);
      // Asked to stop before it was at work.
      if (this.#stopping !== undefined) return this;
      this.#unsubscribe = this.#storage.subscribe((signal) => this.#hear(signal));
      await this.#standby.enter();
      if (this.#stopping === undefined) {
        this.#logger.info(`the server "${this.name}" is at work on ${this.#storage.name}`);
      }
      return this;
    } catch (error) {
      this.#logger.error(`the server "${this.name}" could not start`, error);
      await this.#release();
      this.#settleStopped?.reject(error);
      throw error;
    }
  }

  async #fetch(): Promise<void> {
    if (!this.#isAtWork) {
      await this.#heartbeat.start();
      // Whoever stops it may not have waited for so long.
      if (this.#stopping !== undefined) return await this.#heartbeat.stop();
      this.#background.start();
      this.#checker.start();
      this.#isAtWork = true;
    }
    if (!this.#quiet) this.#fetcher.start();
  }

  async #stop(deadline: Deadline): Promise<void> {
    // Code that is still being loaded is not waited for: it may take its time, and nobody needs it any more.
    if (!this.#isLoaded) await this.#executor.stop();
    const startup = await startupOf(this.started, deadline);
    if (startup === "failed") return;
    if (startup === "under way") {
      this.#logger.warn(
        `the server "${this.name}" is stopped while it starts: what keeps it is not waited for`,
      );
      return await this.#end();
    }
    await deadline.wait(this.#standby.close());
    await drain(
      {
        ...{ server: this.name, fetcher: this.#fetcher, loops: this.#background.loops },
        ...{ checker: this.#checker, worker: this.#worker, committer: this.#committer },
        ...{ runLog: this.#runLog, heartbeat: this.#heartbeat },
        ...{ events: this.#events, logger: this.#logger },
      },
      deadline,
    );
    await this.#end();
  }

  async #end(): Promise<void> {
    await this.#release();
    this.#logger.info(`the server "${this.name}" has stopped`);
    this.#settleStopped?.resolve();
  }

  /** Gives up what this object holds of its process. */
  async #release(): Promise<void> {
    this.#unsubscribe?.();
    this.#signals?.remove();
    this.#standby.leave();
    await this.#executor.stop();
  }

  #hear(signal: Signal): void {
    if (signal.kind === "ready") {
      if (signal.queues.some((queue) => this.#queues.includes(queue))) this.#fetcher.wake();
    } else if (signal.kind === "parked" || signal.kind === "changed") this.#fetcher.wakeForParked();
    this.#background.hear(signal);
  }

  #failed(doing: string): (error: unknown, failures: number) => void {
    return (error) => {
      if (error instanceof LeaseLostError) this.#heartbeat.doubt();
      else this.#logger.warn(`${doing} failed, trying again`, error);
    };
  }

  #createHeartbeat(workerCount: number): Heartbeat {
    const { heartbeatMs, timeoutMs } = this.#timing;
    return new Heartbeat({
      storage: this.#storage,
      server: { ...this.#here, name: this.name, queues: this.#queues, workerCount, timeoutMs },
      heartbeatMs,
      logger: this.#logger,
      lost: () => this.#leaseLost(),
      announced: () => this.#fetcher.wakeForParked(),
    });
  }

  /** Others may already run what was claimed here: none of it may start, and what runs is told. */
  #leaseLost(): void {
    this.#logger.error(`the server "${this.name}" has lost its lease: its jobs are given to others`);
    this.#fetcher.drop();
    for (const run of this.#worker.runs) run.abort(new ClaimLostError(run.name));
  }

  #createWorker(): Worker {
    return new Worker({
      storage: this.#storage,
      executor: this.#executor,
      committer: this.#committer,
      runLog: this.#runLog,
      completer: completerFor(this.#storage, this.#executor),
      events: this.#events,
      logger: this.#logger,
    });
  }

  #createFetcher(): Fetcher {
    return new Fetcher({
      storage: this.#storage,
      queues: this.#queues,
      names: () => this.#executor.names(),
      pollingMs: this.#timing.pollingMs,
      lease: () => this.#heartbeat.lease,
      freeSlots: () => this.#worker.freeSlots(),
      fetched: () => this.#worker.pump(),
      knows: (claim) => this.#worker.knows(claim),
      failed: this.#failed("fetching jobs"),
    });
  }

  #createBackground(
    { storage, jobs, filters, processes = [] }: ServerParts,
    { logger, retention }: Settings,
  ): BackgroundProcesses {
    return new BackgroundProcesses({
      storage,
      pollingMs: this.#timing.pollingMs,
      checkMs: this.#timing.checkMs,
      heartbeatMs: this.#timing.heartbeatMs,
      server: this,
      running: { runs: this.#worker.runs, slots: () => this.#executor.slots, isQuiet: () => this.#quiet },
      retention,
      here: this.#here,
      incarnation: () => this.#heartbeat.lease.incarnation,
      recovered: (jobs, rows) => this.#events.recovered(jobs, rows),
      added: processes,
      chainOf: chainsByName(jobs, filters),
      warn: (message, error) => logger.warn(message, error),
      failed: (doing) => this.#failed(doing),
    });
  }
}
