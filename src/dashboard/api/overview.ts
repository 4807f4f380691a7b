import type { StateCounts } from "../../storage/read.ts";
import type { Bounded } from "./envelope.ts";
import type { OperationRow } from "./operations.ts";
import type { RecurringRow } from "./recurring.ts";
import type { StatisticsPoint } from "./statistics.ts";

/** What can need a person. */
export type AttentionKind =
  /** Jobs are ready in a queue from which no live server fetches. */
  | "queue-without-consumer"
  /** The oldest ready job of a queue has waited longer than its target. */
  | "queue-slow"
  | "queue-paused"
  /** No live server at all, and something is to be done. */
  | "no-server"
  /** A server has not renewed its lease. */
  | "server-silent"
  /** Jobs of a name that no server knows. */
  | "waiting-for-code"
  | "recurring-failing"
  | "recurring-disabled"
  | "recurring-unreadable"
  /** The clocks of the storage and of this process differ by more than a few seconds. */
  | "clock-skew"
  /** The storage took long to answer. */
  | "storage-slow"
  /** An operation has stopped before its end. */
  | "operation-failed";

/** One thing that needs a person. */
export interface Attention {
  readonly kind: AttentionKind;
  readonly severity: "error" | "warning" | "info";
  /** Of what: a queue, an incarnation, a job name, an id. */
  readonly subject: string;
  /** Since when; null when nobody knows. */
  readonly since: number | null;
  /** One sentence, to be shown as it is. */
  readonly text: string;
  /** Where to see more, relative to the base path: `queues`, `jobs?state=Enqueued&queue=slow`. */
  readonly link: string;
}

/** What all viewers share, made anew at most once a second: the body of `GET snapshot`, and of each `snapshot` event. */
export interface Snapshot {
  readonly at: number;
  readonly counts: StateCounts;
  /** Ready jobs over all queues, as far as they are counted. */
  readonly ready: number;
  readonly liveServers: number;
  /** Slots of live servers, and jobs Processing now. */
  readonly slots: number;
  readonly busy: number;
  /** Differences of the counters over the last minute, newest last, about one point a second while anybody looks. */
  readonly minute: readonly MinutePoint[];
  /** The number of attention items by severity. */
  readonly attention: { readonly error: number; readonly warning: number; readonly info: number };
  /** Operations that are running. */
  readonly operations: number;
  /** Milliseconds that the storage took for this. */
  readonly tookMs: number;
}

/** What happened since the point before. */
export interface MinutePoint {
  readonly at: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly deleted: number;
  readonly retried: number;
  /** Enqueued (ready, parked and waiting for a permit) at this moment. */
  readonly enqueued: number;
}

/** The first page: the whole at one moment, the last day, and what needs a person. */
export interface Overview extends Bounded {
  readonly snapshot: Snapshot;
  /** The last 24 hours, the current one included. */
  readonly hours: readonly StatisticsPoint[];
  /** The same 24 hours a week ago: for comparison. */
  readonly hoursWeekBefore: readonly StatisticsPoint[];
  /** The most severe first. */
  readonly attention: readonly Attention[];
  /** The next five recurring jobs. */
  readonly upcoming: readonly RecurringRow[];
  /** The last five operations. */
  readonly operations: readonly OperationRow[];
  /** Nothing was ever stored here and no server was seen: show the first steps. */
  readonly isEmpty: boolean;
}
