import { type ResourceLimits, Worker as Thread } from "node:worker_threads";
import { moduleBeside } from "../../base/module-beside.ts";
import { summarizeError } from "../../states/index.ts";
import { JobCancelledError, ServerStoppingError } from "../perform/interruption.ts";
import type { JobRun } from "../perform/job-context.ts";
import type { NotBegun, Verdict } from "../perform/verdict.ts";
import { following, StartGate } from "./start-gate.ts";
import { ThreadsFailedError } from "./thread-errors.ts";
import {
  type AbortKind,
  type FromThread,
  isEnvelope,
  type ParentsAnswer,
  type Report,
  sharedNow,
  type ThreadJob,
  type ThreadRun,
  type ThreadStart,
  type ToThread,
} from "./thread-protocol.ts";

/** A thread that is told to end and does not is inside native code, which nobody can end: it is left behind. */
const LEFT_BEHIND_MS = 5_000;
/** Enough to keep a thread busy while the rest of a batch is being put together. */
const FIRST_MESSAGE = 16;

/** Of why a thread has died. */
const WHY_CHARS = 300;

/** A run, and who is told what it came to. */
export interface Assignment {
  readonly run: JobRun;
  readonly ended: (verdict: Verdict | NotBegun) => void;
}

interface Sent extends Assignment {
  readonly number: number;
}

/** What is said of a run beside its end. */
export type RunReport = Exclude<Report, { kind: "ended" | "there" }>;

/** A run that has begun, and since when (`performance.now()`), as far as can be seen from outside. */
export interface Running extends Assignment {
  readonly since: number;
}

export interface JobThreadParts {
  readonly start: Omit<ThreadStart, "gate">;
  readonly resourceLimits: ResourceLimits | undefined;
  readonly name: string;
  /** What a run says that is not its end. */
  readonly heard: (report: RunReport, run: JobRun | undefined) => void;
  /** It can take runs again. */
  readonly awake: () => void;
  /** It has ended, by itself or because it was stopped; what it was given is in `left`. */
  readonly died: (thread: JobThread, left: LeftBehind) => void;
}

/** The runs of a thread that died. */
export interface LeftBehind {
  readonly why: string;
  /** Its server has stopped it: then no run is to blame but the one that it was stopped for. */
  readonly isStopped: boolean;
  /** Begun and not reported, the last of them being the one that was running. */
  readonly begun: readonly Assignment[];
  readonly notBegun: readonly Assignment[];
}

/** One thread as its server sees it: the runs that it was given, in their order, and the gate that it passes for each. */
export class JobThread {
  /** The jobs of the module once it is loaded. Rejects with `FL_THREADS_FAILED`. */
  readonly ready: Promise<readonly ThreadJob[]>;
  readonly #parts: JobThreadParts;
  readonly #gate = new StartGate();
  readonly #thread: Thread | undefined;
  readonly #gone = Promise.withResolvers<void>();
  readonly #loading = Promise.withResolvers<readonly ThreadJob[]>();
  #sent: Sent[] = [];
  #outbox: ThreadRun[] = [];
  #nextNumber = 0;
  #isPosting = false;
  /** The run that was first seen running, and when. */
  #seen: { readonly number: number; readonly since: number } | undefined;
  #headSince = 0;
  #askedAt: number | undefined;
  #isReady = false;
  #isDead = false;
  #isStopped = false;
  #why: string | undefined;

