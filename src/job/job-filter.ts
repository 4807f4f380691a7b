import type { Duration } from "../base/duration.ts";
import type { JobState } from "../storage/index.ts";

type Awaitable<T> = T | Promise<T>;

/**
 * Looks at jobs on their way and may change it: an ordinary object with one or more of these functions. It stands in the
 * `filters` of a client, a server, a group of jobs or one job. Filters with a lower `order` come first, then those of
 * the client or server, of all jobs, of the group, of the job itself.
 *
 * Functions that come in pairs nest: the filter whose `onPerforming` comes first has its `onPerformed` last. What a
 * filter throws never loses a job: see each function. A context is a filter's own until its function has ended: what is
 * said to it later is not heard.
 *
 * @example
 * ```ts
 * import { defineJobs, type JobFilter } from "firelater";
 *
 * const slowJobs: JobFilter = {
 *   name: "slow jobs",
 *   onPerforming: ({ items }) => void items.set("from", performance.now()),
 *   onPerformed({ job, items }) {
 *     const took = performance.now() - Number(items.get("from"));
 *     if (took > 5_000) console.warn(`${job.name} took ${Math.round(took)} ms`);
 *   },
 * };
 *
 * export const jobs = defineJobs({ console }, { "*": { filters: [slowJobs] } });
 * ```
 */
export interface JobFilter {
  /** For people: it stands in the history where the filter cancels a run. Default: the name of its class, if it has one. */
  readonly name?: string | undefined;
  /** Default 0. Automatic retry elects at 20: what is to see its choice stands above. */
  readonly order?: number | undefined;

  /** Before a job is stored. It may change the job, or cancel: then the call rejects with `FL_ENQUEUE_CANCELLED`. */
  onCreating?(context: CreatingContext): Awaitable<void>;
  /** After the job was stored, or was not. What it throws then is logged where the job is stored, else thrown on. */
  onCreated?(context: CreatedContext): Awaitable<void>;
  /**
   * A filter or the storage has thrown and the job is not stored. The call rejects with that error; what is thrown here
   * is logged. Asked from the last filter to the first, and not for a cancelled call.
   */
  onClientException?(context: ClientExceptionContext): Awaitable<void>;

  /** Before a run. What it throws counts as thrown by the job. */
  onPerforming?(context: PerformingContext): Awaitable<void>;
  /**
   * Around a run: calls `next` once. For what has to hold while the job runs. What it gives is the result of the run;
   * where it gives undefined the run's own result stands. Where it ends before what it has begun, the run goes on and its
   * own outcome counts.
   */
  aroundPerform?(context: PerformContext, next: () => Promise<unknown>): Promise<unknown>;
  /** After a run, however it ended. What it throws counts as thrown by the job. */
  onPerformed?(context: PerformedContext): Awaitable<void>;
  /**
   * The run has thrown, or its time is up. `handle` makes a success of it; what is thrown here is logged. Asked from the
   * last filter to the first, and not for a run that was cancelled, that its server has asked to end, or whose job was
   * deleted.
   */
  onServerException?(context: ServerExceptionContext): Awaitable<void>;

  /**
   * Before a job enters a state because of a client or a run: `elect` puts another state in its place, and the replaced
   * one stands in the history. The storage's own moves (a time that has come, a parent that has ended, a lost server)
   * ask no filter, nor does the server that gives a job back.
   *
   * What it throws, or that it has not answered after 30 seconds: before a run it counts as thrown by the job; after a
   * run all filters are asked again, twice, and then the job is Failed; a client's call rejects with it.
   */
  onStateElection?(context: StateElectionContext): Awaitable<void>;
  /**
   * The state is decided and about to be written, unless somebody else has changed the job meanwhile. What it throws is
   * treated as in `onStateElection`.
   */
  onStateApplied?(context: StateAppliedContext): Awaitable<void>;
}

/** A job as filters see it. */
export interface FilteredJob {
  readonly id: string;
  readonly name: string;
  readonly displayName: string | null;
  readonly queue: string;
  readonly priority: number;
  /** What the job is called with; placeholders show as texts such as "{job.signal}". */
  readonly arguments: readonly unknown[];
  readonly tags: readonly string[];
  readonly parameters: JobParameters;
}

/** What filters and jobs keep with a job: values by name, stored as JSON with the job, 20,000 characters in all. */
export interface JobParameters {
  /** Undefined when there is none of this name. */
  get(name: string): unknown;
  /** @throws InvalidParameterError `FL_INVALID_PARAMETER`: no JSON can be made of it, or it is too much. */
  set(name: string, value: unknown): void;
  delete(name: string): void;
  names(): string[];
}

