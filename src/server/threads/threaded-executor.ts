import type { ResourceLimits } from "node:worker_threads";
import type { Logger } from "../../base/logger.ts";
import type { Storage } from "../../storage/index.ts";
import { StartRate } from "../fetch/start-rate.ts";
import type { Executor } from "../perform/executor.ts";
import { insist } from "../perform/insist.ts";
import type { JobRun } from "../perform/job-context.ts";
import type { RunLog } from "../perform/run-log.ts";
import type { NotBegun, Verdict } from "../perform/verdict.ts";
import { type Assignment, JobThread, type LeftBehind, type Running, type RunReport } from "./job-thread.ts";
import { LOST_GRACE_MS, OverdueRuns } from "./overdue-runs.ts";
import { replacementDelay } from "./replacement-delay.ts";
import { NestedThreadsError } from "./thread-errors.ts";
import { isJobThread } from "./thread-mark.ts";
import { errorOf, problemOf, type ThreadJob } from "./thread-protocol.ts";
import { crashed, unknownEnd } from "./thread-verdicts.ts";

/** What short jobs will use within this time waits in the threads, so that none of them waits for a message. */
const AHEAD_MS = 5;
const MOST_AHEAD = 64;
const WATCH_MS = 50;
/** A run behind one that takes longer than this goes to another thread, or back. */
const STUCK_MS = 50;
/** A thread that does not begin what it was given for this long is kept busy by something that is no run. */
const DEAF_MS = 500;

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
  readonly deathsAreOwn: boolean = true;
  readonly #parts: ThreadedParts;
  readonly #threads = new Set<JobThread>();
  readonly #jobs = new Map<string, ThreadJob>();
  readonly #rate = new StartRate();
  /** Verdicts of runs whose threads are being stopped. */
  readonly #stopped = new Map<JobRun, Verdict>();
  readonly #overdue = new OverdueRuns();
  /** Runs whose threads wait for the results of parents. */
  readonly #asking = new Map<JobRun, AbortController>();
  readonly #closing = new AbortController();
  #failures = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(parts: ThreadedParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    // Each thread would start a server with threads, and so on without end.
    if (isJobThread()) throw new NestedThreadsError(this.#parts.module);
    const threads = Array.from({ length: this.#parts.threads }, () => this.#add());
    try {
      const [jobs = []] = await Promise.all(threads.map(({ ready }) => ready));
      for (const job of jobs) this.#jobs.set(job.name, job);
    } catch (error) {
      // Stopped while it loaded: that is no failure.
      if (this.#closing.signal.aborted) return;
      throw error;
    }
    // Behind the messages that a busy event loop has let wait: they may say that a run has ended in time.
    this.#watch = setInterval(() => setImmediate(() => this.#look()), WATCH_MS).unref();
  }

  get slots(): number {
    return this.#ready().length;
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
        this.#overdue.ended(run);
        this.#asking.get(run)?.abort();
        this.#stopped.delete(run);
        if (verdict !== "not begun") this.#hasEnded();
        ended(verdict);
      },
    });
  }

  async stop(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#watch);
    for (const asking of this.#asking.values()) asking.abort();
    await Promise.all([...this.#threads].map((thread) => thread.stop("its server has stopped")));
  }

  #add(): JobThread {
    const { module, judging, resourceLimits } = this.#parts;
    const thread = new JobThread({
      start: { module, ...judging },
      resourceLimits,
      name: `firelater ${judging.server}`,
      heard: (report, run) => this.#heard(thread, report, run),
      awake: () => this.#parts.roomFreed(),
      died: (dead, left) => this.#died(dead, left),
    });
    this.#threads.add(thread);
    return thread;
  }

  #heard(thread: JobThread, report: RunReport, run: JobRun | undefined): void {
    const { logger, runLog } = this.#parts;
    if (report.kind === "warning") logger.warn(report.text, errorOf(report.problem));
    else if (run === undefined) return;
    else if (report.kind === "appended") runLog.accept(run, report.appendices);
    else void this.#answerParents(thread, run);
  }

  /** Threads can run jobs: the next death is the first in its row. */
  #hasEnded(): void {
    this.#failures = 0;
    this.#rate.started(performance.now());
  }

  #ready(): JobThread[] {
    return [...this.#threads].filter(({ isReady }) => isReady);
  }

  /** To the thread that has the least to do. */
  #assign(assignment: Assignment): void {
    const [thread, ...others] = this.#ready();
    // A run that was told to end is told so where it is, and nowhere else: it does not move on.
    if (thread === undefined || assignment.run.abortReason !== undefined) {
      assignment.ended("not begun");
      return;
    }
    others.reduce((best, other) => (other.load < best.load ? other : best), thread).give(assignment);
  }

  /** Waits for a storage that does not answer, while the run lasts: a thread that asks spends no attempt on it. */
  async #answerParents(thread: JobThread, run: JobRun): Promise<void> {
    const { storage, logger } = this.#parts;
    // Of its own: what is combined with a signal that lives as long as the server stays for as long on Node 22.
    const asking = new AbortController();
    this.#asking.set(run, asking);
    try {
      const signal = AbortSignal.any([run.signal, asking.signal]);
      const parents = await insist(() => storage.parents([run.id]), { signal });
      thread.answerParents(run, { records: parents.get(run.id) ?? [] });
    } catch (error) {
      logger.debug(`the results of the parents of job ${run.id} (${run.name}) were not read`, error);
      thread.answerParents(run, { records: [], problem: problemOf(error) });
    } finally {
      this.#asking.delete(run);
    }
  }

  #look(): void {
    const now = performance.now();
    for (const thread of [...this.#threads].filter(({ isStopped }) => !isStopped)) {
      const running = thread.running(now);
      if (running === undefined) this.#lookAtIdle(thread, now);
      else this.#lookAtBusy(thread, running, now);
    }
  }

  #lookAtBusy(thread: JobThread, running: Running, now: number): void {
    const { run, since } = running;
    if (thread.load > 1 && now - since > STUCK_MS) this.#relieve(thread);
    const verdict = this.#overdue.judge(running, this.#jobs.get(run.name), now);
    if (verdict === undefined) return;
    this.#stopped.set(run, verdict);
    this.#parts.logger.warn(`job ${run.id} (${run.name}) does not stop: its thread is stopped`);
    void thread.stop("it was stopped because its job did not stop");
  }

  /** Code that a job has left behind, a timer that spins, may keep a thread from beginning the next one. */
  #lookAtIdle(thread: JobThread, now: number): void {
    const { idleSince = now, deafSince = now } = thread;
    if (now - idleSince > DEAF_MS) {
      thread.askWhetherAwake();
      this.#relieve(thread);
    }
    if (now - deafSince <= LOST_GRACE_MS) return;
    this.#parts.logger.warn("code that a job has left behind keeps a thread busy: it is stopped");
    void thread.stop("it was stopped because it did not answer");
  }

  /** What waits behind a long run goes to a thread that is free now, or back into the storage. */
  #relieve(thread: JobThread): void {
    for (const assignment of thread.takeBack()) {
      if (this.#ready().some(({ load }) => load === 0)) this.#assign(assignment);
      else assignment.ended("not begun");
    }
  }

  #died(thread: JobThread, { why, isStopped, begun, notBegun }: LeftBehind): void {
    this.#threads.delete(thread);
    if (this.#closing.signal.aborted) return;
    const running = begun.at(-1);
    for (const assignment of begun) {
      if (assignment !== running) assignment.ended(unknownEnd());
    }
    if (running !== undefined) running.ended(this.#verdictOf(running.run, why, isStopped));
    else if (!isStopped) this.#diedIdle(why);
    for (const assignment of notBegun) this.#assign(assignment);
    this.#replace();
  }

  #verdictOf(run: JobRun, why: string, isStopped: boolean): Verdict {
    const verdict = this.#stopped.get(run);
    if (verdict !== undefined) return verdict;
    // The run that would not stop has ended in the last moment, and this one had just begun.
    if (isStopped) return unknownEnd();
    this.#parts.logger.error(`a thread died while it ran job ${run.id} (${run.name}): ${why}`);
    return crashed(run, why);
  }

  #diedIdle(why: string): void {
    this.#failures++;
    this.#parts.logger.error(`a thread died while no job ran in it: ${why}`);
  }

  #replace(): void {
    setTimeout(() => {
      if (this.#closing.signal.aborted) return;
      const thread = this.#add();
      thread.ready.then(
        (jobs) => this.#replaced(thread, jobs),
        () => {},
      );
    }, replacementDelay(this.#failures)).unref();
  }

  /** The module may have changed since the server started: what it has lost could not be run there. */
  #replaced(thread: JobThread, jobs: readonly ThreadJob[]): void {
    const names = new Set(jobs.map(({ name }) => name));
    const missing = this.names().filter((name) => !names.has(name));
    if (missing.length === 0) {
      this.#parts.roomFreed();
      return;
    }
    this.#diedIdle(`its module has lost the jobs ${missing.slice(0, 10).join(", ")}; restart the server`);
    void thread.stop("its module has changed");
  }
}
