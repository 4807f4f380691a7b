/** The one place where parts meet defaults: what `configure` was given stands in where an option is left out. */
import { FirelaterError, preview } from "./base/error.ts";
import type { Logger } from "./base/logger.ts";
import { processWide } from "./base/process-wide.ts";
import { type ClientParts, JobClient } from "./client/client.ts";
import { checkFilters } from "./job/check-filters.ts";
import type { JobFilter } from "./job/job-filter.ts";
import type { JobSetOptions } from "./job/job-options.ts";
import { checkJobSet, type JobSet, type SourceOf } from "./job/job-set.ts";
import { type Checks, checkFields, InvalidOptionsError, isRecord } from "./job/options.ts";
import type { RegisteredJobs, RegisteredTx } from "./job/register.ts";
import { createOperator } from "./operations/operator.ts";
import { RecurringManager } from "./recurring/manager.ts";
import { createScheduler } from "./recurring/scheduler.ts";
import type { Activate } from "./server/perform/activator.ts";
import { JobServer } from "./server/server.ts";
import type { ServerOptions, ServerParts, ThreadedServerOptions } from "./server/server-options.ts";
import type { Storage } from "./storage/index.ts";

/** What the static face and constructors without arguments use. */
export interface Configuration {
  readonly storage: Storage;
  readonly jobs: JobSet;
  readonly activate?: Activate | undefined;
  /** Filters of clients and servers that take what is configured. */
  readonly filters?: readonly JobFilter[] | undefined;
}

/** Asked for what `configure` would have given (`FL_NOT_CONFIGURED`). */
export class NotConfiguredError extends FirelaterError {}

interface Holder {
  current?: Configuration | undefined;
  version: number;
}

// Process-wide: a dev server that loads this module twice must not lose what was configured.
const holder = processWide<Holder>("configuration.v1", () => ({
  version: 0,
}));

/** @throws InvalidOptionsError `FL_INVALID_OPTIONS`, InvalidJobsError `FL_INVALID_JOBS`. */
export function setConfiguration(configuration: Configuration): void {
  checkOptions(configuration, CONFIGURATION_NAMES, "configure");
  checkStorage(configuration.storage, "configure");
  checkJobSet(configuration.jobs);
  if (configuration.filters !== undefined) checkFilters(configuration.filters, "the filters of configure");
  holder.current = configuration;
  holder.version++;
}

