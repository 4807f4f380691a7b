import type { ChildrenQuery } from "./children.ts";
import type { DocumentOutcome, DocumentQuery, DocumentRecord, DocumentSave } from "./document.ts";
import type { FailureGroup, FailureQuery } from "./failure.ts";
import type { ServerCommand } from "./lease.ts";
import type { QueueRecord } from "./queue.ts";

/** The verbs behind the dashboard: nothing of them is on the way of a job. The prose is in `README.md`. */
export interface StorageAdmin {
  /** From now on nothing is claimed from this queue; one that is paused already gets the new note. */
  pauseQueue(queue: string, note: string): Promise<void>;
  /** False when it was not paused. */
  resumeQueue(queue: string): Promise<boolean>;
  /** The queues in which something is ready and those that are paused, by name; at most `MAX_QUEUES`. */
  queues(): Promise<QueueRecord[]>;

  /** What a server tells of itself (`VITALS_CHARS` at most). What is asked of it; null for nothing, or when it is gone. */
  report(incarnation: string, vitals: string): Promise<ServerCommand | null>;
  /** Asks something of a server, or no longer. False when there is no such server. */
  command(incarnation: string, command: ServerCommand | null): Promise<boolean>;

  /** The jobs that wait for this one, or waited for it, and are still there: each once, in the order of their ids' bytes. */
  children(query: ChildrenQuery): Promise<string[]>;

  /** Failed jobs by the fingerprint of their errors. */
  failures(query: FailureQuery): Promise<FailureGroup[]>;

  /** Writes small texts, each guarded by its version. An outcome per save, in order; at most `maxRows`. */
  saveDocuments(saves: readonly DocumentSave[]): Promise<DocumentOutcome[]>;
  /** Null when there is none. */
  getDocument(kind: string, id: string): Promise<DocumentRecord | null>;
  listDocuments(query: DocumentQuery): Promise<DocumentRecord[]>;
  /** Removes texts of a kind but the `keep` last ids, `limit` at most. How many were removed. */
  trimDocuments(kind: string, keep: number, limit: number): Promise<number>;
}
