import type { AuditPage, AuditQuery } from "./audit.ts";
import type { BulkBody, BulkResult } from "./bulk.ts";
import type { ActionResult } from "./envelope.ts";
import type { ErrorGroups } from "./error-groups.ts";
import type {
  Job,
  JobChildren,
  JobLogs,
  JobLogsQuery,
  ReplayBody,
  ReplayResult,
  RescheduleBody,
} from "./job.ts";
import type { FoundJobs, JobsPage, JobsQuery } from "./jobs.ts";
import type { Meta } from "./meta.ts";
import type { AbortResult, OperationAnswer, OperationBody, OperationRow, Operations } from "./operations.ts";
import type { Overview, Snapshot } from "./overview.ts";
import type { PauseQueueBody, Queues } from "./queues.ts";
import type {
  RecurringDetails,
  RecurringEditBody,
  RecurringPage,
  RecurringPreview,
  RecurringPreviewBody,
  RecurringQuery,
  TriggerResult,
} from "./recurring.ts";
import type { Servers } from "./servers.ts";
import type { WholeText } from "./shown.ts";
import type { Statistics, StatisticsQuery } from "./statistics.ts";
import type { SavedView, SavedViews, SaveViewBody } from "./views.ts";

/** One route: what it is asked with, and what it answers. A body is JSON, and needs `content-type: application/json`. */
export interface Route<Answer, Query = Record<never, never>, Body = never> {
  readonly query: Query;
  readonly body: Body;
  readonly answer: Answer;
}

type NoBody = Record<never, never>;

/**
 * All routes below `<basePath>/api/`. Segments with a colon are parameters, percent-encoded. Every POST takes a JSON object,
 * `{}` where there is nothing to say. `GET events` is in `events.ts`.
 *
 * Status codes: 200; 400 a parameter or body that is refused; 401, 403 no access, or the permission is missing, or another
 * origin; 404 no such thing; 405; 409 it has changed meanwhile; 413, 415 the body; 503 the storage failed or is closed.
 * All with `ApiError` as their body.
 */
export interface Routes {
  readonly "GET meta": Route<Meta>;
  readonly "GET overview": Route<Overview>;
  readonly "GET snapshot": Route<Snapshot>;
  readonly "GET statistics": Route<Statistics, StatisticsQuery>;

  readonly "GET jobs": Route<JobsPage, JobsQuery>;
  readonly "GET jobs/find": Route<FoundJobs, { readonly id: string }>;
  readonly "GET jobs/:id": Route<Job>;
  readonly "GET jobs/:id/logs": Route<JobLogs, JobLogsQuery>;
  readonly "GET jobs/:id/children": Route<JobChildren, { readonly after?: string; readonly limit?: number }>;
  readonly "GET jobs/:id/arguments": Route<WholeText>;
  readonly "GET jobs/:id/result": Route<WholeText>;
  readonly "POST jobs/:id/requeue": Route<ActionResult, NoBody, NoBody>;
  readonly "POST jobs/:id/delete": Route<ActionResult, NoBody, NoBody>;
  readonly "POST jobs/:id/reschedule": Route<ActionResult, NoBody, RescheduleBody>;
  readonly "POST jobs/:id/replay": Route<ReplayResult, NoBody, ReplayBody>;
  readonly "POST jobs/bulk": Route<BulkResult, NoBody, BulkBody>;

  readonly "GET errors": Route<ErrorGroups>;

  readonly "GET recurring": Route<RecurringPage, RecurringQuery>;
  readonly "GET recurring/:id": Route<RecurringDetails>;
  readonly "POST recurring/preview": Route<RecurringPreview, NoBody, RecurringPreviewBody>;
  readonly "POST recurring/:id/trigger": Route<TriggerResult, NoBody, NoBody>;
  readonly "POST recurring/:id/pause": Route<ActionResult, NoBody, NoBody>;
  readonly "POST recurring/:id/resume": Route<ActionResult, NoBody, NoBody>;
  readonly "POST recurring/:id/remove": Route<ActionResult, NoBody, NoBody>;
  readonly "POST recurring/:id/edit": Route<ActionResult, NoBody, RecurringEditBody>;

  readonly "GET queues": Route<Queues>;
  readonly "POST queues/:queue/pause": Route<ActionResult, NoBody, PauseQueueBody>;
  readonly "POST queues/:queue/resume": Route<ActionResult, NoBody, NoBody>;

  readonly "GET servers": Route<Servers>;
  readonly "POST servers/:incarnation/quiet": Route<ActionResult, NoBody, NoBody>;
  readonly "POST servers/:incarnation/resume": Route<ActionResult, NoBody, NoBody>;
  readonly "POST servers/:incarnation/stop": Route<ActionResult, NoBody, NoBody>;

  readonly "GET operations": Route<Operations, { readonly after?: string; readonly limit?: number }>;
  readonly "GET operations/:id": Route<OperationRow>;
  readonly "POST operations": Route<OperationAnswer, NoBody, OperationBody>;
  readonly "POST operations/:id/abort": Route<AbortResult, NoBody, NoBody>;

  readonly "GET audit": Route<AuditPage, AuditQuery>;

  readonly "GET views": Route<SavedViews>;
  readonly "POST views": Route<SavedView, NoBody, SaveViewBody>;
  readonly "POST views/:id/remove": Route<ActionResult, NoBody, NoBody>;
}
