import type { Bounded } from "./envelope.ts";

/** A queue in which something is ready, that is paused, or that somebody fetches from. */
export interface Queue {
  readonly queue: string;
  /** Ready jobs. */
  readonly ready: number;
  /** `ready` stands for that many or more: they were counted up to `countedTo`. */
  readonly readyIsBound: boolean;
  /** Since when the oldest ready job is ready; null when nothing is. */
  readonly oldestAt: number | null;
  readonly paused: { readonly at: number; readonly note: string } | null;
  /** Live servers that fetch from it, and their slots together (which they share with their other queues). */
  readonly consumers: readonly { readonly incarnation: string; readonly name: string }[];
  readonly slots: number;
  /** By how many a minute the ready jobs became fewer in the last minutes (negative: more), while somebody looked; null: not known yet. */
  readonly perMinute: number | null;
  /** Milliseconds until the ready ones are gone at that rate; null when it is not known, or they do not become fewer. */
  readonly drainMs: number | null;
}

/** All queues, by name. */
export interface Queues extends Bounded {
  readonly queues: readonly Queue[];
  readonly countedTo: number;
  /** More queues than are listed. */
  readonly cut: boolean;
}

/** Why a queue is paused. */
export interface PauseQueueBody {
  /** The reason, for others to read: at most 500 characters. */
  readonly note?: string;
}
