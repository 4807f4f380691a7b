import type { Duration } from "../base/duration.ts";
import type { Fn } from "./callable.ts";
import type { JobFilter } from "./job-filter.ts";
import type { Names } from "./recorded-calls.ts";
import type { StandardSchema } from "./standard-schema.ts";

type ErrorClass = abstract new (...args: never[]) => Error;

/** When and how often a failed job runs again. */
export interface RetryOptions {
  /** Runs after the first: 10 means at most 11 runs. An integer from 0 to 1,000,000; default 10. */
  retries?: number | undefined;
  /**
   * The wait before each retry; the last one repeats. After it the job is ready again at the end of its queue. Default:
   * Hangfire's curve, from 15 seconds to almost two hours.
   */
  delays?: readonly Duration[] | undefined;
  /** Retry only errors of these classes. Default: every error. */
  onlyOn?: readonly ErrorClass[] | undefined;
  /** Never retry errors of these classes. Default: none. */
  exceptOn?: readonly ErrorClass[] | undefined;
  /** Where the job goes when no retry is left: to Failed, where it waits for a person, or to Deleted. Default "fail". */
  onExhausted?: "fail" | "delete" | undefined;
}

/** How many jobs of one key may be on their way at a time, and what becomes of the others. */
export interface ConcurrencyOptions {
  /** 1 to 32,767; default 1. */
  limit?: number | undefined;
  /**
   * Jobs of one key share the limit; `{0}` stands for the first argument, as in `"account {0}"`. A key is one for the
   * whole storage. Default: the job's name.
   */
  key?: string | undefined;
  /** `"wait"` (default): until another has ended, holding no worker. `"skip"`: it is Deleted, and its history says why. */
  whenFull?: "wait" | "skip" | undefined;
}

/**
 * The options of one job, of a group (`"*"` beside its names) or of all jobs (`"*"` at the top).
 *
 * `queue`, `priority`, `displayName`, `tags` and `concurrency` are read when the job is enqueued and stored with it;
 * `timeout`, `latencyTimeout`, `idempotentCompletion`, `retry` and `filters` are read where it runs, so that a deployment
 * changes them for jobs that already wait.
 */
export interface JobOptions {
  /** 1 to 100 of `a-z 0-9 _ -`; `{0}` stands for the first argument, as in `"tenant-{0}"`. Default "default". */
  queue?: string | undefined;
  /** Higher runs first: an integer from -32767 to 32767. Default 0. */
  priority?: number | undefined;
  /** For lists and the dashboard; `{0}` stands for the first argument. Default: the job's name. */
  displayName?: string | undefined;
  /** At most 20 texts of at most 100 characters; `{0}` stands for the first argument. Default: none. */
  tags?: readonly string[] | undefined;
  /** At most this many at a time: a number, or by key. In Hangfire: DisableConcurrentExecution. Default: no limit. */
  concurrency?: number | ConcurrencyOptions | undefined;
  /** How long one run may take before its signal is aborted. Default: no limit. */
  timeout?: Duration | undefined;
  /**
   * A run that would begin later than this after the time that the job is for does not begin: the job is Deleted. Holds
   * for retries, too. Default: no limit.
   */
  latencyTimeout?: Duration | undefined;
  /** A job that has once succeeded or been deleted does not run again when it is requeued. Default false. */
  idempotentCompletion?: boolean | undefined;
  /** Filters of all jobs, of the group and of the job come together; none replaces another. Default: none. */
  filters?: readonly JobFilter[] | undefined;
  /** `false`: never retry. Fields that are not given come from the group, then from all jobs, then the defaults. */
  retry?: RetryOptions | false | undefined;
  /** Names that this job had before: jobs stored under them still run. Only for a single job. */
  formerly?: readonly string[] | undefined;
  /** A Standard Schema for the list of arguments, checked at enqueue and before the run. Only for a single job. */
  args?: StandardSchema | undefined;
}

type EntryOptions<T> = T extends Fn
  ? JobOptions
  : { [K in "*" | Names<T> | (T extends { readonly prototype: infer I } ? Names<I> : never)]?: JobOptions };

/** The options beside the names: `{ "*": all, mail: { "*": group, welcome: one }, tidy: one }`. */
export type JobSetOptions<S> = { "*"?: JobOptions } & { [K in keyof S]?: EntryOptions<S[K]> };
