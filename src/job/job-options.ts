import type { Duration } from "../base/duration.ts";
import type { Fn } from "./callable.ts";
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

/**
 * The options of one job, of a group (`"*"` beside its names) or of all jobs (`"*"` at the top).
 *
 * `queue`, `priority` and `displayName` are read when the job is enqueued and stored with it; `timeout` and `retry` are
 * read by the server that runs it, so that a deployment changes them for jobs that already wait.
 */
export interface JobOptions {
  /** 1 to 100 of `a-z 0-9 _ -`. Default "default". */
  queue?: string | undefined;
  /** Higher runs first: an integer from -32767 to 32767. Default 0. */
  priority?: number | undefined;
  /** For lists and the dashboard; `{0}` stands for the first argument. Default: the job's name. */
  displayName?: string | undefined;
  /** How long one run may take before its signal is aborted. Default: no limit. */
  timeout?: Duration | undefined;
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
