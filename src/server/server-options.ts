import type { ResourceLimits } from "node:worker_threads";
import type { Duration } from "../base/duration.ts";
import type { Logger } from "../base/logger.ts";
import type { JobFilter } from "../job/job-filter.ts";
import type { JobSet, SourceOf } from "../job/job-set.ts";
import type { Storage } from "../storage/index.ts";
import type { Activate } from "./perform/activator.ts";
import type { CreateProcess } from "./server-process.ts";

/** How long finished jobs are kept: a duration, `{ age, count }`, or `"forever"`. */
export type RetentionRule = Duration | "forever" | { readonly age?: Duration; readonly count?: number };

/** Kept per state. Default: Succeeded and Deleted for a day, at most a million each; Failed for ever. */
export interface RetentionOptions {
  readonly succeeded?: RetentionRule | undefined;
  readonly failed?: RetentionRule | undefined;
  readonly deleted?: RetentionRule | undefined;
}

/** How a server works. Everything has a default; durations are texts such as "30s" or objects of parts. */
export interface ServerSettings {
  /** Tells servers apart for people. Default: the queues joined by commas. */
  readonly name?: string | undefined;
  /** Queues in order: jobs of the first run before any of the second. Default `["default"]`. */
  readonly queues?: readonly string[] | undefined;
  /** Jobs that run at the same time. Default 20. */
  readonly workerCount?: number | undefined;
  /** How often the lease is renewed; shorter than half of `serverTimeout`. Default `"10s"`, at most a third of it. */
  readonly heartbeatInterval?: Duration | undefined;
  /**
   * After this long without a renewal another server may take this one's jobs. Default `"30s"`, at least three times
   * `heartbeatInterval`.
   */
  readonly serverTimeout?: Duration | undefined;
  /** How often jobs of lost servers are looked for. Default `"5s"`. */
  readonly serverCheckInterval?: Duration | undefined;
  /** How often the storage is asked when no signal comes. Default `"1s"`. */
  readonly pollingInterval?: Duration | undefined;
  /** How long `stop` lets running jobs go on before they are given back. Default `"15s"`. */
  readonly shutdownTimeout?: Duration | undefined;
  /** `false` leaves SIGTERM and SIGINT to the application. Default true: they stop the server. */
  readonly signals?: boolean | undefined;
  readonly retention?: RetentionOptions | undefined;
  /** Default: warnings and errors to the console. */
  readonly logger?: Logger | undefined;
  /** Filters of all jobs that this server runs. Jobs in threads have those that their module exports instead. */
  readonly filters?: readonly JobFilter[] | undefined;
  /** The most bytes that a stored result may take. Default 1 MiB. */
  readonly maxResultBytes?: number | undefined;
}

/** Whether a class of the job set cannot be made with `new Class()`. */
type NeedsArgs<T> = T extends (...args: never[]) => unknown
  ? false
  : T extends abstract new (
        ...args: infer A
      ) => object
    ? [] extends A
      ? false
      : true
    : T extends { readonly prototype: object }
      ? true
      : false;
type NeedsActivate<J> = J extends JobSet
  ? true extends { [K in keyof SourceOf<J>]: NeedsArgs<SourceOf<J>[K]> }[keyof SourceOf<J>]
    ? true
    : false
  : false;

/** `activate` is demanded exactly when a class of `jobs` cannot be made with `new Class()`. */
export type ActivateOption<J> =
  NeedsActivate<J> extends true
    ? { readonly activate: Activate }
    : { readonly activate?: Activate | undefined };

/** The options of a server whose jobs run on its own event loop. */
export type ServerOptions<J> = ServerSettings & {
  readonly storage?: Storage | undefined;
  readonly jobs: J;
} & ActivateOption<J>;

/**
 * Options of a server whose jobs run in threads of their own: each loads the module and runs one job at a time, so that
 * work that keeps a CPU busy holds up neither the process nor other jobs.
 */
export interface ThreadedServerOptions extends Omit<ServerSettings, "workerCount" | "filters"> {
  readonly storage?: Storage | undefined;
  /** The module of the jobs, such as `new URL("./jobs.ts", import.meta.url)`. It exports `jobs`, and `activate` and `filters` if needed. */
  readonly jobs: URL;
  /** Threads, and so jobs that run at the same time: 1 to 256. */
  readonly threads: number;
  /** Bounds of each thread, such as `{ maxOldGenerationSizeMb: 512 }`: a job that exceeds them ends its thread alone. */
  readonly resourceLimits?: ResourceLimits | undefined;
}

/** What a server is made of, once the defaults of the process are filled in. */
export interface ServerParts extends ServerSettings {
  readonly storage: Storage;
  readonly jobs: JobSet | URL;
  readonly activate?: Activate | undefined;
  readonly threads?: number | undefined;
  readonly resourceLimits?: ResourceLimits | undefined;
  /** What runs beside the server's own loops, made by the layers above it. */
  readonly processes?: readonly CreateProcess[] | undefined;
}
