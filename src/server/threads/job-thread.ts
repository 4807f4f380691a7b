import { type ResourceLimits, Worker as Thread } from "node:worker_threads";
import type { NotBegun, Verdict } from "../executor.ts";
import { ServerStoppingError } from "../interruption.ts";
import type { JobRun } from "../job-context.ts";
import { following, StartGate } from "./start-gate.ts";
import { ThreadsFailedError } from "./thread-errors.ts";
import {
  type FromThread,
  problemOf,
  type Report,
  sharedNow,
  type ThreadJob,
  type ThreadRun,
  type ThreadStart,
  type ToThread,
} from "./thread-protocol.ts";

/** Enough to keep a thread busy while the rest of a batch is being put together. */
const FIRST_MESSAGE = 16;

/** A run, and who is told what it came to. */
export interface Assignment {
  readonly run: JobRun;
  readonly ended: (verdict: Verdict | NotBegun) => void;
}

interface Sent extends Assignment {
  readonly number: number;
}

export interface JobThreadParts {
  readonly start: Omit<ThreadStart, "gate">;
  readonly resourceLimits: ResourceLimits | undefined;
  readonly name: string;
  /** What a run says that is not its end. */
  readonly heard: (report: Exclude<Report, { kind: "ended" }>, run: JobRun | undefined) => void;
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
  readonly #thread: Thread;
  readonly #loading = Promise.withResolvers<readonly ThreadJob[]>();
  #sent: Sent[] = [];
  #outbox: ThreadRun[] = [];
  #nextNumber = 0;
  #isPosting = false;
  #headSince = 0;
  #isReady = false;
  #isDead = false;
  #isStopped = false;
  #why: string | undefined;

  constructor(parts: JobThreadParts) {
    this.#parts = parts;
    this.ready = this.#loading.promise;
    // Whoever starts the thread awaits it; one that is replaced is told of by `died`.
    this.ready.catch(() => {});
    // `.ts` in the sources, `.js` in the build: beside this file either way.
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
    this.#thread = new Thread(new URL(`./thread-main${extension}`, import.meta.url), {
      workerData: { ...parts.start, gate: this.#gate.memory } satisfies ThreadStart,
      name: parts.name,
      ...(parts.resourceLimits === undefined ? {} : { resourceLimits: parts.resourceLimits }),
    });
    this.#thread.on("message", (message: FromThread) => this.#hear(message));
    this.#thread.on("error", (error) => (this.#why ??= problemOf(error).message));
    this.#thread.on("exit", (code) => this.#exited(code));
  }

  /** Runs that it was given and has not reported. */
  get load(): number {
    return this.#sent.length;
  }

  get isReady(): boolean {
    return this.#isReady && !this.#isDead;
  }

  /** The run that is first in line, and since when (`performance.now()`); undefined while there is none. */
  get head(): (Assignment & { readonly since: number }) | undefined {
    const [first] = this.#sent;
    return first === undefined ? undefined : { run: first.run, ended: first.ended, since: this.#headSince };
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

  answerParents(run: JobRun, records: Extract<ToThread, { kind: "parents" }>["records"]): void {
    const sent = this.#sent.find((one) => one.run === run);
    if (sent !== undefined) this.#post({ kind: "parents", number: sent.number, records });
  }

  /** Ends the thread, whatever it is doing; `died` follows. */
  async stop(why: string): Promise<void> {
    this.#isStopped = true;
    this.#why ??= why;
    await this.#thread.terminate();
  }

  #hear(message: FromThread): void {
    if (message.kind === "ready") {
      this.#isReady = true;
      this.#loading.resolve(message.jobs);
    } else if (message.kind === "refused") {
      this.#why ??= message.error.message;
      this.#loading.reject(new ThreadsFailedError(this.#parts.start.module, message.error));
      void this.#thread.terminate();
    } else for (const report of message.reports) this.#heard(report);
  }

  #heard(report: Report): void {
    if (report.kind === "ended") this.#ended(report.number, report.verdict);
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
    first.ended(verdict);
  }

  #abort(number: number, reason: Error): void {
    this.#post({ kind: "abort", number, why: reason instanceof ServerStoppingError ? "stopping" : "lost" });
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
    if (!this.#isDead) this.#thread.postMessage(message);
  }

  #exited(code: number): void {
    this.#isDead = true;
    const why = this.#why ?? `it ended with exit code ${code}`;
    this.#loading.reject(
      new ThreadsFailedError(this.#parts.start.module, { message: why, stack: undefined }),
    );
    const notBegun = this.takeBack();
    const begun = this.#sent.splice(0);
    this.#parts.died(this, { why, isStopped: this.#isStopped, begun, notBegun });
  }
}
