import type { ResourceLimits } from "node:worker_threads";
import { type Backoff, backoffDelay } from "../../base/backoff.ts";
import type { Logger } from "../../base/logger.ts";
import type { Storage } from "../../storage/index.ts";
import type { Executor, NotBegun, Verdict } from "../executor.ts";
import { insist } from "../insist.ts";
import type { JobRun } from "../job-context.ts";
import type { RunLog } from "../run-log.ts";
import { StartRate } from "../start-rate.ts";
import { type Assignment, JobThread, type JobThreadParts, type LeftBehind } from "./job-thread.ts";
import type { ThreadJob } from "./thread-protocol.ts";
import { crashed, lost, timedOut, unknownEnd } from "./thread-verdicts.ts";

/** What short jobs will use within this time waits in the threads, so that none of them waits for a message. */
const AHEAD_MS = 5;
const MOST_AHEAD = 64;
const WATCH_MS = 50;
/** A run behind one that takes longer than this goes to another thread, or back. */
const STUCK_MS = 50;
/** Code that passes its signal on stops by itself in this time; other code is stopped with its thread. */
const TIMEOUT_GRACE_MS = 1_000;
const LOST_GRACE_MS = 5_000;
/** Between the deaths of threads that could not even load the module. */
const REPLACE: Backoff = { firstMs: 1_000, longestMs: 30_000 };

export interface ThreadedParts {
  readonly storage: Storage;
  /** The URL of the module that exports `jobs`. */
  readonly module: string;
  readonly threads: number;
  readonly resourceLimits: ResourceLimits | undefined;
  readonly judging: { readonly server: string; readonly maxResultBytes: number | undefined };
  readonly logger: Logger;
  readonly runLog: RunLog;
  /** A thread is ready that was not before. */
  readonly roomFreed: () => void;
}

/**
 * Runs jobs in threads that belong to the server, one at a time in each. A thread that dies, or that has to be stopped,
 * takes the job with it that was running there and no other, and is replaced.
 */