  constructor(parts: JobThreadParts) {
    this.#parts = parts;
    this.ready = this.#loading.promise;
    // Whoever starts the thread awaits it; one that is replaced is told of by `died`.
    this.ready.catch(() => {});
    try {
      this.#thread = this.#make();
    } catch (error) {
      // The process may not make threads, or not this many: a death like any other, once the caller is done.
      this.#why = messageOf(error);
      queueMicrotask(() => this.#exited(1));
    }
  }

  /** Runs that it was given and has not reported. */
  get load(): number {
    return this.#sent.length;
  }

  /** Whether it can take runs: it is loaded, lives, and has not been found deaf. */
  get isReady(): boolean {
    return this.#isReady && !this.#isDead && !this.#isStopped && this.#askedAt === undefined;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Since when it has not begun the run that it was given first; undefined when it runs one, or has none. */
  get idleSince(): number | undefined {
    return this.#sent.length > 0 && this.#begun() === 0 ? this.#headSince : undefined;
  }

  /** Since when it has not answered the question whether it can hear. */
  get deafSince(): number | undefined {
    return this.#askedAt;
  }

  /** The run that was begun last. Those before it have ended, whether or not that is known here. */
  running(now: number): Running | undefined {
    const at = this.#begun() - 1;
    const last = this.#sent[at];
    if (last === undefined) return undefined;
    const { number, run, ended } = last;
    // Asked about now and then: a run that was not first when it began is seen a moment late.
    if (this.#seen?.number !== number) this.#seen = { number, since: at === 0 ? this.#headSince : now };
    return { run, ended, since: this.#seen.since };
  }

  give(assignment: Assignment): void {
    const number = this.#nextNumber;
    this.#nextNumber = following(number);
    if (this.#sent.length === 0) this.#headSince = performance.now();
    this.#sent.push({ ...assignment, number });
    const { run } = assignment;
    run.whenAborted = (reason) => this.#abort(number, reason);
    this.#outbox.push({
      number,
      claim: { ...run.claim, history: "" },
      waited: run.waited,
      sentAt: sharedNow(),
    });
    if (this.#outbox.length >= FIRST_MESSAGE) this.#postRuns();
    else this.#postSoon();
  }

  /** Takes back the runs that have not begun: from now on the thread cannot begin them. */
  takeBack(): Assignment[] {
    const first = this.#gate.closeUntil(this.#nextNumber);
    const at = this.#sent.findIndex(({ number }) => number === first);
    const back = at === -1 ? [] : this.#sent.splice(at);
    const numbers = new Set(back.map(({ number }) => number));
    this.#outbox = this.#outbox.filter(({ number }) => !numbers.has(number));
    for (const { run } of back) run.whenAborted = undefined;
    return back;
  }

  /** Takes no run until it has answered: it was given one and did not begin it. */
  askWhetherAwake(): void {
    if (this.#askedAt !== undefined) return;
    this.#askedAt = performance.now();
    this.#post({ kind: "ask" });
  }

  answerParents(run: JobRun, answer: Omit<ParentsAnswer, "kind" | "number">): void {
    const sent = this.#sent.find((one) => one.run === run);
    if (sent !== undefined) this.#post({ kind: "parents", number: sent.number, ...answer });
  }

  /** Ends the thread, whatever it is doing; `died` follows. */
  async stop(why: string): Promise<void> {
    this.#isStopped = true;
    this.#why ??= why;
    void this.#thread?.terminate();
    const timer = setTimeout(() => this.#exited(1), LEFT_BEHIND_MS);
    await this.#gone.promise.finally(() => clearTimeout(timer));
  }

  #make(): Thread {
    const { start, name, resourceLimits } = this.#parts;
    const thread = new Thread(moduleBeside(import.meta.url, "thread-main"), {
      workerData: { ...start, gate: this.#gate.memory } satisfies ThreadStart,
      name,
      ...(resourceLimits === undefined ? {} : { resourceLimits }),
    });
    thread.on("message", (message: unknown) => {
      if (isEnvelope(message)) this.#hear(message.firelater);
    });
    thread.on("error", (error) => (this.#why ??= messageOf(error)));
    thread.on("exit", (code) => this.#exited(code));
    return thread;
  }

  /** How many of the runs that are not reported have begun. */
  #begun(): number {
    const { next } = this.#gate;
    const at = this.#sent.findIndex(({ number }) => number === next);
    return at === -1 ? this.#sent.length : at;
  }

  #hear(message: FromThread): void {
    if (message.kind === "ready") {
      this.#isReady = true;
      this.#loading.resolve(message.jobs);
    } else if (message.kind === "refused") {
      this.#why ??= messageOf(message.error.message);
      this.#loading.reject(new ThreadsFailedError(this.#parts.start.module, message.error));
      void this.#thread?.terminate();
    } else for (const report of message.reports) this.#heard(report);
  }

  #heard(report: Report): void {
    if (report.kind === "ended") this.#ended(report.number, report.verdict);
    else if (report.kind === "there") this.#isThere();
    else if (report.kind === "warning") this.#parts.heard(report, undefined);
    else {
      const sent = this.#sent.find(({ number }) => number === report.number);
      if (sent !== undefined) this.#parts.heard(report, sent.run);
    }
  }

  #ended(number: number, verdict: Verdict): void {
    const [first] = this.#sent;
    if (first?.number !== number) return;
    this.#sent.shift();
    this.#headSince = performance.now();
    // It ran, and so could not answer meanwhile.
    if (this.#askedAt !== undefined) this.#askedAt = this.#headSince;
    first.ended(verdict);
  }

  #isThere(): void {
    this.#askedAt = undefined;
    this.#parts.awake();
  }

  #abort(number: number, reason: Error): void {
    // A run that is still here would not be known there.
    this.#postRuns();
    this.#post({ kind: "abort", number, why: kindOf(reason) });
  }

  #postSoon(): void {
    if (this.#isPosting) return;
    this.#isPosting = true;
    queueMicrotask(() => {
      this.#isPosting = false;
      this.#postRuns();
    });
  }

  #postRuns(): void {
    if (this.#outbox.length === 0) return;
    this.#post({ kind: "run", runs: this.#outbox });
    this.#outbox = [];
  }

  #post(message: ToThread): void {
    if (!this.#isDead) this.#thread?.postMessage(message);
  }

  #exited(code: number): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#thread?.unref();
    const why = this.#why ?? `it ended with exit code ${code}`;
    this.#loading.reject(
      new ThreadsFailedError(this.#parts.start.module, { message: why, stack: undefined }),
    );
    const notBegun = this.takeBack();
    const begun = this.#sent.splice(0);
    this.#parts.died(this, { why, isStopped: this.#isStopped, begun, notBegun });
    this.#gone.resolve();
  }
}

/** Bounded, whatever the code of a job has thrown: it goes into the history of the job. */
function messageOf(error: unknown): string {
  return summarizeError(error, 0).message.slice(0, WHY_CHARS).toWellFormed();
}

function kindOf(reason: Error): AbortKind {
  if (reason instanceof ServerStoppingError) return "stopping";
  return reason instanceof JobCancelledError ? "deleted" : "lost";
}
