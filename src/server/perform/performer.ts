import { LONGEST_TIMER_MS } from "../../base/duration.ts";
import { checkArguments } from "../../job/check-arguments.ts";
import { decodeArguments, placeholdersIn } from "../../job/codec.ts";
import { isParentSlot, type Placeholder } from "../../job/placeholder.ts";
import type { RegisteredJob } from "../../job/registry.ts";
import { type ActivatedJob, type Activator, dispose } from "./activator.ts";
import { type JobRun, runInContext } from "./job-context.ts";
import { type ParentResults, type ParentsSource, readParents } from "./parent-results.ts";
import { type LateWork, limit, limitAround } from "./time-limit.ts";

/** How a run ended: with a value, or with whatever was thrown. */
export type RunOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly thrown: unknown };

/** What stands around the call of a job: gives what it gives, or something else. */
export type Around = (call: () => Promise<unknown>) => Promise<unknown>;

/** Runs the code of a job: decodes, activates, calls, waits, disposes. Never throws: what happens is the outcome. */
export class Performer {
  readonly #storage: ParentsSource;
  readonly #activator: Activator;
  readonly #disposalFailed: (run: JobRun, error: unknown) => void;
  readonly #late: LateWork;

  constructor(
    storage: ParentsSource,
    activator: Activator,
    disposalFailed: (run: JobRun, error: unknown) => void,
    late: LateWork = "goes on",
  ) {
    this.#storage = storage;
    this.#activator = activator;
    this.#disposalFailed = disposalFailed;
    this.#late = late;
  }

  /**
   * Without a promise for a job that gave none: the promises it does not need are a good part of its price. `around` is
   * what stands around the call (its filters): it hears of a call whose time is up, and must not take much longer.
   */
  perform(run: JobRun, job: RegisteredJob, around?: Around): RunOutcome | Promise<RunOutcome> {
    if (around !== undefined) return this.#performAround(run, job, around);
    try {
      const args = this.#arguments(run, job);
      // The limit holds for whatever is waited for before the call, too.
      if (args instanceof Promise) return this.#await(run, job, this.#callLater(run, job, args));
      const value = runInContext(run, () => this.#call(run, job, args));
      return isThenable(value) ? this.#await(run, job, value) : { ok: true, value };
    } catch (thrown) {
      return { ok: false, thrown };
    }
  }

  async #performAround(run: JobRun, job: RegisteredJob, around: Around): Promise<RunOutcome> {
    const call = async () => {
      const args = await this.#arguments(run, job);
      refuseLateStart(run);
      return this.#call(run, job, args);
    };
    const { timeoutMs = Number.POSITIVE_INFINITY } = job.options;
    const perform =
      timeoutMs > LONGEST_TIMER_MS
        ? () => around(call)
        : () => limitAround(run, timeoutMs, this.#late, (hold) => around(() => hold(call())));
    try {
      return { ok: true, value: await runInContext(run, perform) };
    } catch (thrown) {
      return { ok: false, thrown };
    }
  }

  async #callLater(run: JobRun, job: RegisteredJob, args: Promise<unknown[]>): Promise<unknown> {
    const decoded = await args;
    refuseLateStart(run);
    return runInContext(run, () => this.#call(run, job, decoded));
  }

  async #await(run: JobRun, job: RegisteredJob, work: unknown): Promise<RunOutcome> {
    try {
      const { timeoutMs = Number.POSITIVE_INFINITY } = job.options;
      // No run is held to a limit of more than 24 days.
      const value = await (timeoutMs > LONGEST_TIMER_MS ? work : limit(run, timeoutMs, this.#late, work));
      return { ok: true, value };
    } catch (thrown) {
      return { ok: false, thrown };
    }
  }

  #arguments(run: JobRun, job: RegisteredJob): unknown[] | Promise<unknown[]> {
    const text = run.claim.args;
    // Plain text holds no placeholders: nearly every job takes this path, without a promise.
    if (text.startsWith("[") && job.options.args === undefined) return decodeArguments(text);
    return this.#richArguments(run, job);
  }

  async #richArguments(run: JobRun, job: RegisteredJob): Promise<unknown[]> {
    const placeholders = placeholdersIn(run.claim.args);
    const needsParents = placeholders.some(isParentSlot);
    const parents = needsParents ? await readParents(this.#storage, run.id, run.signal) : undefined;
    const args = decodeArguments(run.claim.args, (placeholder) => fill(run, placeholder, parents));
    return job.options.args === undefined ? args : checkArguments(job.options.args, args, job.name);
  }

  /** A plain function is called at once: what it gives is awaited by the caller, and only there. */
  #call(run: JobRun, job: RegisteredJob, args: unknown[]): unknown {
    const activated = this.#activator.activate(job);
    return activated instanceof Promise ? this.#callInstance(run, activated, args) : activated.call(args);
  }

  async #callInstance(run: JobRun, activated: Promise<ActivatedJob>, args: unknown[]): Promise<unknown> {
    const { call, instance } = await activated;
    try {
      refuseLateStart(run);
      return await call(args);
    } finally {
      // The work is done or has failed by now; how tidying up went must not change that.
      if (instance !== undefined) {
        await dispose(instance).catch((error: unknown) => this.#disposalFailed(run, error));
      }
    }
  }
}

function fill(run: JobRun, placeholder: Placeholder, parents: ParentResults | undefined): unknown {
  if (isParentSlot(placeholder)) return parents?.valueOf(placeholder);
  return run[placeholder.kind];
}

/** Code that has not begun when its run is told to end does not begin: nobody waits for what it would do. */
function refuseLateStart(run: JobRun): void {
  if (run.abortReason !== undefined) throw run.abortReason;
}

/** What `await` would wait for. */
function isThenable(value: unknown): boolean {
  if (value instanceof Promise) return true;
  return (typeof value === "object" || typeof value === "function") && value !== null && "then" in value;
}
