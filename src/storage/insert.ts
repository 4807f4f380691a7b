/** When a held job becomes due: a delay the store adds to its own now, or an instant (only `schedule` sends one). */
export type Due = { readonly in: number } | { readonly at: number };

/** More would make one write too large; callers join in steps instead. */
export const MAX_PARENTS = 1_000;
/** Rows are read and written as a whole: what filters and people attach to a job stays small beside its arguments. */
export const PARAMETER_CHARS = 20_000;
export const MAX_TAGS = 20;
export const TAG_CHARS = 100;

/** What a job waits for before it is ready. */
export interface NewGate {
  /** Ids of the parents, 1 to `MAX_PARENTS`, in the order in which the job sees their results. Repeats count once. */
  readonly parents: readonly string[];
  readonly condition: GateCondition;
}

/**
 * What opens a gate. A parent that ends otherwise breaks it, at once.
 *
 * - `succeeded`: every parent has succeeded.
 * - `deleted`: every parent was deleted.
 * - `ended`: every parent has succeeded or was deleted; nothing breaks it.
 */
export type GateCondition = "succeeded" | "deleted" | "ended";

export const GATE_CONDITIONS: readonly GateCondition[] = ["succeeded", "deleted", "ended"];

/** How many jobs of one key may be on their way at a time. */
export interface JobLimit {
  /** 1 to 200 characters. Jobs of one key share its permits, whatever their names and queues are. */
  readonly key: string;
  /** Permits of the key, as this job sees it: 1 to 32,767. It is not admitted past those who wait already. */
  readonly max: number;
  /** What becomes of the job when no permit is free at the moment in which it would be ready. */
  readonly whenFull: "wait" | "skip";
}

/**
 * One job to store. It is ready at once unless `due` or `gate` holds it; at most one of them is given. What later
 * attaches to a job (unique key, group, limits, batch) joins this object: the verb keeps its shape.
 */
export interface NewJob {
  readonly id: string;
  /**
   * The id was made for this very call, so no job of it is there and nobody else stores one: a storage need not look for
   * it. Default: it may be there.
   */
  readonly isNew?: boolean;
  readonly queue: string;
  readonly rank: number;
  readonly name: string;
  readonly args: string;
  readonly displayName: string | null;
  /** Tail of the first state: Enqueued, Scheduled when `due` is given, Awaiting when `gate` is. */
  readonly entry: string;
  readonly due?: Due;
  readonly gate?: NewGate;
  /** Left out: nothing limits it. */
  readonly limit?: JobLimit;
  /** JSON text of an object: what filters keep with the job. At most `PARAMETER_CHARS`. */
  readonly parameters?: string;
  /** At most `MAX_TAGS` distinct texts of at most `TAG_CHARS`, in the order in which they are to be shown. */
  readonly tags?: readonly string[];
  /** The time that the job is for, where that is not its `due`: a slot of a schedule. It holds nothing and moves nothing. */
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