/** A state that a job is in or is to enter, as its history shows it. */
export interface StateView {
  readonly state: JobState;
  readonly reason: string | null;
  /** What the state says beside its reason, such as the `error` of Failed or the `result` of Succeeded. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A state that a filter may put in place of another. */
export type ElectedState =
  | { readonly state: "Enqueued"; readonly reason?: string; readonly queue?: string }
  | {
      readonly state: "Scheduled";
      readonly delay: Duration;
      readonly reason?: string;
      readonly queue?: string;
    }
  | {
      readonly state: "Succeeded";
      readonly result?: unknown;
      /** Why there is no result although the job has given one: who asks for it hears so (`FL_RESULT_NOT_STORED`). */
      readonly resultOmitted?: string;
      readonly reason?: string;
    }
  | { readonly state: "Failed"; readonly error: unknown; readonly reason?: string }
  | { readonly state: "Deleted"; readonly reason?: string; readonly error?: unknown };

/** The jobs that `enqueueMany` stores in one write, or not at all. */
export interface CreatingBatch {
  /** How many jobs they are, those without filters included. */
  readonly size: number;
  /** For the filters of all of them. */
  readonly items: Map<unknown, unknown>;
}

/** A job that is about to be stored: what is set here is stored. */
export interface CreatingContext {
  readonly job: FilteredJob;
  /** For the filters of this call alone. */
  readonly items: Map<unknown, unknown>;
  /** The jobs that are stored with this one by `enqueueMany`; undefined for a job that comes alone. */
  readonly batch: CreatingBatch | undefined;
  setQueue(queue: string): void;
  setPriority(priority: number): void;
  setDisplayName(text: string): void;
  addTag(tag: string): void;
  /** The job is not stored, and filters further in are not asked. */
  cancel(reason?: string): void;
}

/** What became of the call: the job is stored, was there before, or is not stored. */
export interface CreatedContext {
  readonly job: FilteredJob;
  readonly items: Map<unknown, unknown>;
  readonly batch: CreatingBatch | undefined;
  /** Whether a job of this id was there before: then nothing was stored. */
  readonly existed: boolean;
  readonly cancelled: boolean;
  /** What was thrown meanwhile. */
  readonly error: unknown;
}

/** A job that could not be stored, and why. */
export interface ClientExceptionContext {
  readonly job: FilteredJob;
  readonly items: Map<unknown, unknown>;
  readonly error: unknown;
}

/** A run that is about to begin. `currentJob()` works in filters of a run, too. */
export interface PerformContext {
  readonly job: FilteredJob;
  /** 1 for the first run. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** For the filters of this run alone. */
  readonly items: Map<unknown, unknown>;
}

/** A run that is about to begin, and may be kept from it. */
export interface PerformingContext extends PerformContext {
  /** The job is Deleted without a run, and filters further in are not asked. */
  cancel(reason?: string): void;
}

/** A run that has ended, and how. */
export interface PerformedContext extends PerformContext {
  /** What the run gave, as the job returned it. */
  readonly result: unknown;
  /** What the run or a filter further in has thrown; undefined when all went well. */
  readonly error: unknown;
  readonly cancelled: boolean;
}

/** A run that has thrown. */
export interface ServerExceptionContext extends PerformContext {
  readonly error: unknown;
  /** Another filter has handled it already. */
  readonly handled: boolean;
  /** The run counts as a success with this result. */
  handle(result?: unknown): void;
}

/** A job whose next state is to be decided. */
export interface StateElectionContext {
  readonly job: FilteredJob;
  /** The state that the job is in; null when it is about to be stored. */
  readonly from: JobState | null;
  /** The state that the job will enter if nobody elects another. */
  readonly candidate: StateView;
  /** Candidates that were replaced, oldest first. */
  readonly traversed: readonly StateView[];
  /** 1 for the first run: the run that has ended, or that is next. */
  readonly attempt: number;
  /** What the run has thrown, where it has. */
  readonly error: unknown;
  /** When the job is for, by the storage's clock, in Unix milliseconds; null before it is stored. */
  readonly dueAt: number | null;
  /** When the state that it is in began, by the storage's clock: for a run, when it was claimed. */
  readonly stateAt: number | null;
  /** @throws IllegalTransitionError `FL_ILLEGAL_TRANSITION`: the job cannot enter that state from where it is. */
  elect(state: ElectedState): void;
}

/** A job whose next state is decided. */
export interface StateAppliedContext {
  readonly job: FilteredJob;
  readonly from: JobState | null;
  readonly to: StateView;
  readonly traversed: readonly StateView[];
}
