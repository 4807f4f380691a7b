import type { Hold, JobState } from "../../storage/job-record.ts";
import type { Bounded } from "./envelope.ts";
import type { ShownJson } from "./shown.ts";

/** Conditions of a search; a job matches when all of them hold. Texts have at most 200 characters. */
export interface JobFilter {
  readonly state: JobState;
  readonly name?: string;
  readonly queue?: string;
  readonly tag?: string;
  /** What holds it: `unknown`, no server knows its name; `limit`, it waits for a permit; `none`, it may run now. */
  readonly hold?: Hold | "none";
  /** A part of the text of the arguments. Needs `view-data`, as `path` and `error` do. */
  readonly args?: string;
  /** With `args`: the value at this path of the arguments has this text: `0.user.id`. */
  readonly path?: string;
  /** A part of the entry of the state: reason, error or result. */
  readonly error?: string;
  /** The state was entered at or after. */
  readonly since?: number;
  /** The state was entered before. */
  readonly before?: number;
}

/** A search for jobs, and which page of it. */
export interface JobsQuery extends Omit<JobFilter, "state"> {
  /** Left out: jobs of all states. */
  readonly state?: JobState;
  /** 1 to 200, default 50. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
  /** `args`: rows carry their arguments, cut to 500 characters. Needs `view-data`. */
  readonly with?: "args";
}

/** One job in a list. */
export interface JobRow {
  readonly id: string;
  readonly name: string;
  readonly displayName: string | null;
  readonly queue: string;
  readonly priority: number;
  readonly state: JobState;
  readonly stateAt: number;
  /** Why it may not run now; null otherwise. `unknown`: no server knows its name. */
  readonly hold: Hold | null;
  readonly createdAt: number;
  readonly dueAt: number | null;
  /** The number of the current run, or of the next one. */
  readonly attempt: number;
  readonly crashes: number;
  readonly tags: readonly string[];
  /** The incarnation that runs it; null outside Processing. */
  readonly owner: string | null;
  /** Why the state was entered; null when nothing is said. Without `view-data` nothing that a run has said. */
  readonly reason: string | null;
  /** Class and message of the error of Failed, in one line; null otherwise. */
  readonly error: string | null;
  /** Milliseconds of the last run; null when unknown. */
  readonly durationMs: number | null;
  /** Milliseconds between creation and start; null when unknown. */
  readonly latencyMs: number | null;
  /** Only when asked for. Of long ones `value` is null, and `text` their beginning, or empty where something may be hidden. */
  readonly args?: { readonly value: ShownJson; readonly text: string; readonly cut: boolean };
}

/**
 * In the order of the state: Enqueued as it will be fetched, Scheduled by due time, Processing the longest first, the
 * others newest first. Of all states: these lists merged by when the first job of each entered its state, the newest
 * first. What has ended, or waits for others, is therefore in the order of its time, and what is to be fetched stands
 * together where the next one of it does.
 */
export interface JobsPage extends Bounded {
  readonly rows: readonly JobRow[];
  /** Where to go on; null at the end. With `incomplete` set the page is short and there may be more: "search on". */
  readonly next: string | null;
  /** The jobs of this state, or of all, without the filter, from the counters. */
  readonly total: number;
}

/** `GET jobs/find?id=`: which job, or recurring job, an id or the beginning of one means. */
export interface FoundJobs extends Bounded {
  readonly rows: readonly JobRow[];
}
