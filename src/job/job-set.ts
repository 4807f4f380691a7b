import { preview } from "../base/error.ts";
import { processWide } from "../base/process-wide.ts";
import { UnfinishedModule } from "./entry-members.ts";
import type { JobSetOptions } from "./job-options.ts";
import { buildRegistry, InvalidJobsError, type JobRegistry } from "./registry.ts";

declare const source: unique symbol;

/** The jobs of an application, made by `defineJobs`. Clients and servers take it as `jobs`. */
export interface JobSet<out S = unknown> {
  readonly [source]: S;
}

/** What was given to `defineJobs`. */
export type SourceOf<J> = J extends JobSet<infer S> ? S : never;

interface JobSetMint {
  make<S>(registry: () => JobRegistry): JobSet<S>;
  read(value: unknown): (() => JobRegistry) | undefined;
}

const mint = processWide("job-set.v1", (): JobSetMint => {
  class DefinedJobs<S> implements JobSet<S> {
    declare readonly [source]: S;
    readonly #registry: () => JobRegistry;

    constructor(registry: () => JobRegistry) {
      this.#registry = registry;
      Object.freeze(this);
    }

    static read(value: unknown): (() => JobRegistry) | undefined {
      return typeof value === "object" && value !== null && #registry in value ? value.#registry : undefined;
    }
  }
  Reflect.deleteProperty(DefinedJobs.prototype, "constructor");
  return { make: (registry) => new DefinedJobs(registry), read: DefinedJobs.read };
});

/**
 * Registers regular code as jobs: functions, modules of functions, objects, instances, and classes (static methods on
 * the class, instance methods on an instance made for each run). A job's stored name is its path here, such as
 * "mail.welcome"; a server runs only names that it finds here. Getters are never run.
 *
 * `options` stand beside the names: `"*"` for all jobs or for a group, then one job. Special wins over general.
 *
 * @throws InvalidJobsError `FL_INVALID_JOBS`: an entry that cannot be registered, or two jobs of one name.
 * @throws InvalidOptionsError `FL_INVALID_OPTIONS`, InvalidQueueError `FL_INVALID_QUEUE`, InvalidPriorityError
 * `FL_INVALID_PRIORITY`, InvalidDurationError `FL_INVALID_DURATION`: an option that is misspelt or malformed.
 *
 * @example
 * ```ts
 * import { defineJobs } from "firelater";
 *
 * const mail = {
 *   async welcome(to: string): Promise<void> {
 *     console.log(`Welcome, ${to}`);
 *   },
 * };
 *
 * export const jobs = defineJobs({ mail }, { mail: { welcome: { queue: "critical", timeout: "30s" } } });
 * ```
 */
export function defineJobs<S extends object>(jobs: S, options?: JobSetOptions<NoInfer<S>>): JobSet<S> {
  if (typeof jobs !== "object" || jobs === null || Array.isArray(jobs))
    throw notJobs(jobs, "defineJobs takes an object");
  let registry = registryNow(jobs, options);
  return mint.make<S>(() => {
    registry ??= buildRegistry(jobs, options);
    return registry;
  });
}

/** Refuses what `defineJobs` did not make. The jobs are not listed yet: their modules may still be loading. */
export function checkJobSet(jobs: unknown): void {
  if (mint.read(jobs) === undefined) throw notJobs(jobs, NO_JOB_SET);
}

/** What a job set knows at run time. */
export function registryOf(jobs: JobSet): JobRegistry {
  const registry = mint.read(jobs);
  if (registry === undefined) throw notJobs(jobs, NO_JOB_SET);
  try {
    return registry();
  } catch (error) {
    throw error instanceof UnfinishedModule ? tooEarly(error) : error;
  }
}

/**
 * Where job modules import the client and the client imports the jobs, one module of the circle is still unfinished
 * while this runs, and its constants cannot be read: then the jobs are listed at first use instead.
 */
function registryNow(jobs: object, options: unknown): JobRegistry | undefined {
  try {
    return buildRegistry(jobs, options);
  } catch (error) {
    if (error instanceof UnfinishedModule) return undefined;
    throw error;
  }
}

function tooEarly({ cause }: UnfinishedModule): InvalidJobsError {
  return new InvalidJobsError({
    code: "FL_INVALID_JOBS",
    what: "The jobs were used while one of their modules was still loading.",
    why: "Modules that import each other in a circle are finished one after the other.",
    mend: "Enqueue from a function that is called later, not while modules load.",
    cause,
  });
}

const NO_JOB_SET = "`jobs` is what defineJobs gives";

function notJobs(value: unknown, rule: string): InvalidJobsError {
  return new InvalidJobsError({
    code: "FL_INVALID_JOBS",
    what: `Cannot use ${preview(value)} as jobs: ${rule}.`,
    mend: "Write `const jobs = defineJobs({ mail })` and pass that.",
  });
}
