import type { JobRegistry, RegisteredJob } from "../../job/registry.ts";
import { type Activate, requireActivate } from "./activator.ts";
import type { Executor } from "./executor.ts";
import type { JobRun } from "./job-context.ts";
import type { JobRunner } from "./job-runner.ts";
import type { Verdict } from "./verdict.ts";

export interface InlineParts {
  readonly registry: JobRegistry;
  readonly activate: Activate | undefined;
  readonly runner: JobRunner;
  readonly workerCount: number;
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
    const verdict = this.#parts.runner.run(run, this.#jobOf(run));
    if (verdict instanceof Promise) void verdict.then(ended);
    else ended(verdict);
  }

  conclude(run: JobRun, result: unknown): Verdict | Promise<Verdict> {
    return this.#parts.runner.conclude(run, this.#jobOf(run), result);
  }

  async stop(): Promise<void> {}

  #jobOf({ name }: JobRun): RegisteredJob {
    const job = this.#parts.registry.find(name);
    // The worker asks `knows` first.
    if (job === undefined) throw new Error(`no job ${name} is registered`);
    return job;
  }
}
