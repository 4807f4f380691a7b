/** Background jobs for TypeScript: the public names. */
export type { Duration, DurationParts } from "./base/duration.ts";
export { InvalidDurationError } from "./base/duration.ts";
export { FirelaterError } from "./base/error.ts";
export type { Logger } from "./base/logger.ts";
export type { Call, CallItem, Continuation, JoinContinuation, ManyCalls, Parents } from "./client/call.ts";
export { ClientClosedError } from "./client/calls-under-way.ts";
export { AsyncCallError, ManyCallsError, NoCallError, UnknownJobError } from "./client/capture.ts";
export { InvalidIdError } from "./client/check-id.ts";
export type { ClientEvents, ClientJobEvent, MovedJobEvent } from "./client/client-events.ts";
export type {
  CallOptions,
  ContinuationOptions,
  EnqueueOptions,
  SharedOptions,
} from "./client/enqueue-options.ts";
export { type Instant, InvalidInstantError } from "./client/instant.ts";
export type { HistoryEntry, JobDetails } from "./client/job-details.ts";
export type { StatisticsEntry, StatisticsOptions } from "./client/job-statistics.ts";
export { InvalidParentsError, ParentNotFoundError } from "./client/parents.ts";
export { type ReplayOptions, ReplayRefusedError } from "./client/replay.ts";
export {
  JobDeletedError,
  JobFailedError,
  JobNotFoundError,
  ResultTimeoutError,
} from "./client/result-errors.ts";
export type { ResultOptions } from "./client/waiter.ts";
export {
  BackgroundJobClient,
  type BackgroundJobClientOptions,
  BackgroundJobServer,
  NotConfiguredError,
  RecurringJobManager,
  type RecurringJobManagerOptions,
} from "./compose.ts";
export { EnqueueCancelledError } from "./filters/create-filtered.ts";
export { InvalidArgumentsError } from "./job/check-arguments.ts";
export { PayloadTooLargeError, UnstorableValueError } from "./job/codec/unstorable.ts";
export { PayloadCorruptError } from "./job/codec.ts";
export type { JobCall, JobId } from "./job/job-call.ts";
export type {
  ClientExceptionContext,
  CreatedContext,
  CreatingBatch,
  CreatingContext,
  ElectedState,
  FilteredJob,
  JobFilter,
  JobParameters,
  PerformContext,
  PerformedContext,
  PerformingContext,
  ServerExceptionContext,
  StateAppliedContext,
  StateElectionContext,
  StateView,
} from "./job/job-filter.ts";
export type { ConcurrencyOptions, JobOptions, JobSetOptions, RetryOptions } from "./job/job-options.ts";
export { defineJobs, type JobSet } from "./job/job-set.ts";
export { InvalidOptionsError, InvalidPriorityError, InvalidQueueError } from "./job/options.ts";
export { InvalidParameterError } from "./job/parameter-bag.ts";
export {
  type JobPlaceholders,
  type ParentError,
  type ParentPlaceholder,
  PlaceholderReadError,
} from "./job/placeholder.ts";
export type { Recorder } from "./job/recorded-calls.ts";
export { CallOutsideCaptureError } from "./job/recording.ts";
export type { JobTransaction, Register, RegisteredJobs, RegisteredTx } from "./job/register.ts";
export { InvalidJobsError } from "./job/registry.ts";
export { ResultNotStoredError } from "./job/stored-result.ts";
export type { Addition } from "./recurring/changes.ts";
export { InvalidCronError } from "./recurring/cron/invalid-cron-error.ts";
export { Cron, type CronHelpers, type CronWeekday } from "./recurring/cron.ts";
export {
  type CronBetweenOptions,
  CronExpression,
  type CronNextOptions,
} from "./recurring/cron-expression.ts";
export type { RecurringEdit } from "./recurring/edit.ts";
export type {
  RecurringDefinition,
  RecurringListOptions,
  RecurringSyncOptions,
  SyncResult,
} from "./recurring/manager.ts";
export type { Misfire } from "./recurring/plan-slots.ts";
export type { RecurringJobDetails } from "./recurring/recurring-details.ts";
export { InvalidRecurringIdError, type RecurringOptions } from "./recurring/recurring-options.ts";
export { RecurringBusyError } from "./recurring/recurring-records.ts";
export { RecurringUnreadableError } from "./recurring/schedule.ts";
export { UnknownTimeZoneError } from "./recurring/zone/unknown-time-zone-error.ts";
export { type Activate, ActivateNeededError, ActivationError } from "./server/perform/activator.ts";
export {
  ClaimLostError,
  JobCancelledError,
  JobTimeoutError,
  ServerStoppingError,
} from "./server/perform/interruption.ts";
export {
  CompletionUnavailableError,
  currentJob,
  type JobContext,
  NoCurrentJobError,
  tryCurrentJob,
} from "./server/perform/job-context.ts";
export { ParentResultError } from "./server/perform/parent-results.ts";
export { InvalidProgressError } from "./server/perform/run-log.ts";
export type { JobEvent, ServerEvents } from "./server/server-events.ts";
export type {
  RetentionOptions,
  RetentionRule,
  ServerOptions,
  ServerSettings,
  ThreadedServerOptions,
} from "./server/server-options.ts";
export { IllegalTransitionError } from "./states/transitions.ts";
export { BackgroundJob, type StaticBackgroundJob } from "./static/background-job.ts";
export { type ConfigureOptions, configure } from "./static/configure.ts";
export { RecurringJob, type StaticRecurringJob } from "./static/recurring-job.ts";
export type {
  Durability,
  GateCondition,
  Hold,
  JobState,
  StateCounts,
  StatisticsHour,
  StatisticsRange,
  Storage,
  StorageManifest,
} from "./storage/index.ts";
export {
  InvalidTransactionError,
  LeaseLostError,
  SchemaTooNewError,
  SchemaTooOldError,
  StorageBusyError,
  StorageClosedError,
  StorageFailedError,
  StorageRefusedError,
  StoreMissingError,
} from "./storage/index.ts";
