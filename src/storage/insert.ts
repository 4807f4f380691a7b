/** When a held job becomes due: a delay the store adds to its own now, or an instant (only `schedule` sends one). */
export type Due = { readonly in: number } | { readonly at: number };

/** More would make one write too large; callers join in steps instead. */
export const MAX_PARENTS = 1_000;

/** What a job waits for before it is ready. */
export interface NewGate {
  /** Ids of the parents, 1 to `MAX_PARENTS`, in the order in which the job sees their results. Repeats count once. */
  readonly parents: readonly string[];
  /** The gate opens when every parent has succeeded; the first Deleted parent breaks it. */
  readonly condition: "succeeded";
}

/**
 * One job to store. It is ready at once unless `due` or `gate` holds it; at most one of them is given. What later
 * attaches to a job (unique key, group, limits, batch) joins this object: the verb keeps its shape.
 */
export interface NewJob {
  readonly id: string;
  readonly queue: string;
  readonly rank: number;
  readonly name: string;
  readonly args: string;
  readonly displayName: string | null;
  /** Tail of the first state: Enqueued, Scheduled when `due` is given, Awaiting when `gate` is. */
  readonly entry: string;
  readonly due?: Due;
  readonly gate?: NewGate;
  /** The time that the job is for, where that is not its `due`: a slot of a schedule. It holds nothing. */
  readonly plannedAt?: number;
}

/**
 * - `inserted`: stored.
 * - `exists`: a job of this id is there, in whatever state: nothing was written. An enqueue of unknown outcome that is
 *   sent again gives one job.
 * - `parent-not-found`: a parent is gone: nothing of this job was written.
 */
export type InsertOutcome =
  | { readonly outcome: "inserted" | "exists" }
  | { readonly outcome: "parent-not-found"; readonly parent: string };
