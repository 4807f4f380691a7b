export interface PromoteResult {
  /** Jobs that were due and are so no longer: they are ready, or a limit lets them wait or skips them. */
  readonly promoted: number;
  /** The earliest due time that is left, in the store's clock; null when nothing is scheduled. */
  readonly nextDueAt: number | null;
  /** The store's now: timers are set from the difference, never from a local clock. */
  readonly now: number;
}

export interface ReleaseResult {
  /** Waiters that this bite readied, or deleted because their gate is broken; those of permits included. */
  readonly released: number;
  readonly more: boolean;
}
