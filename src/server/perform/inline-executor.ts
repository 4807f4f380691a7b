import type { JobRegistry, RegisteredJob } from "../../job/registry.ts";
import { type Activate, requireActivate } from "./activator.ts";
import type { Executor, Verdict } from "./executor.ts";
import type { JobRun } from "./job-context.ts";
import { type JudgeOptions, judge } from "./judge.ts";
import type { Performer, RunOutcome } from "./performer.ts";

export interface InlineParts {
  readonly registry: JobRegistry;
  readonly activate: Activate | undefined;
  readonly performer: Performer;
  readonly workerCount: number;
  /** What outcomes are judged by, beside the job's own retry policy. */
  readonly judging: Omit<JudgeOptions, "retry">;
}

/** Runs jobs on the event loop of this process. */
export class InlineExecutor implements Executor {
  readonly deathsAreOwn: boolean = false;
  readonly #parts: InlineParts;

  constructor(parts: InlineParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    requireActivate(this.#parts.registry, this.#parts.activate);
  }

  names(): readonly string[] {
    return this.#parts.registry.names();
  }

  knows(name: string): boolean {
    return this.#parts.registry.find(name) !== undefined;
  }

  get slots(): number {
    return this.#parts.workerCount;
  }

  hasRoom(runs: number): boolean {
    return runs < this.#parts.workerCount;
  }

  execute(run: JobRun, ended: (verdict: Verdict) => void): void {
    const { registry, performer } = this.#parts;
    const job = registry.find(run.name);
    // The worker asks `knows` first.
    if (job === undefined) throw new Error(`no job ${run.name} is registered`);
    const from = performance.now();
    const outcome = performer.perform(run, job);
    if (outcome instanceof Promise) void outcome.then((one) => ended(this.#judge(run, job, one, from)));
    else ended(this.#judge(run, job, outcome, from));
  }

  #judge(run: JobRun, job: RegisteredJob, outcome: RunOutcome, from: number): Verdict {
    const { server, maxResultBytes } = this.#parts.judging;
    const duration = Math.round(performance.now() - from);
    return judge(run, outcome, duration, { retry: job.options.retry, server, maxResultBytes });
  }

  /** Code on this event loop cannot be stopped: what it still does is not accepted. */
  async stop(): Promise<void> {}
}
