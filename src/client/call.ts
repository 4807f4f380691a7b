import type { JobCall, JobId } from "../job/job-call.ts";
import type { JobSet, SourceOf } from "../job/job-set.ts";
import type { JobPlaceholders, ParentPlaceholder } from "../job/placeholder.ts";
import type { Recorder } from "../job/recorded-calls.ts";
import type { CallOptions } from "./enqueue-options.ts";

/** The function that `enqueue`, `delay` and `schedule` take: it runs at once and returns the one call it made. */
export type Call<J, C> = (jobs: Recorder<SourceOf<J>>, job: JobPlaceholders) => C;

/** The function that `continueWith` takes for one parent. */
export type Continuation<J, R, C> = (
  jobs: Recorder<SourceOf<J>>,
  parent: ParentPlaceholder<R>,
  job: JobPlaceholders,
) => C;

/** The function that `continueWith` takes for several parents, in their order. */
export type JoinContinuation<J, P extends readonly unknown[], C> = (
  jobs: Recorder<SourceOf<J>>,
  parents: Parents<P>,
  job: JobPlaceholders,
) => C;

/** One placeholder per parent, each of what that parent returns. */
export type Parents<P extends readonly unknown[]> = {
  readonly [I in keyof P]: ParentPlaceholder<P[I] extends JobId<infer R> ? R : unknown>;
};

/** The same parents where each may have been deleted, and so has no result. */
export type MaybeResults<P extends readonly unknown[]> = {
  readonly [I in keyof P]: JobId<(P[I] extends JobId<infer R> ? R : unknown) | undefined>;
};

/** One of the calls of `enqueueMany`, alone or with its own options. */
export type CallItem = JobCall | readonly [call: JobCall, options: CallOptions];

/** The function that `enqueueMany` takes: it gives a list, a generator or an async iterable of calls. */
export type ManyCalls<J extends JobSet> = (
  jobs: Recorder<SourceOf<J>>,
  job: JobPlaceholders,
) => Iterable<CallItem> | AsyncIterable<CallItem>;
