import { AsyncLocalStorage } from "node:async_hooks";
import { FirelaterError } from "../../base/error.ts";
import { processWide } from "../../base/process-wide.ts";
import type { JobParameters } from "../../job/job-filter.ts";
import { ParameterBag } from "../../job/parameter-bag.ts";
import type { JobTransaction } from "../../job/register.ts";
import type { ClaimedJob } from "../../storage/index.ts";
import type { Settlement } from "./verdict.ts";

/** What a running job may know of itself and say about itself. */
export interface JobContext {
  readonly id: string;
  /** The name under which it is registered. */
  readonly name: string;
  /** 1 on the first run. */
  readonly attempt: number;
  /** Aborted when the job's time is up, its server stops or the job is no longer this server's; `reason` says which. */
  readonly signal: AbortSignal;
  /** The time that it is for: the scheduled time, else when it was created. A retry does not move it. */
  readonly dueAt: Date;
  /** Values that are kept with the job, for its later attempts and for filters; stored within moments of a change. */
  readonly parameters: JobParameters;
  /** Stores a line of the job's log; data is kept as JSON. Never throws; the newest 1,000 lines are kept. */
  log(text: string, data?: object): void;
  /** Stores how far the job is, in whatever unit it likes (0 to 100 shows as a bar). The latest value is kept. */
  progress(value: number, text?: string): void;
  /**
   * Writes that the job has succeeded, and what it returned, in a transaction of its own in the storage's database: what
   * the job writes there and its success are committed together, or neither is. Make it the last statement before the
   * commit, and commit soon. The function's own return value is then not stored.
   *
   * When you roll back, nothing has happened: throw, and the job is tried again, or call it anew in the next transaction.
   *
   * @throws InvalidTransactionError `FL_INVALID_TRANSACTION`: nothing that the storage can write within. ClaimLostError
   * `FL_CLAIM_LOST`, JobCancelledError `FL_JOB_CANCELLED`: the job is no longer this run's, so roll back.
   * CompletionUnavailableError `FL_COMPLETION_UNAVAILABLE`: in a thread.
   */
  completeIn(tx: JobTransaction, result?: unknown): Promise<void>;
}

/** Asked for a current job where none runs (`FL_NO_CURRENT_JOB`). */
export class NoCurrentJobError extends FirelaterError {}

/** A job in a thread cannot be completed in a transaction (`FL_COMPLETION_UNAVAILABLE`): its storage is elsewhere. */
export class CompletionUnavailableError extends FirelaterError {}

/** Writes the success of a run in a transaction of its code. Which value is one only the storage knows: hence `never`. */
export interface RunCompleter {
  complete(run: JobRun, tx: never, result: unknown): Promise<void>;
}

/** Where log lines and progress of a run go. */
export interface RunRecorder {
  log(run: JobRun, text: string, data: object | undefined): void;
  progress(run: JobRun, value: number, text: string | undefined): void;
  parameters(run: JobRun): void;
}

/** One run of one job. The signal is made when it is first asked for: most jobs never do. */
export class JobRun implements JobContext {
  readonly claim: ClaimedJob;
  /** Milliseconds from the answer to the claim to the start of the run. */
  waited = 0;
  /** When it began, by `performance.now()`. */
  begunAt = 0;
  /** What was written in a transaction of its own: whether that was committed is not known here. */
  completion: Settlement | undefined;
  /** Told when the run is asked to end: the way to a thread. */
  whenAborted: ((reason: Error) => void) | undefined;
  readonly #recorder: RunRecorder;
  readonly #completer: RunCompleter | undefined;
  #abort: AbortController | undefined;
  #reason: Error | undefined;
  #parameters: ParameterBag | undefined;

  constructor(claim: ClaimedJob, recorder: RunRecorder, completer?: RunCompleter) {
    this.claim = claim;
    this.#recorder = recorder;
    this.#completer = completer;
  }

  get id(): string {
    return this.claim.id;
  }

  get name(): string {
    return this.claim.name;
  }

  get attempt(): number {
    return this.claim.failures + 1;
  }

  get dueAt(): Date {
    return new Date(this.claim.plannedAt ?? this.claim.createdAt);
  }

  get parameters(): ParameterBag {
    this.#parameters ??= new ParameterBag(this.claim.parameters, () => this.#recorder.parameters(this));
    return this.#parameters;
  }

  /** The text of the parameters, where they were changed in this run. */
  get changedParameters(): string | undefined {
    return this.#parameters?.changedText;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#reason !== undefined) this.#abort.abort(this.#reason);
    }
    return this.#abort.signal;
  }

  /** Why the run was asked to end; undefined while nobody has. The first reason stands. */
  get abortReason(): Error | undefined {
    return this.#reason;
  }

  abort(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#abort?.abort(reason);
    this.whenAborted?.(reason);
  }

  // Getters that give functions, so that `const { log } = currentJob()` works and a run that never logs pays nothing.
  get log(): JobContext["log"] {
    return (text, data) => this.#recorder.log(this, text, data);
  }

  get progress(): JobContext["progress"] {
    return (value, text) => this.#recorder.progress(this, value, text);
  }

  get completeIn(): (tx: never, result?: unknown) => Promise<void> {
    return async (tx, result) => {
      if (this.#completer === undefined) throw completionUnavailable(this.name);
      await this.#completer.complete(this, tx, result);
    };
  }
}

function completionUnavailable(name: string): CompletionUnavailableError {
  return new CompletionUnavailableError({
    code: "FL_COMPLETION_UNAVAILABLE",
    what: `Cannot complete ${name} in a transaction here.`,
    why: "It runs in a thread, and its storage is in the thread of the server.",
    mend: "Run such jobs on a server without threads.",
  });
}

// Process-wide: user code and server may have loaded this module twice (dev servers), and must still meet.
const runs = processWide("current-job.v1", () => new AsyncLocalStorage<JobContext>());

export function runInContext<T>(run: JobContext, body: () => T): T {
  return runs.run(run, body);
}

/** The running job, or undefined outside of one. */
export function tryCurrentJob(): JobContext | undefined {
  return runs.getStore();
}

/**
 * The running job, from any depth of its calls, asynchronous ones included.
 *
 * @throws NoCurrentJobError `FL_NO_CURRENT_JOB` outside a job; `tryCurrentJob` gives undefined there.
 *
 * @example
 * ```ts
 * import { currentJob } from "firelater";
 *
 * export async function download(url: string): Promise<number> {
 *   const { signal, log } = currentJob();
 *   const response = await fetch(url, { signal });
 *   log("downloaded", { status: response.status });
 *   return response.status;
 * }
 * ```
 */
export function currentJob(): JobContext {
  const run = runs.getStore();
  if (run !== undefined) return run;
  throw new NoCurrentJobError({
    code: "FL_NO_CURRENT_JOB",
    what: "There is no current job here.",
    why: "currentJob() works inside a job that a server runs, and in what that job calls.",
    mend: "Use tryCurrentJob() in code that also runs outside jobs.",
  });
}
