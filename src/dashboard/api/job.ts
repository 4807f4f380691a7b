import type { JobState } from "../../storage/job-record.ts";
import type { AuditEntry } from "./audit.ts";
import type { Bounded } from "./envelope.ts";
import type { JobRow } from "./jobs.ts";
import type { ShownJson, ShownValue } from "./shown.ts";

/** What is kept of a thrown value. */
export interface ShownError {
  readonly type: string;
  readonly message: string;
  readonly stack: string | null;
  readonly code: string | null;
  readonly properties: ShownJson;
  readonly cause: ShownError | null;
  /** What an AggregateError holds, the first five. */
  readonly errors: readonly ShownError[];
  /** Of the outermost error of Failed: which failures are the same. */
  readonly fingerprint: string | null;
}

/** One state that a job was in, or is in. */
export interface HistoryItem {
  readonly at: number;
  readonly state: JobState;
  readonly reason: string | null;
  /** The run that this state belongs to, where it can be told; null otherwise. */
  readonly attempt: number | null;
  /** Processing: the incarnation and the name of its server. */
  readonly server: { readonly incarnation: string | null; readonly name: string | null } | null;
  readonly durationMs: number | null;
  readonly latencyMs: number | null;
  readonly error: ShownError | null;
  readonly result: ShownValue | null;
  /** Why the result could not be stored; null otherwise. */
  readonly resultOmitted: string | null;
  /** Everything else that stands in the entry. */
  readonly data: { readonly [key: string]: ShownJson };
}

/** One line that a run has logged. */
export interface JobLogLine {
  readonly at: number;
  readonly attempt: number;
  readonly text: string;
  readonly data: ShownJson;
}

/** How far a run says that it is. */
export interface JobProgress {
  readonly at: number;
  readonly attempt: number;
  readonly value: number;
  readonly text: string | null;
}

/** Another job that this one waits for, or waited for. */
export interface RelatedJob {
  readonly id: string;
  /** Null when it is gone. */
  readonly state: JobState | null;
  readonly name: string | null;
  readonly displayName: string | null;
}

/** The jobs that wait for a job, or waited for it: `GET jobs/:id/children`, by their ids. */
export interface JobChildren extends Bounded {
  readonly rows: readonly RelatedJob[];
  /** Where to go on: `after`; null at the end. */
  readonly next: string | null;
}

/** Where else there is something about a job, as `jobLinks` of the dashboard says. */
export interface JobLink {
  readonly text: string;
  /** Begins with `http://`, `https://` or, for this host, with one `/`. */
  readonly url: string;
}

/** All of one job. Without `view-data`, what needs it is null or empty and `hidden` is true. */
export interface Job extends JobRow {
  readonly at: number;
  /** The version of the job: changes whenever the job does. */
  readonly fence: string;
  readonly failures: number;
  /** The time that the job is for, which no retry moves; null: when it was created. */
  readonly plannedAt: number | null;
  readonly limit: { readonly key: string; readonly max: number; readonly whenFull: "wait" | "skip" } | null;
  /** Arguments, and what else was held back, because `view-data` is missing. */
  readonly hidden: boolean;
  readonly arguments: ShownValue | null;
  readonly parameters: { readonly [key: string]: ShownJson };
  /** Oldest first, the current state last. */
  readonly history: readonly HistoryItem[];
  /** Older entries that are no longer kept. */
  readonly historyDropped: number;
  /** The last 200 lines; `GET jobs/:id/logs` has all that are kept. */
  readonly logs: readonly JobLogLine[];
  readonly logsCut: boolean;
  readonly progress: JobProgress | null;
  /** The jobs that this one waits for, at most 100. */
  readonly parents: readonly RelatedJob[];
  /** More parents than are listed. */
  readonly parentsCut: number;
  /** The recurring job that began it; null when none did. */
  readonly recurring: string | null;
  /** What people did to it through the dashboard, newest first, at most 20. */
  readonly audit: readonly AuditEntry[];
  /** The server that runs it, when it runs. */
  readonly server: {
    readonly incarnation: string;
    readonly name: string | null;
    readonly live: boolean;
  } | null;
  /** What `jobLinks` gives, at most ten. */
  readonly links: readonly JobLink[];
  /** What the job may be told now, and this viewer may tell it. */
  readonly actions: readonly ("requeue" | "delete" | "reschedule" | "replay")[];
}

/** Which lines are asked for. */
export interface JobLogsQuery {
  /** Only of this attempt. */
  readonly attempt?: number;
  /** Lines whose text has this part, whatever its case. */
  readonly search?: string;
  /** 1 to 1,000, default 200: the last ones. */
  readonly limit?: number;
  /** `next` of the answer before: lines before these. */
  readonly before?: string;
}

/** A page of the lines of a job. */
export interface JobLogs {
  readonly at: number;
  /** Oldest first. */
  readonly lines: readonly JobLogLine[];
  /** For the lines before; null when there are none. */
  readonly next: string | null;
}

/** When a job is to run. */
export interface RescheduleBody {
  /** One of both: an instant, or milliseconds from now. */
  readonly at?: number;
  readonly in?: number;
}

/** A copy of the job is stored; the job itself is left alone. */
export interface ReplayBody {
  /** In the forms of `ShownJson`; left out: as they are stored. Only where `arguments.editable`. */
  readonly arguments?: readonly ShownJson[];
  /** Default: the queue of the job. */
  readonly queue?: string;
}

/** What a replay has stored. */
export interface ReplayResult {
  /** Of the new job. */
  readonly id: string;
}
