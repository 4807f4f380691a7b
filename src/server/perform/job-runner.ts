import { electRetry } from "../../filters/automatic-retry.ts";
import {
  type Elected,
  type ElectionSubject,
  electAfterRun,
  electOrThrow,
} from "../../filters/elect-state.ts";
import type { FilterChain, FilterChains } from "../../filters/filter-chain.ts";
import { performFiltered, RunCancelled } from "../../filters/perform-filtered.ts";
import { StoredJobView } from "../../filters/stored-job-view.ts";
import { JOB_CHANNELS } from "../../job/job-channels.ts";
import type { PerformContext } from "../../job/job-filter.ts";
import type { RegisteredJob } from "../../job/registry.ts";
import { type StateCandidate, summarizeError } from "../../states/index.ts";
import { JobCancelledError, JobTimeoutError } from "./interruption.ts";
import { type JobRun, runInContext } from "./job-context.ts";
import { type JudgeOptions, judge, latencyOf, meaningOf, unreplaced } from "./judge.ts";
import type { Performer, RunOutcome } from "./performer.ts";
import type { Verdict } from "./verdict.ts";

export interface JobRunnerParts {
  readonly performer: Performer;
  readonly chains: FilterChains;
  readonly judging: JudgeOptions;
  /** An exception filter has thrown: that changes nothing. */
  readonly filterFailed: (run: JobRun, filter: string, error: unknown) => void;
}

/** Runs a claimed job and says what it came to: perform, judge, elect. Never throws. The same here and in threads. */
export class JobRunner {
  readonly #parts: JobRunnerParts;

  constructor(parts: JobRunnerParts) {
    this.#parts = parts;
  }

  /** Without a promise for a job that gave none and has no filters. */
  run(run: JobRun, job: RegisteredJob): Verdict | Promise<Verdict> {
    const { performer, chains } = this.#parts;
    if (JOB_CHANNELS.started.hasSubscribers) this.#publishStarted(run);
    const chain = chains.of(job.options);
    if (chain !== undefined) return this.#runFiltered(run, job, chain);
    run.begunAt = performance.now();
    const outcome = performer.perform(run, job);
    return outcome instanceof Promise
      ? outcome.then((one) => this.#judge(run, job, one))
      : this.#judge(run, job, outcome);
  }

  /** What the run would come to if it ended now and returned this. */
  conclude(run: JobRun, job: RegisteredJob, value: unknown): Verdict | Promise<Verdict> {
    const chain = this.#parts.chains.of(job.options);
    const outcome: RunOutcome = { ok: true, value };
    if (chain === undefined) return this.#judge(run, job, outcome);
    const subject = this.#subject(run, new StoredJobView(run.claim, run.parameters));
    return this.#elect(run, job, chain, outcome, subject);
  }

  /** Where the code of the job runs: in a thread, subscribers in that thread hear it. `currentJob()` works in them. */
  #publishStarted(run: JobRun): void {
    const { id, name, attempt, claim } = run;
    const { server } = this.#parts.judging;
    runInContext(run, () => JOB_CHANNELS.started.publish({ id, name, queue: claim.queue, attempt, server }));
  }

  #judge(run: JobRun, job: RegisteredJob, outcome: RunOutcome): Verdict {
    // It has said itself what it came to, and has ended without a throw. The same command again is a replay, or, where
    // its transaction was rolled back, its end.
    if (outcome.ok && run.completion !== undefined) return run.completion;
    const duration = durationOf(run);
    const verdict = judge(run, outcome, duration, { ...this.#parts.judging, retry: job.options.retry });
    const parameters = run.changedParameters;
    return parameters === undefined ? verdict : { ...verdict, parameters };
  }

  async #runFiltered(run: JobRun, job: RegisteredJob, chain: FilterChain): Promise<Verdict> {
    const view = new StoredJobView(run.claim, run.parameters);
    const subject = this.#subject(run, view);
    const barred = await barredFrom(chain, run, subject);
    if (barred !== undefined && "elected" in barred) {
      return { ...unreplaced(barred.elected, 0), replaced: barred.replaced, ...changedIn(run) };
    }
    run.begunAt = performance.now();
    const outcome = barred ?? (await this.#perform(run, job, chain, view));
    return this.#elect(run, job, chain, outcome, subject);
  }

  async #perform(
    run: JobRun,
    job: RegisteredJob,
    chain: FilterChain,
    view: StoredJobView,
  ): Promise<RunOutcome> {
    const context: PerformContext = {
      job: view,
      attempt: run.attempt,
      signal: run.signal,
      items: new Map(),
    };
    const { performer, filterFailed } = this.#parts;
    const around = {
      context,
      isAsked: () => run.abortReason !== undefined && !(run.abortReason instanceof JobTimeoutError),
      lateError: (filter: string, error: unknown) => filterFailed(run, filter, error),
    };
    return performer.perform(run, job, (call) => performFiltered(chain, { ...around, run: call }));
  }

  async #elect(
    run: JobRun,
    job: RegisteredJob,
    chain: FilterChain,
    outcome: RunOutcome,
    subject: ElectionSubject,
  ): Promise<Verdict> {
    if (outcome.ok && run.completion !== undefined) return run.completion;
    const duration = durationOf(run);
    const { candidate, isOpen, isHopeless } = meaningOf(run, outcome, duration, this.#parts.judging);
    // The outcome of a deleted job is not accepted: filters that write down what they see would write what is not so.
    if (!isOpen || run.abortReason instanceof JobCancelledError) {
      return { ...unreplaced(candidate, duration), ...changedIn(run) };
    }
    const { retry } = job.options;
    const elected = await runInContext(run, () =>
      electAfterRun(chain, candidate, {
        ...subject,
        duration,
        error: outcome.ok || outcome.thrown instanceof RunCancelled ? undefined : outcome.thrown,
        retry: isHopeless ? undefined : retryOf(run, retry, this.#parts.judging.random),
      }),
    );
    return { candidate, ...elected, duration, ...changedIn(run) };
  }

  #subject(run: JobRun, job: StoredJobView): ElectionSubject {
    const { claim, attempt } = run;
    return {
      job,
      from: "Processing",
      attempt,
      dueAt: claim.plannedAt ?? claim.createdAt,
      stateAt: claim.stateAt,
      duration: 0,
      latency: latencyOf(run),
      hasRun: true,
      maxResultBytes: this.#parts.judging.maxResultBytes,
    };
  }
}

/** Whether the job is to run at all: another state that it is to enter at once, or what a filter has thrown. */
async function barredFrom(
  chain: FilterChain,
  run: JobRun,
  subject: ElectionSubject,
): Promise<Elected | (RunOutcome & { readonly ok: false }) | undefined> {
  try {
    const { claim } = run;
    return await runInContext(run, () => electOrThrow(chain, claim, { ...subject, hasRun: false }));
  } catch (thrown) {
    return { ok: false, thrown };
  }
}

function retryOf(
  run: JobRun,
  retry: RegisteredJob["options"]["retry"],
  random: JudgeOptions["random"],
): ElectionSubject["retry"] {
  return (candidate: StateCandidate, thrown: unknown) => {
    const summary = candidate.summary ?? summarizeError(thrown);
    return electRetry({ candidate, thrown, summary, attempt: run.attempt }, retry, random);
  };
}

/** Milliseconds since it began. */
function durationOf({ begunAt }: JobRun): number {
  return Math.round(performance.now() - begunAt);
}

function changedIn(run: JobRun): { readonly parameters?: string } {
  const parameters = run.changedParameters;
  return parameters === undefined ? {} : { parameters };
}
