/** Ready jobs of a queue are counted up to here: what a count costs must not grow with what is counted. */
export const READY_COUNTED = 10_000;
/** Queues that one answer lists, at most. */
export const MAX_QUEUES = 1_000;
export const NOTE_CHARS = 500;

/** A queue in which something is ready, or that is paused. */
export interface QueueRecord {
  readonly queue: string;
  /** Ready jobs; `READY_COUNTED` stands for that many or more. */
  readonly ready: number;
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
