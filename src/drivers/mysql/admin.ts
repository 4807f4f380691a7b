import {
  type ChildrenQuery,
  type DocumentOutcome,
  type DocumentQuery,
  type DocumentRecord,
  type DocumentSave,
  type FailureGroup,
  type FailureQuery,
  MAX_DOCUMENTS,
  type QueueRecord,
  type ServerCommand,
  type StorageAdmin,
} from "../../storage/index.ts";
import { children } from "./children.ts";
import type { Database } from "./database.ts";
import { getDocument, listDocuments, saveDocuments, trimDocuments } from "./documents.ts";
import { failures } from "./failures.ts";
import { command, report } from "./leases.ts";
import { bite } from "./limits.ts";
import { pauseQueue, queues, resumeQueue } from "./queues.ts";

/** The dashboard's verbs. */
export class MysqlAdmin implements StorageAdmin {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  pauseQueue(queue: string, note: string): Promise<void> {
    return this.#database.write("pause a queue", 1, (tx) => pauseQueue(tx, queue, note));
  }

  resumeQueue(queue: string): Promise<boolean> {
    return this.#database.write("resume a queue", 1, (tx) => resumeQueue(tx, queue));
  }

  queues(): Promise<QueueRecord[]> {
    return this.#database.read("list queues", queues);
  }

  report(incarnation: string, vitals: string): Promise<ServerCommand | null> {
    return this.#database.read("store a report", (sql) => report(sql, incarnation, vitals));
  }

  command(incarnation: string, asked: ServerCommand | null): Promise<boolean> {
    return this.#database.read("ask something of a server", (sql) => command(sql, incarnation, asked));
  }

  children(query: ChildrenQuery): Promise<string[]> {
    return this.#database.read("list children", (sql) => children(sql, query));
  }

  failures(query: FailureQuery): Promise<FailureGroup[]> {
    return this.#database.read("read failures", (sql) => failures(sql, query));
  }

  async saveDocuments(saves: readonly DocumentSave[]): Promise<DocumentOutcome[]> {
    return await this.#database.write("store documents", saves.length, (tx) => saveDocuments(tx, saves));
  }

  getDocument(kind: string, id: string): Promise<DocumentRecord | null> {
    return this.#database.read("read a document", (sql) => getDocument(sql, kind, id));
  }

  listDocuments(query: DocumentQuery): Promise<DocumentRecord[]> {
    return this.#database.read("list documents", (sql) =>
      listDocuments(sql, { ...query, limit: Math.min(query.limit, MAX_DOCUMENTS) }),
    );
  }

  trimDocuments(kind: string, keep: number, limit: number): Promise<number> {
    return this.#database.write("remove documents", bite(limit), (tx) =>
      trimDocuments(tx, kind, keep, bite(limit)),
    );
  }
}
