import type { ActionResult, Bounded } from "./envelope.ts";
import type { JobFilter } from "./jobs.ts";

/**
 * What is done to each job. `requeue`: it is ready now (in another queue, if one is said). `reschedule`: it is ready later.
 * `move`: it waits in another queue; one that is Scheduled goes on waiting for its time.
 */
export type OperationKind = "requeue" | "delete" | "reschedule" | "move";

/**
 * `running`: a server works on it, or will as soon as one is there. `aborting`: it ends with the bite under way.
 * `done`, `aborted`, `failed`: it is over.
 */
export type OperationState = "running" | "aborting" | "done" | "aborted" | "failed";

/** One operation. */
export interface OperationRow {
  readonly id: string;
  readonly kind: OperationKind;
  readonly state: OperationState;
  /** Without `view-data` it has no texts of arguments, errors and tags. */
  readonly filter: JobFilter;
  /** Where the jobs go; null: each keeps its queue. */
  readonly queue?: string | null;
  /** For when they are rescheduled: an instant, or milliseconds from the moment in which each has its turn. */
  readonly due?: { readonly at: number } | { readonly in: number } | null;
  /** Who began it; null where nobody has a name. */
  readonly by: string | null;
  readonly createdAt: number;
  /** When it was last written: by the server that works on it, about once a second. */
  readonly updatedAt: number;
  readonly endedAt: number | null;
  /** What a count found when it was begun: `matchesIsBound`: that many or more. Null when nobody counted. */
  readonly matches: number | null;
  readonly matchesIsBound: boolean;
  /** Jobs found, jobs changed, jobs left as they were (changed meanwhile, or a filter decided otherwise). */
  readonly scanned: number;
  readonly applied: number;
  readonly skipped: number;
  /** Jobs a second at most; null: as fast as it goes. */
  readonly pace: number | null;
  /** The incarnation that works on it; null when none does. */
  readonly worker: string | null;
  /** Why it failed, or what went wrong last; null otherwise. */
  readonly error: string | null;
}

/** A page of operations. */
export interface Operations extends Bounded {
  /** Newest first. */
  readonly rows: readonly OperationRow[];
  readonly next: string | null;
}

/** Begins an operation, or counts what it would do. */
export interface OperationBody {
  readonly kind: OperationKind;
  /**
   * Jobs that were in this state, and matched, when the operation came to them. Only those that entered the state before
   * the operation was begun.
   */
  readonly filter: JobFilter;
  /** For `move`, and for `requeue` if each is not to keep its own. */
  readonly queue?: string;
  /** For `reschedule`: one of both, as for one job. */
  readonly at?: number;
  readonly in?: number;
  /** 1 to 100,000; left out: as fast as it goes in paced bites. */
  readonly pace?: number;
  /** Nothing is begun: only counted, up to a bound; `queue`, `at` and `in` may be left out. */
  readonly dryRun?: boolean;
}

/** What an operation would do, as far as the time of a request was enough to count. */
export interface DryRun extends Bounded {
  readonly matches: number;
  /** That many or more: the count has ended at its bound. */
  readonly matchesIsBound: boolean;
  readonly scanned: number;
  /** The commonest names among them, at most 20. */
  readonly byName: readonly { readonly name: string; readonly count: number }[];
}

/** A dry run, or the operation that was begun. */
export type OperationAnswer =
  | { readonly dryRun: DryRun; readonly operation: null }
  | { readonly dryRun: null; readonly operation: OperationRow };

/** `applied` is false for an operation that was over already. */
export type AbortResult = ActionResult;
