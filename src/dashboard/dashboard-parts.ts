import { toMilliseconds } from "../base/duration.ts";
import { type Logger, quietConsole } from "../base/logger.ts";
import { unfailingLogger } from "../base/unfailing-logger.ts";
import type { JobClient } from "../client/client.ts";
import { BackgroundJobClient, RecurringJobManager, requireConfiguration } from "../compose.ts";
import type { JobSet } from "../job/job-set.ts";
import { OperationRecords } from "../operations/operation-records.ts";
import type { RecurringManager } from "../recurring/manager.ts";
import type { Storage } from "../storage/index.ts";
import { AuditTrail } from "./audit-trail.ts";
import type { DashboardOptions } from "./dashboard-options.ts";
import { Monitor } from "./live/monitor.ts";
import { Streams } from "./live/streams.ts";
import { JobLinks } from "./show/job-links.ts";
import { Redactor } from "./show/redactor.ts";
import { StoredValues } from "./show/stored-values.ts";

const OLDEST_READY_MS = 5 * 60_000;

/** What routes work with. */
export interface DashboardParts {
  readonly storage: Storage;
  readonly client: JobClient<JobSet, never>;
  readonly recurring: RecurringManager<JobSet>;
  readonly operations: OperationRecords;
  readonly audit: AuditTrail;
  readonly monitor: Monitor;
  readonly streams: Streams;
  readonly redactor: Redactor;
  readonly values: StoredValues;
  readonly links: JobLinks;
  readonly logger: Logger;
  readonly title: string;
  readonly environment: string | null;
  readonly readOnly: boolean;
  /** Whether the application's jobs were given: else no filter and no schema of theirs is asked. */
  readonly knowsJobs: boolean;
}

/** Of options that were checked. */
export function makeParts(options: DashboardOptions): DashboardParts {
  const logger = unfailingLogger(options.logger ?? quietConsole);
  const storage = options.storage ?? requireConfiguration("storage").storage;
  const { jobs, filters } = options;
  const client = new BackgroundJobClient({ storage: options.storage, jobs, filters, logger });
  const recurring = new RecurringJobManager({ storage: options.storage, jobs });
  const operations = new OperationRecords(storage);
  const redactor = new Redactor(options.redact, logger);
  const oldestReadyMs =
    options.oldestReady === undefined ? OLDEST_READY_MS : toMilliseconds(options.oldestReady, "oldestReady");
  const monitor = new Monitor({
    ...{ storage, operations, targets: { oldestReadyMs } },
    listRecurring: (limit) => recurring.list({ limit }),
  });
  return {
    ...{ storage, client, recurring, operations, redactor, monitor, logger },
    audit: new AuditTrail(storage, logger),
    streams: new Streams({ storage, monitor, redactor, logger }),
    values: new StoredValues(redactor),
    links: new JobLinks(options.jobLinks, logger),
    title: options.title ?? "Firelater",
    environment: options.environment ?? null,
    readOnly: options.readOnly ?? false,
    // Without a storage everything is as it was configured, and jobs always are.
    knowsJobs: jobs !== undefined || options.storage === undefined,
  };
}
