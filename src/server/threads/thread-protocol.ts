/** What a server and its threads say to each other. Everything here survives a structured clone. */
import { summarizeError } from "../../states/index.ts";
import type { Appendix, ClaimedJob, ParentRecord } from "../../storage/index.ts";
import type { Verdict } from "../perform/verdict.ts";

/** What a thread is started with. */
export interface ThreadStart {
  /** The URL of the module that exports `jobs`. */
  readonly module: string;
  /** The name of the server. */
  readonly server: string;
  readonly maxResultBytes: number | undefined;
  /** The memory of the start gate. */
  readonly gate: SharedArrayBuffer;
}

/** A run on its way to a thread. */
export interface ThreadRun {
  /** Counts the runs that this thread was given, with a wrap: told apart by equality alone. */
  readonly number: number;
  /** Without its history: what is written is composed on the other side. */
  readonly claim: ClaimedJob;
  /** Milliseconds from the answer to the claim until `sentAt`. */
  readonly waited: number;
  /** By the clock that all threads of a process share. */
  readonly sentAt: number;
}

export type ToThread =
  | { readonly kind: "run"; readonly runs: readonly ThreadRun[] }
  | { readonly kind: "abort"; readonly number: number; readonly why: AbortKind }
  | ParentsAnswer
  /** Is it still able to hear? Answered by `there`. */
  | { readonly kind: "ask" };

/** The parents of a run, or why they cannot be read. */
export interface ParentsAnswer {
  readonly kind: "parents";
  readonly number: number;
  readonly records: readonly ParentRecord[];
  readonly problem?: ThreadProblem;
}

/** Why a run is asked to end: its server stops, its job was deleted, or its claim is lost in another way. */
export type AbortKind = "stopping" | "deleted" | "lost";

/** One job of the module, as far as the server must know it. */
export interface ThreadJob {
  readonly name: string;
  readonly timeoutMs: number | undefined;
  /** Whether filters are asked about its runs. */
  readonly hasFilters: boolean;
  /** What a run that was stopped for its timeout leads to: the classes of errors stay in the thread. */
  readonly onTimeout: {
    readonly isRetried: boolean;
    readonly retries: number;
    readonly delaysMs: readonly number[] | undefined;
    readonly onExhausted: "fail" | "delete";
  };
}

/** Code of the jobs may post messages of its own, for whatever it takes the other side for: ours are in an envelope. */
export interface Envelope {
  readonly firelater: FromThread;
}

export function isEnvelope(message: unknown): message is Envelope {
  return typeof message === "object" && message !== null && "firelater" in message;
}

export type FromThread =
  | { readonly kind: "ready"; readonly jobs: readonly ThreadJob[] }
  | { readonly kind: "refused"; readonly error: ThreadProblem }
  | { readonly kind: "reports"; readonly reports: readonly Report[] };

/** What a thread has to tell of its runs, in order. */
export type Report =
  | { readonly kind: "ended"; readonly number: number; readonly verdict: Verdict }
  | { readonly kind: "appended"; readonly number: number; readonly appendices: readonly Appendix[] }
  | { readonly kind: "parents"; readonly number: number }
  | { readonly kind: "there" }
  | { readonly kind: "warning"; readonly text: string; readonly problem: ThreadProblem };

/** An error as text: its class may be known to the thread alone. */
export interface ThreadProblem {
  readonly message: string;
  readonly stack: string | undefined;
}

/** Bounded, and of nothing but text, whatever was thrown: it has to arrive. */
export function problemOf(error: unknown): ThreadProblem {
  const { message, stack } = summarizeError(error, 0);
  return { message, stack };
}

/** The error on the other side, as far as it came over. */
export function errorOf({ message, stack }: ThreadProblem): Error {
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** Milliseconds by a clock that all threads of a process share. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}
