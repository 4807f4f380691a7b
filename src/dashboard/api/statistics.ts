import type { Bounded } from "./envelope.ts";

/** What happened in one hour, or day. Counts say how often it happened. */
export interface StatisticsPoint {
  /** When the hour or day began. */
  readonly at: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly deleted: number;
  /** Runs that failed and were tried again. */
  readonly retried: number;
}

/** Which part of the statistics is asked for. */
export interface StatisticsQuery {
  /** Default `hour`. */
  readonly by?: "hour" | "day";
  /** Default: 24 hours, or 30 days, ago. */
  readonly from?: number;
  /** Default: now. At most 400 days after `from`, and 62 days for hours. */
  readonly to?: number;
  /** In which days begin; an IANA name, default `UTC`. */
  readonly timeZone?: string;
}

/** What happened hour by hour, or day by day. */
export interface Statistics extends Bounded {
  readonly by: "hour" | "day";
  readonly from: number;
  readonly to: number;
  /** Oldest first; points in which nothing happened are left out. */
  readonly points: readonly StatisticsPoint[];
}
