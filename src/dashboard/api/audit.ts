import type { Bounded } from "./envelope.ts";
import type { ShownJson } from "./shown.ts";

/** What somebody did through the dashboard. */
export interface AuditEntry {
  readonly id: string;
  readonly at: number;
  /** Null where nobody has a name. */
  readonly by: string | null;
  /** `job.requeue`, `job.delete`, `job.reschedule`, `job.replay`, `jobs.bulk-…`, `recurring.…`, `queue.pause`, `server.stop`, `operation.begin`, … */
  readonly action: string;
  /** On what: a job's id, a recurring id, a queue, an incarnation, an operation's id; empty for many. */
  readonly subject: string;
  /** `begun`: nobody has written down how it ended (it is under way, or the process died in it). `refused`: not applied. */
  readonly outcome: "begun" | "applied" | "refused" | "failed";
  /** What else is to be known: counts, a filter, a note. */
  readonly details: { readonly [key: string]: ShownJson };
}

/** Which entries are listed; all conditions must hold. */
export interface AuditQuery {
  readonly by?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly after?: string;
  /** 1 to 200, default 50. */
  readonly limit?: number;
}

/** A page of the audit trail. */
export interface AuditPage extends Bounded {
  /** Newest first. */
  readonly rows: readonly AuditEntry[];
  readonly next: string | null;
}
