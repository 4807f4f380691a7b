/** The one place where parts meet defaults: what `configure` was given stands in where an option is left out. */
import { FirelaterError } from "./base/error.ts";
import { processWide } from "./base/process-wide.ts";
import { JobClient } from "./client/client.ts";
import type { JobSetOptions } from "./job/job-options.ts";
import type { JobSet, SourceOf } from "./job/job-set.ts";
import type { RegisteredJobs } from "./job/register.ts";
import type { Activate } from "./server/activator.ts";
import { JobServer } from "./server/server.ts";
import type { ServerOptions, ServerParts } from "./server/server-options.ts";
import type { Storage } from "./storage/index.ts";

/** What the static face and constructors without arguments use. */
export interface Configuration {
  readonly storage: Storage;
  readonly jobs: JobSet;
  readonly activate?: Activate | undefined;
}

/** Asked for what `configure` would have given (`FL_NOT_CONFIGURED`). */
export class NotConfiguredError extends FirelaterError {}

// Process-wide: a dev server that loads this module twice must not lose what was configured.
const holder = processWide<{ current?: Configuration; version: number }>("configuration.v1", () => ({
  version: 0,
}));

export function setConfiguration(configuration: Configuration): void {
  holder.current = configuration;
  holder.version++;
}

/** Rises with every `configure`: what was made from an earlier one is made anew. */
export function configurationVersion(): number {
  return holder.version;
}

export function requireConfiguration(option: string): Configuration {
  if (holder.current !== undefined) return holder.current;
  throw new NotConfiguredError({
    code: "FL_NOT_CONFIGURED",
    what: `No ${option} was given.`,
    why: "Without it the one of configure is used, and configure was not called.",
    mend: `Pass { ${option} }, or call configure({ storage, jobs }) first.`,
  });
}

/** Options of a client. Each may be left out after `configure`. */
export interface BackgroundJobClientOptions<J extends JobSet> {
  /** Where jobs are stored. Default: what `configure` was given. */
  readonly storage?: Storage | undefined;
  /**
   * The jobs, or a function that gives them at first use, so that job modules can import the client. Left out together
   * with a type argument, the client knows only the types: any name is stored as it is called.
   */
  readonly jobs?: J | (() => J) | undefined;
  /** Queue, priority and display name by job, for a client that knows only the types. */
  readonly options?: JobSetOptions<SourceOf<J>> | undefined;
  /** The most bytes that the arguments of one job may take. Default 1 MiB. */
  readonly maxArgumentBytes?: number | undefined;
}

/**
 * Stores calls of regular functions as background jobs. Each promise resolves once the job is stored, as durable as the
 * storage is set; concurrent calls share one write.
 *
 * @example
 * ```ts
 * import { BackgroundJobClient, defineJobs } from "firelater";
 * import { SqliteStorage } from "firelater/sqlite";
 *
 * const client = new BackgroundJobClient({ storage: new SqliteStorage("jobs.db"), jobs: defineJobs({ console }) });
 * const id = await client.enqueue((j) => j.console.log("Easy!"));
 * await client.continueWith(id, (j) => j.console.log("Then this."));
 * ```
 */
export class BackgroundJobClient<J extends JobSet = RegisteredJobs> extends JobClient<J> {
  /** @throws NotConfiguredError `FL_NOT_CONFIGURED`: no storage was given, and `configure` was not called. */
  constructor(options: BackgroundJobClientOptions<J> = {}) {
    const { storage, jobs } = options;
    super({
      ...options,
      storage: storage ?? requireConfiguration("storage").storage,
      // The registered type and the configured value are tied together by the application (`Register`).
      jobs: jobs ?? (storage === undefined ? (requireConfiguration("jobs").jobs as J) : undefined),
    });
  }
}

/**
 * Runs stored jobs: fetches, performs, retries, and recovers what lost servers left. Starts when it is made and keeps
 * its process alive until `stop()`, SIGTERM or SIGINT.
 *
 * @example
 * ```ts
 * import { BackgroundJobServer, defineJobs } from "firelater";
 * import { SqliteStorage } from "firelater/sqlite";
 *
 * const server = new BackgroundJobServer({ storage: new SqliteStorage("jobs.db"), jobs: defineJobs({ console }) });
 * server.on("failed", ({ name, error }) => console.error(`${name} needs a person: ${error}`));
 * await server.stopped;
 * ```
 */
export class BackgroundJobServer<J extends JobSet = RegisteredJobs> extends JobServer {
  /**
   * @throws NotConfiguredError `FL_NOT_CONFIGURED`, InvalidJobsError `FL_INVALID_JOBS`, InvalidOptionsError
   * `FL_INVALID_OPTIONS`, InvalidDurationError `FL_INVALID_DURATION`, InvalidQueueError `FL_INVALID_QUEUE`. What goes
   * wrong while starting rejects `started`.
   */
  constructor(options?: ServerOptions<J>) {
    super(toParts(options));
  }
}

function toParts<J extends JobSet>(options: ServerOptions<J> | undefined): ServerParts {
  if (options?.storage !== undefined) return { ...options, storage: options.storage };
  const { storage, jobs, activate } = requireConfiguration("storage");
  return { jobs, activate, ...options, storage };
}
