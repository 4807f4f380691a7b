import type { Logger } from "../base/logger.ts";
import type { JobClient } from "../client/client.ts";
import type { JobSet } from "../job/job-set.ts";
import type { OperationRecords } from "../operations/operation-records.ts";
import type { RecurringManager } from "../recurring/manager.ts";
import type { Storage } from "../storage/index.ts";
import type { AuditTrail } from "./audit-trail.ts";
import type { Monitor } from "./live/monitor.ts";
import type { Streams } from "./live/streams.ts";
import type { Redactor } from "./show/redactor.ts";
import type { StoredValues } from "./show/stored-values.ts";

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
  readonly logger: Logger;
  readonly title: string;
  readonly environment: string | null;
  readonly readOnly: boolean;
}
