/** How long the counters of an hour are kept, at least. */
export const STATISTICS_MS = 400 * 24 * 3_600_000;

/** Instants of the store's clock in Unix milliseconds: the hours that begin at or after `from` and before `to`. */
export interface StatisticsRange {
  readonly from: number;
  readonly to: number;
}

/** What happened in one hour. Counts say how often it happened and never fall: a job that ran twice counts twice. */
export interface StatisticsHour {
  /** When the hour began, in Unix milliseconds. */
  readonly at: number;
  /** Jobs that entered Succeeded. */
  readonly succeeded: number;
  /** Jobs that entered Failed, quarantined ones included: runs that were tried again are not among them. */
  readonly failed: number;
  /** Jobs that entered Deleted, whoever deleted them. */
  readonly deleted: number;
  /** Runs that failed and were replaced by another state than Failed. */
  readonly retried: number;
}
