import type { JobCall, JobId } from "../job/job-call.ts";
import type { JobSet, SourceOf } from "../job/job-set.ts";
import type { JobPlaceholders } from "../job/placeholder.ts";
import { readArguments } from "../job/read-arguments.ts";
import type { Recorder } from "../job/recorded-calls.ts";
import type { Arrival } from "./test-storage.ts";

/** A job named, `j.mail.welcome`, or a call of it, `j.mail.welcome("ann@example.com")`. */
export type JobSelection = JobCall | ((...args: never[]) => JobCall);

/**
 * Which jobs are meant: `(j) => j.mail.welcome` those of any arguments, `(j) => j.mail.welcome("ann@example.com")` those
 * of equal ones. Matchers such as `expect.any(String)` may stand among the arguments.
 */
export type JobSelector<J extends JobSet, S extends JobSelection> = (
  jobs: Recorder<SourceOf<J>>,
  job: JobPlaceholders,
) => S;

/** The arguments of the selected jobs: typed where the job is named without a call. */
export type SelectedArguments<S> = S extends (...args: infer A) => JobCall ? A : readonly unknown[];
/** What the selected jobs return. */
export type SelectedResult<S> =
  S extends JobCall<infer R> ? R : S extends (...args: never[]) => JobCall<infer R> ? R : unknown;

/** A job as it was enqueued, whatever has become of it since: `get` tells that. */
export interface EnqueuedJob<A extends readonly unknown[] = readonly unknown[], R = unknown> {
  readonly id: JobId<R>;
  /** The name under which it is registered. */
  readonly name: string;
  readonly displayName: string | null;
  /** As they were stored; placeholders show as texts such as "{job.dueAt}". */
  readonly arguments: A;
  readonly queue: string;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly enqueuedAt: Date;
  /** Null when it was ready at once, or waits for other jobs. */
  readonly dueAt: Date | null;
  /** The jobs that it waits or waited for. */
  readonly after: readonly string[];
}

export function toEnqueuedJob({ job, at }: Arrival): EnqueuedJob {
  const { id, name, displayName, args, queue, rank, tags = [], parameters, due, gate } = job;
  return {
    id,
    name,
    displayName,
    arguments: readArguments(args) ?? [],
    queue,
    priority: 0 - rank,
    tags,
    parameters: parameters === undefined ? {} : JSON.parse(parameters),
    enqueuedAt: new Date(at),
    dueAt: due === undefined ? null : new Date("in" in due ? at + due.in : due.at),
    after: gate?.parents ?? [],
  };
}
