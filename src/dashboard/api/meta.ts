/**
 * What a viewer may do. `view`: see that there are jobs, their names, states, queues and times. `view-data`: see and
 * search arguments, results, logs, errors' messages and parameters. The others are one action each; `operate` begins and
 * aborts operations over all jobs that match a filter, for which the permission of its kind is needed, too.
 */
export type Permission =
  | "view"
  | "view-data"
  | "requeue"
  | "delete"
  | "reschedule"
  | "replay"
  | "trigger-recurring"
  | "pause-recurring"
  | "edit-recurring"
  | "remove-recurring"
  | "pause-queue"
  | "command-server"
  | "operate"
  | "save-view";

/** What serves the dashboard, what it stands on, and what this viewer may do. */
export interface Meta {
  /** Of the package that serves this. */
  readonly version: string;
  readonly title: string;
  /** What the application calls this place, such as `production`; null when it says nothing. */
  readonly environment: string | null;
  readonly storage: {
    readonly name: string;
    readonly engine: string;
    readonly durability: { readonly level: "fsync" | "os" | "none"; readonly setting: string };
    readonly shared: boolean;
    readonly persistent: boolean;
  };
  /** The storage's clock, and this process's: the difference is their skew (and the way there). */
  readonly now: number;
  readonly appNow: number;
  readonly viewer: {
    /** Null where `authorize` gives no name. */
    readonly name: string | null;
    readonly permissions: readonly Permission[];
  };
  readonly readOnly: boolean;
  /**
   * Whether the application's jobs were given. Else what is requeued, deleted, rescheduled and replayed here goes past none
   * of their filters, and what is replayed past none of their schemas.
   */
  readonly knowsJobs: boolean;
  /** Whether `GET events` streams; else, and whenever the stream breaks, poll `GET snapshot` about once in `pollMs`. */
  readonly live: { readonly transport: "sse" | "poll"; readonly pollMs: number };
  readonly limits: {
    /** Ids of one bulk request. */
    readonly bulk: number;
    /** Rows of one page of jobs. */
    readonly page: number;
    /** Bytes of one request's body. */
    readonly body: number;
    /** Rows that one search looks at before it answers. */
    readonly scan: number;
  };
}
