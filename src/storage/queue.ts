/** Where ready jobs have to be counted, they are up to here: what a count costs must not grow with what is counted. */
export const READY_COUNTED = 1_000;
/** Queues that one answer lists, at most. */
export const MAX_QUEUES = 1_000;
export const NOTE_CHARS = 500;

/** A queue in which something is ready, or that is paused. */
export interface QueueRecord {
  readonly queue: string;
  /** Ready jobs. */
  readonly ready: number;
  /** There may be more: so many were counted, and no further ones. */
  readonly isBound: boolean;
  /** When the first job of a priority became ready, the earliest of all priorities; null when nothing is ready. */
  readonly oldestAt: number | null;
  readonly paused: QueuePause | null;
}

/** Nothing is claimed from the queue; whatever else may happen to its jobs happens. */
export interface QueuePause {
  readonly at: number;
  /** What people wrote down as the reason. */
  readonly note: string;
}
