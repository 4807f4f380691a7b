/** Tests of code that enqueues jobs, and of the jobs themselves: without servers, databases and waiting. */
export { EndlessJobsError, type FailureHandling, type RunSummary } from "./course.ts";
export type {
  EnqueuedJob,
  JobSelection,
  JobSelector,
  SelectedArguments,
  SelectedResult,
} from "./enqueued-job.ts";
export type { EnqueuedExpectation, EnqueuedWhere } from "./expectation.ts";
export type { PerformedRun, RunEnd } from "./performed-run.ts";
export { type RanAsJob, type RunAsJobOptions, runAsJob } from "./run-as-job.ts";
export { JobNotDoneError, JobNotReadyError } from "./run-errors.ts";
export { TestJobs } from "./test-jobs.ts";
export type { AdvanceOptions, DrainOptions, TestJobsOptions, TestSettings } from "./test-options.ts";
export { TimeReversedError } from "./virtual-clock.ts";
