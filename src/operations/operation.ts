import { isRecord } from "../job/options.ts";
import { type DocumentRecord, type Due, JOB_STATES } from "../storage/index.ts";
import type { JobSelection } from "./job-selection.ts";

export const OPERATION_KINDS = ["requeue", "delete", "reschedule", "move"] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

/** One that was not written for so long, by the store's clock, is nobody's: whoever worked on it has died. */
export const LEASE_MS = 20_000;

/** `done`, `aborted` and `failed` are over. */
export type OperationState = "running" | "aborting" | "done" | "aborted" | "failed";

/** One change of all jobs that match, made bite by bite by whichever server takes it: the text of a document. */
export interface Operation {
  readonly v: 1;
  readonly kind: OperationKind;
  readonly selection: JobSelection;
  /** Where `move` brings the jobs, and `requeue` too if it is said; left out, each keeps its own. */
  readonly queue?: string;
  /** For `reschedule`: an instant, or a delay from the moment in which each job has its turn. */
  readonly due?: Due;
  readonly state: OperationState;
  /** Who began it. */
  readonly by: string | null;
  /** By the store's clock. Jobs that entered the state later are not meant: the operation comes to an end. */
  readonly createdAt: number;
  readonly endedAt: number | null;
  /** Jobs a second at most; null: as fast as it goes. */
  readonly pace: number | null;
  readonly matches: { readonly count: number; readonly isBound: boolean } | null;
  /** Where the next bite begins; null: at the beginning. */
  readonly after: string | null;
  readonly scanned: number;
  readonly applied: number;
  readonly skipped: number;
  readonly error: string | null;
  /** Who works on it: a token of that life, and its server for people. The lease is the document's own time. */
  readonly worker: { readonly token: string; readonly incarnation: string } | null;
}

/** An operation as it was read. */
export interface StoredOperation {
  readonly id: string;
  readonly version: number;
  /** When it was written last. */
  readonly at: number;
  readonly operation: Operation;
}

export function isOver({ state }: Pick<Operation, "state">): boolean {
  return state !== "running" && state !== "aborting";
}

/** Null for a text that this version cannot read: it is left for one that can. */
export function readOperation({ id, version, at, text }: DocumentRecord): StoredOperation | null {
  try {
    const found: unknown = JSON.parse(text);
    return isOperation(found) ? { id, version, at, operation: found } : null;
  } catch {
    return null;
  }
}

const KINDS: readonly unknown[] = OPERATION_KINDS;
const STATES: readonly unknown[] = ["running", "aborting", "done", "aborted", "failed"];

function isOperation(found: unknown): found is Operation {
  return (
    isRecord(found) &&
    found.v === 1 &&
    KINDS.includes(found.kind) &&
    (found.queue === undefined ? found.kind !== "move" : typeof found.queue === "string") &&
    (found.due === undefined ? found.kind !== "reschedule" : isDue(found.due)) &&
    STATES.includes(found.state) &&
    isSelection(found.selection) &&
    [found.createdAt, found.scanned, found.applied, found.skipped].every(Number.isFinite) &&
    [found.by, found.after, found.error].every((text) => text === null || typeof text === "string") &&
    (found.pace === null || Number.isFinite(found.pace)) &&
    (found.worker === null || (isRecord(found.worker) && typeof found.worker.token === "string"))
  );
}

function isSelection(found: unknown): boolean {
  return isRecord(found) && JOB_STATES.some((state) => state === found.state);
}

function isDue(found: unknown): boolean {
  return isRecord(found) && (Number.isFinite(found.at) || Number.isFinite(found.in));
}
