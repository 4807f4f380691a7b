/** How many jobs of each kind a seeded store holds. */
export interface Amounts {
  /** Enqueued, and free to run. */
  readonly ready: number;
  /** Succeeded, with their whole history. */
  readonly finished: number;
  /** Failed, of a few names and with errors of forty kinds, the newest of all. */
  readonly failed: number;
  /** Not due for a day or two. */
  readonly scheduled: number;
}
