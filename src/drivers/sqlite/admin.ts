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
import { commandOf } from "./leases.ts";
import { bite } from "./limits.ts";
import type { LongReads } from "./long-reads.ts";
import { pauseQueue, queues, resumeQueue } from "./queues.ts";

/** The dashboard's verbs. */
export class SqliteAdmin implements StorageAdmin {
  readonly #database: Database;
  readonly #longReads: LongReads | undefined;

  constructor(database: Database, longReads: LongReads | undefined) {
    this.#database = database;
    this.#longReads = longReads;
  }

  pauseQueue(queue: string, note: string): Promise<void> {
    return this.#database.write("pause a queue", 1, "durable", (tx) => pauseQueue(tx, queue, note));
  }

  resumeQueue(queue: string): Promise<boolean> {
    return this.#database.write("resume a queue", 1, "durable", (tx) => resumeQueue(tx, queue));
  }

  queues(): Promise<QueueRecord[]> {
    return this.#database.read("list queues", queues);
  }

  report(incarnation: string, vitals: string): Promise<ServerCommand | null> {
    return this.#database.write("store a report", 1, "process", (tx) => {
      const sql = "UPDATE firelater_server SET vitals = ? WHERE incarnation = ? RETURNING command";
      return commandOf(tx.sql.first(sql, vitals, incarnation)?.[0]);
    });
  }

  command(incarnation: string, command: ServerCommand | null): Promise<boolean> {
    const sql = "UPDATE firelater_server SET command = ? WHERE incarnation = ?";
    return this.#database.write(
      "ask something of a server",
      1,
      "durable",
      (tx) => tx.sql.run(sql, command, incarnation) === 1,
    );
  }

  children(query: ChildrenQuery): Promise<string[]> {
    return this.#database.read("list children", (sql) => children(sql, query));
  }

  async failures(query: FailureQuery): Promise<FailureGroup[]> {
    await this.#database.opened();
    if (this.#longReads !== undefined) return await this.#longReads.failures(query);
    return await this.#database.read("read failures", (sql) => failures(sql, query));
  }

  saveDocuments(saves: readonly DocumentSave[]): Promise<DocumentOutcome[]> {
    return this.#database.write("store documents", saves.length, "durable", (tx) => saveDocuments(tx, saves));
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
    return this.#database.write("remove documents", bite(limit), "process", (tx) =>
      trimDocuments(tx, kind, keep, bite(limit)),
    );
  }
}
