/** One action on jobs that were picked one by one: 1 to 1,000 ids. */
export interface BulkBody {
  readonly action: "requeue" | "delete" | "reschedule";
  readonly ids: readonly string[];
  /** For `reschedule`: one of both. */
  readonly at?: number;
  readonly in?: number;
}

/** What became of each of the jobs. */
export interface BulkResult {
  readonly applied: number;
  /** Those to which it was not applied: gone, changed meanwhile, or a filter decided otherwise. */
  readonly failed: readonly { readonly id: string; readonly note: string }[];
  /** The time of the request was over before these had their turn: send them again. */
  readonly left: readonly string[];
}
