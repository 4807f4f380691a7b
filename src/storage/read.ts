import type { Hold, JobRecord, JobState, RestState } from "./job-record.ts";

export interface ListQuery {
  readonly state: JobState;
  /** Rows at most, up to 1,000. */
  readonly limit: number;
  /** `next` of the page before; left out for the first. */
  readonly after?: string;
  /** Only jobs of which all of this is so. */
  readonly where?: JobWhere;
  /** With `where`: rows looked at, at most and by default `MAX_SCAN`. A page that ends there is short, and not the last. */
  readonly scan?: number;
  /** For people, who see the beginnings of texts: rows without the rest of them. Left out: whole rows. */
  readonly cut?: RowCut;
}

/**
 * How much of its long texts a row carries: `args` and `entry` from their beginning, `history` from its end and only of
 * Enqueued, whose entry closes it; `parameters` is null. A text that has fewer characters than these is whole. One that
 * has as many or more may be cut anywhere behind them, up to four times as many.
 */
export interface RowCut {
  /** Characters of the arguments; 0: none. */
  readonly args: number;
  /** Characters of the entry, and of the history; at least 1. */
  readonly entry: number;
}

/** Conditions of a search. Texts are at most `WHERE_CHARS` long. */
export interface JobWhere {
  readonly name?: string;
  readonly queue?: string;
  readonly tag?: string;
  /** The state was entered at or after `since`, and before `before`. */
  readonly since?: number;
  readonly before?: number;
  /** What holds the job; null: it is held by nothing. The list of Enqueued begins with the first such job. */
  readonly hold?: Hold | null;
  /** A part of the text of the arguments. ASCII letters match whatever their case; other characters as they are. */
  readonly args?: string;
  /** A part of the entry of the current state (its reason, error or result), likewise. */
  readonly entry?: string;
}

export const MAX_SCAN = 10_000;
export const WHERE_CHARS = 200;

/** What may hold a job of a state: a search for anything else finds nothing, without a look. */
export function mayHold(state: JobState, hold: Hold | null): boolean {
  if (state === "Enqueued") return hold !== "due" && hold !== "gate";
  if (state === "Scheduled") return hold === "due";
  return state === "Awaiting" ? hold === "gate" : hold === null;
}

/** One page, in the order that `README.md` gives for the state, by keyset: never an offset, never a count. */
export interface Page {
  readonly rows: readonly JobRecord[];
  /** For each row the `after` with which a page begins right behind it. */
  readonly places: readonly string[];
  /** Where the next page starts; null when this was the last. */
  readonly next: string | null;
}

/** How many jobs are in each state. */
export type StateCounts = Readonly<Record<JobState, number>>;

/** What `watch` tells of a job: it is at rest, or it is gone. */
export interface EndedJob {
  readonly id: string;
  /** Null when there is no such job. */
  readonly state: RestState | null;
  /** Tail of that state: it holds the result, or the error. Empty when the job is gone. */
  readonly entry: string;
}

/** A parent of a gated job, in the order in which the job was given them. */
export interface ParentRecord {
  readonly id: string;
  /** Null when the parent is gone. */
  readonly state: JobState | null;
  /** Tail of the parent's current state: it holds the result. */
  readonly entry: string;
}
