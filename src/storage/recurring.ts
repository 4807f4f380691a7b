import type { NewJob } from "./insert.ts";

/** One recurring job as a storage keeps it. What its texts say is the caller's business. */
export interface RecurringRecord {
  /** The name that people gave it: 1 to 200 characters. */
  readonly id: string;
  /** Taken from the store's sequence at each accepted save: it rises, and never comes again, not even for a new record of the same id. */
  readonly version: number;
  /** When it is to be looked at next, in the store's time; null: not by itself. */
  readonly nextAt: number | null;
  readonly createdAt: number;
  /** What runs, and when: opaque text. */
  readonly definition: string;
  /** What became of it so far: opaque text. */
  readonly status: string;
}

/** What a save makes of a record. */
export type RecurringState = Pick<RecurringRecord, "nextAt" | "definition" | "status">;

/**
 * A compare-and-set of one recurring job, together with the jobs that it begins: of all servers that have seen the same
 * version one is accepted, so that a slot is fired once, by whoever comes first, whatever dies in between.
 */
export interface RecurringSave {
  readonly id: string;
  /** The version that was read; 0: no record of this id may be there. */
  readonly version: number;
  /** What it becomes; null removes it. */
  readonly state: RecurringState | null;
  /** Stored in the same write if the save is accepted; else not at all. None of them has a gate. */
  readonly jobs?: readonly NewJob[];
}

/** `stale`: the record has another version, or is not as the save supposes: nothing of this save was written. */
export type RecurringOutcome = "applied" | "stale";

export interface DueRecurring {
  /** Those whose time has come, the longest due first. */
  readonly due: readonly RecurringRecord[];
  /** The earliest of all, a due one included; null when there is none. */
  readonly nextAt: number | null;
  readonly now: number;
}

/** A page of recurring jobs in the order of their ids' bytes. */
export interface RecurringQuery {
  /** The last id of the page before. */
  readonly after?: string;
  readonly limit: number;
}
