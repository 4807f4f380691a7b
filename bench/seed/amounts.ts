/** How many jobs of each kind a seeded store holds. */
export interface Amounts {
  /** Enqueued, and free to run. */
  readonly ready: number;
  /** Succeeded, with their whole history. */
  readonly finished: number;
  /** Not due for a day or two. */
  readonly scheduled: number;
}