/** Configures for a while, as a test does. What it gives puts back what was there, unless somebody configured anew. */
export function configureForNow(configuration: Configuration): () => void {
  const before = holder.current;
  setConfiguration(configuration);
  return () => {
    if (holder.current !== configuration) return;
    holder.current = before;
    holder.version++;
  };
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

/**
 * Options of a manager of recurring jobs: those of a client, without filters: the server that fires a slot asks its own,
 * `trigger` asks none. Each may be left out after `configure`.
 */
export type RecurringJobManagerOptions<J extends JobSet> = Omit<
  BackgroundJobClientOptions<J, never>,
  "filters" | "logger"
>;

/** Options of a client. Each may be left out after `configure`. */
export interface BackgroundJobClientOptions<J extends JobSet, Tx = RegisteredTx> {
  /** Where jobs are stored. Default: what `configure` was given. */
  readonly storage?: Storage<Tx> | undefined;
  /**
   * The jobs, or a function that gives them at first use, so that job modules can import the client. Left out together
   * with a type argument, the client knows only the types: any name is stored as it is called.
   */
  readonly jobs?: J | (() => J) | undefined;
  /** The options of the jobs that are read when they are stored, for a client that knows only the types. */
  readonly options?: JobSetOptions<SourceOf<J>> | undefined;
  /** The most bytes that the arguments of one job may take. Default 1 MiB. */
  readonly maxArgumentBytes?: number | undefined;
  /** Filters of all jobs that this client stores or changes. */
  readonly filters?: readonly JobFilter[] | undefined;
  /** Hears what went wrong after a job was stored. Default: warnings and errors to the console. */
  readonly logger?: Logger | undefined;
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
export class BackgroundJobClient<J extends JobSet = RegisteredJobs, Tx = RegisteredTx> extends JobClient<
  J,
  Tx
> {
  /**
   * @throws NotConfiguredError `FL_NOT_CONFIGURED`: no storage was given, and `configure` was not called.
   * InvalidOptionsError `FL_INVALID_OPTIONS`, InvalidJobsError `FL_INVALID_JOBS`: an option of the wrong kind.
   */
  constructor(options: BackgroundJobClientOptions<J, Tx> = {}) {
    super(toClientParts(options, "the client"));
  }
}

/**
 * Adds, changes and looks at recurring jobs: calls that servers begin again and again, at the times of a cron
 * expression. Every server fires them; each slot begins one job, also when servers die in the middle.
 *
 * @example
 * ```ts
 * import { Cron, defineJobs, RecurringJobManager } from "firelater";
 * import { SqliteStorage } from "firelater/sqlite";
 *
 * const mail = { digest: async (day: Date) => console.log("digest of", day) };
 * const recurring = new RecurringJobManager({ storage: new SqliteStorage("jobs.db"), jobs: defineJobs({ mail }) });
 * await recurring.addOrUpdate("digest", (j, job) => j.mail.digest(job.dueAt), Cron.daily(9), { timeZone: "Europe/Paris" });
 * await recurring.trigger("digest");
 * ```
 */
export class RecurringJobManager<J extends JobSet = RegisteredJobs> extends RecurringManager<J> {
  /** @throws NotConfiguredError `FL_NOT_CONFIGURED`: no storage was given, and `configure` was not called. */
  constructor(options: RecurringJobManagerOptions<J> = {}) {
    super(toClientParts(options, "the manager"));
  }
}

/** What is given under a name is looked at by whoever uses it. */
function anything(): void {}

const CONFIGURATION_NAMES: Checks<Configuration> = {
  storage: anything,
  jobs: anything,
  activate: anything,
  filters: anything,
};
/** Also of a manager, which asks no filters: both may be made of one object. */
const CLIENT_NAMES: Checks<BackgroundJobClientOptions<JobSet>> = {
  storage: anything,
  jobs: anything,
  options: anything,
  maxArgumentBytes: anything,
  filters: anything,
  logger: anything,
};

function toClientParts<J extends JobSet, Tx>(
  options: BackgroundJobClientOptions<J, Tx>,
  of: string,
): ClientParts<J, Tx> {
  checkOptions(options, CLIENT_NAMES, of);
  // What is registered and what is configured are tied together by the application (`Register`).
  const { storage = requireConfiguration("storage").storage as Storage<Tx>, maxArgumentBytes } = options;
  checkStorage(storage, of);
  checkBytes(maxArgumentBytes, of);
  if (options.filters !== undefined) checkFilters(options.filters, `the filters of ${of}`);
  const configured = () => requireConfiguration("jobs").jobs as J;
  const jobs = options.jobs ?? (options.storage === undefined ? configured() : undefined);
  if (jobs !== undefined && typeof jobs !== "function") checkJobSet(jobs);
  const filters =
    options.filters ?? (options.storage === undefined ? requireConfiguration("jobs").filters : undefined);
  return { ...options, storage, jobs, filters };
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
  constructor(options: ThreadedServerOptions);
  // Last, because of several overloads the compiler explains the last one's refusal.
  constructor(options?: ServerOptions<J>);
  constructor(options?: ServerOptions<J> | ThreadedServerOptions) {
    super({ ...toParts(options), processes: [createScheduler, createOperator] });
  }
}

function toParts<J extends JobSet>(
  options: ServerOptions<J> | ThreadedServerOptions | undefined,
): ServerParts {
  if (options !== undefined && !isRecord(options)) throw noObject(options, "the server");
  if (options?.storage !== undefined) {
    checkStorage(options.storage, "the server");
    return { ...options, storage: options.storage };
  }
  const { storage, jobs, activate, filters } = requireConfiguration("storage");
  return options?.jobs instanceof URL
    ? { ...options, storage }
    : { jobs, activate, filters, ...options, storage };
}

/** What the compiler cannot hold in JavaScript: said where it is given, not where it is first used. */
function checkOptions(options: unknown, names: object, of: string): void {
  if (!isRecord(options)) throw noObject(options, of);
  checkFields(options, names, `the options of ${of}`);
}

function noObject(options: unknown, of: string): InvalidOptionsError {
  return refuse(options, `the options of ${of}`, "Pass an object, like { storage, jobs }.");
}

function checkStorage(storage: unknown, of: string): void {
  const isStorage =
    isRecord(storage) &&
    isRecord(storage.manifest) &&
    typeof storage.manifest.maxRows === "number" &&
    typeof storage.insert === "function";
  if (!isStorage)
    throw refuse(storage, `the storage of ${of}`, 'Pass a storage, like new SqliteStorage("jobs.db").');
}

function checkBytes(bytes: unknown, of: string): void {
  if (bytes === undefined || (typeof bytes === "number" && Number.isInteger(bytes) && bytes > 0)) return;
  throw refuse(bytes, `maxArgumentBytes of ${of}`, "What fits: a whole number of bytes above 0.");
}

function refuse(value: unknown, label: string, mend: string): InvalidOptionsError {
  return new InvalidOptionsError({
    code: "FL_INVALID_OPTIONS",
    what: `Cannot use ${preview(value)} as ${label}.`,
    mend,
  });
}
