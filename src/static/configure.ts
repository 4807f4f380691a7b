import { type Configuration, setConfiguration } from "../compose.ts";
import type { JobFilter } from "../job/job-filter.ts";
import type { JobSet } from "../job/job-set.ts";
import type { Activate } from "../server/perform/activator.ts";
import type { Storage } from "../storage/index.ts";

/** What `configure` takes. */
export interface ConfigureOptions<J extends JobSet> extends Configuration {
  /** Where jobs are stored. Whoever made it closes it. */
  readonly storage: Storage;
  readonly jobs: J;
  /** Makes instances of registered classes; needed when a constructor takes arguments. */
  readonly activate?: Activate | undefined;
  /** Filters of the clients and servers that take what is configured. Jobs in threads have those of their module. */
  readonly filters?: readonly JobFilter[] | undefined;
}

/**
 * Sets what `BackgroundJob` and constructors without arguments use: the short way for applications with one storage.
 * Call it once, before the first use; a later call counts from then on.
 *
 * @throws InvalidOptionsError `FL_INVALID_OPTIONS`: no storage. InvalidJobsError `FL_INVALID_JOBS`: no job set.
 *
 * @example
 * ```ts
 * import { BackgroundJob, configure, defineJobs } from "firelater";
 * import { SqliteStorage } from "firelater/sqlite";
 *
 * const jobs = defineJobs({ console });
 * declare module "firelater" {
 *   interface Register {
 *     jobs: typeof jobs;
 *   }
 * }
 *
 * configure({ storage: new SqliteStorage("jobs.db"), jobs });
 * await BackgroundJob.enqueue((j) => j.console.log("Easy!"));
 * ```
 */
export function configure<J extends JobSet>(options: ConfigureOptions<J>): void {
  setConfiguration(options);
}
