import type { JobState } from "../../storage/job-record.ts";
import type { AuditEntry } from "./audit.ts";
import type { Bounded } from "./envelope.ts";
import type { JobRow } from "./jobs.ts";
import type { ShownValue } from "./shown.ts";

/** What becomes of slots that no server could fire in time. */
export type Misfire = "relaxed" | "strict" | "ignorable";

/** `disabled`: it failed five times in a row. `unreadable`: this version cannot read what is stored. */
export type RecurringState = "active" | "paused" | "disabled" | "unreadable";

/** One recurring job in a list. */
export interface RecurringRow {
  readonly id: string;
  readonly name: string;
  readonly displayName: string | null;
  readonly queue: string;
  readonly priority: number;
  /** As it was written. */
  readonly cron: string;
  readonly timeZone: string;
  readonly misfire: Misfire;
  readonly state: RecurringState;
  /** Null when paused, disabled, or when the expression never matches again. */
  readonly nextAt: number | null;
  readonly lastAt: number | null;
  readonly lastJobId: string | null;
  /** Where its last job is now; null when there is none or it is gone. */
  readonly lastJobState: JobState | null;
  /** Why its last slot could not be fired; null when it could. */
  readonly error: { readonly message: string; readonly at: number; readonly failures: number } | null;
  readonly createdAt: number;
  /** The set of `sync` that it belongs to: what is edited here is undone by the next `sync`. Null: by itself. */
  readonly set: string | null;
}

/** Which recurring jobs are listed. */
export interface RecurringQuery {
  /** A part of id, name or display name, whatever its case. */
  readonly search?: string;
  readonly state?: RecurringState;
  /** The last id of the page before. */
  readonly after?: string;
  /** 1 to 200, default 100. */
  readonly limit?: number;
}

/** A page of recurring jobs, ordered by id. */
export interface RecurringPage extends Bounded {
  readonly rows: readonly RecurringRow[];
  readonly next: string | null;
}

/** One of the next runs. */
export interface NextRun {
  readonly at: number;
  /** The wall clock of its zone, `2026-03-29T03:30:00`. */
  readonly local: string;
  /** Its offset from UTC in minutes. */
  readonly offset: number;
  /**
   * The clock of its zone was set between the run before (or now) and this one, by so many minutes: 60: an hour forward.
   * 0: it was not.
   */
  readonly jump: number;
}

/** All of one recurring job. */
export interface RecurringDetails extends RecurringRow {
  readonly at: number;
  /** Changes whenever the record does; an edit must name the one it was made from. */
  readonly version: string;
  readonly arguments: ShownValue | null;
  readonly tags: readonly string[];
  /** The next ten, whether it is paused or not; empty when there are none. */
  readonly nextRuns: readonly NextRun[];
  /** Its last runs, newest first, as far as they were found: at most 30 among the newest jobs of its name. */
  readonly lastRuns: readonly JobRow[];
  readonly audit: readonly AuditEntry[];
}

/** What of a recurring job is to be otherwise; its call stays. */
export interface RecurringEditBody {
  /** `version` of the details that were edited: an edit of something that has changed meanwhile is refused (409). */
  readonly version: string;
  readonly cron?: string;
  readonly timeZone?: string;
  readonly misfire?: Misfire;
  readonly queue?: string;
  readonly priority?: number;
}

/** An expression whose next runs are asked for. */
export interface RecurringPreviewBody {
  readonly cron: string;
  readonly timeZone: string;
  /** 1 to 50, default 10. */
  readonly count?: number;
}

/** An expression that cannot be read is no failure of the request: it is being typed. */
export interface RecurringPreview {
  readonly nextRuns: readonly NextRun[];
  readonly error: string | null;
}

/** The job that a trigger has begun. */
export interface TriggerResult {
  readonly jobId: string;
}