export class ThreadedExecutor implements Executor {
  readonly #parts: ThreadedParts;
  readonly #threads = new Set<JobThread>();
  readonly #jobs = new Map<string, ThreadJob>();
  readonly #rate = new StartRate();
  /** Verdicts of runs whose threads are being stopped. */
  readonly #stopped = new Map<JobRun, Verdict>();
  readonly #told = new Map<JobRun, number>();
  readonly #closing = new AbortController();
  #failures = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(parts: ThreadedParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const threads = Array.from({ length: this.#parts.threads }, () => this.#add());
    const [jobs = []] = await Promise.all(threads.map(({ ready }) => ready));
    for (const job of jobs) this.#jobs.set(job.name, job);
    this.#watch = setInterval(() => this.#look(), WATCH_MS).unref();
  }

  names(): readonly string[] {
    return [...this.#jobs.keys()];
  }

  knows(name: string): boolean {
    return this.#jobs.has(name);
  }

  hasRoom(runs: number): boolean {
    const ready = this.#ready().length;
    const ahead = Math.floor((this.#rate.perSecond(performance.now()) * AHEAD_MS) / 1_000);
    return runs < ready + Math.min(ahead, ready * MOST_AHEAD);
  }

  execute(run: JobRun, ended: (verdict: Verdict | NotBegun) => void): void {
    this.#assign({
      run,
      ended: (verdict) => {
        run.whenAborted = undefined;
        this.#told.delete(run);
        if (verdict !== "not begun") this.#rate.started(performance.now());
        ended(verdict);
      },
    });
  }

  async stop(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#watch);
    await Promise.all([...this.#threads].map((thread) => thread.stop("its server has stopped")));
  }

  #add(): JobThread {
    const { module, judging, resourceLimits, storage } = this.#parts;
    const parts: JobThreadParts = {
      start: { module, ...judging, maxRows: storage.manifest.maxRows },
      resourceLimits,
      name: `firelater ${judging.server}`,
      heard: (report, run) => {
        if (report.kind === "warning") this.#parts.logger.warn(report.text, report.problem.message);
        else if (run !== undefined && report.kind === "appended")
          this.#parts.runLog.accept(run, report.appendices);
        else if (run !== undefined) void this.#answerParents(thread, run);
      },
      died: (dead, left) => this.#died(dead, left),
    };
    const thread = new JobThread(parts);
    this.#threads.add(thread);
    return thread;
  }

  #ready(): JobThread[] {
    return [...this.#threads].filter(({ isReady }) => isReady);
  }

  /** To the thread that has the least to do. */
  #assign(assignment: Assignment): void {
    const [thread, ...others] = this.#ready();
    if (thread === undefined) {
      assignment.ended("not begun");
      return;
    }
    others.reduce((best, other) => (other.load < best.load ? other : best), thread).give(assignment);
  }

  /** Waits for a storage that does not answer: a thread that asks spends no attempt on it. */
  async #answerParents(thread: JobThread, run: JobRun): Promise<void> {
    const { storage, logger } = this.#parts;
    try {
      const signal = AbortSignal.any([run.signal, this.#closing.signal]);
      const parents = await insist(() => storage.parents([run.id]), { signal });
      thread.answerParents(run, parents.get(run.id) ?? []);
    } catch (error) {
      logger.debug(`the results of the parents of job ${run.id} (${run.name}) were not read`, error);
    }
  }

  #look(): void {
    const now = performance.now();
    for (const thread of this.#ready()) {
      const { head } = thread;
      if (head === undefined) continue;
      if (thread.load > 1 && now - head.since > STUCK_MS) this.#relieve(thread);
      const verdict = this.#overdue(head, now);
      if (verdict === undefined) continue;
      this.#stopped.set(head.run, verdict);
      this.#parts.logger.warn(`job ${head.run.id} (${head.run.name}) does not stop: its thread is stopped`);
      void thread.stop("it was stopped because its job did not stop");
    }
  }

  /** What waits behind a long run goes to a thread that is free now, or back into the storage. */
  #relieve(thread: JobThread): void {
    for (const assignment of thread.takeBack()) {
      const idle = this.#ready().find(({ load }) => load === 0);
      if (idle === undefined) assignment.ended("not begun");
      else idle.give(assignment);
    }
  }

  /** What becomes of a run whose time is up and that goes on all the same. */
  #overdue(
    { run, since }: { readonly run: JobRun; readonly since: number },
    now: number,
  ): Verdict | undefined {
    if (this.#stopped.has(run)) return undefined;
    const job = this.#jobs.get(run.name);
    if (job?.timeoutMs !== undefined && now - since > job.timeoutMs + TIMEOUT_GRACE_MS) {
      return timedOut(run, job, Math.round(now - since));
    }
    if (run.abortReason === undefined) return undefined;
    const told = this.#told.get(run) ?? now;
    this.#told.set(run, told);
    return now - told > LOST_GRACE_MS ? lost(run) : undefined;
  }

  #died(thread: JobThread, { why, isStopped, begun, notBegun }: LeftBehind): void {
    this.#threads.delete(thread);
    if (this.#closing.signal.aborted) return;
    const running = begun.at(-1);
    for (const assignment of begun) {
      if (assignment !== running) assignment.ended(unknownEnd(this.#parts.judging.server));
    }
    running?.ended(this.#verdictOf(running.run, why, isStopped));
    if (running === undefined && !thread.isReady) this.#parts.logger.error(`a thread died: ${why}`);
    for (const assignment of notBegun) this.#assign(assignment);
    this.#replace();
  }

  #verdictOf(run: JobRun, why: string, isStopped: boolean): Verdict {
    const verdict = this.#stopped.get(run);
    this.#stopped.delete(run);
    if (verdict !== undefined) return verdict;
    // The run that would not stop has ended in the last moment, and this one had just begun.
    if (isStopped) return unknownEnd(this.#parts.judging.server);
    this.#parts.logger.error(`a thread died while it ran job ${run.id} (${run.name}): ${why}`);
    return crashed(run, why);
  }

  /** At once; after a failure to load, later and later. */
  #replace(): void {
    const wait = this.#failures === 0 ? 0 : backoffDelay(REPLACE, this.#failures);
    setTimeout(() => {
      if (this.#closing.signal.aborted) return;
      this.#add().ready.then(
        () => {
          this.#failures = 0;
          this.#parts.roomFreed();
        },
        () => {
          this.#failures++;
        },
      );
    }, wait);
  }
}
