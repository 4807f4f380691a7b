import type {
  ChildrenQuery,
  DocumentOutcome,
  DocumentQuery,
  DocumentRecord,
  DocumentSave,
  FailureGroup,
  FailureQuery,
  QueueRecord,
  ServerCommand,
  StorageAdmin,
} from "../../storage/index.ts";
import { children } from "./children.ts";
import type { Database } from "./database.ts";
import { getDocument, listDocuments, saveDocuments, trimDocuments } from "./documents.ts";
import { failures } from "./failures.ts";
import { pauseQueue, queues, resumeQueue } from "./queues.ts";
import { command, report } from "./reports.ts";

/** The dashboard's verbs. */
export class RedisAdmin implements StorageAdmin {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  pauseQueue(queue: string, note: string): Promise<void> {
    return this.#database.ask(pauseQueue, { queue, note });
  }

  resumeQueue(queue: string): Promise<boolean> {
    return this.#database.ask(resumeQueue, queue);
  }

  queues(): Promise<QueueRecord[]> {
    return queues(this.#database);
  }

  report(incarnation: string, vitals: string): Promise<ServerCommand | null> {
    return this.#database.ask(report, { incarnation, vitals });
  }

  command(incarnation: string, asked: ServerCommand | null): Promise<boolean> {
    return this.#database.ask(command, { incarnation, command: asked });
  }

  children(query: ChildrenQuery): Promise<string[]> {
    return this.#database.ask(children, query);
  }

  failures(query: FailureQuery): Promise<FailureGroup[]> {
    return failures(this.#database, query);
  }

  saveDocuments(saves: readonly DocumentSave[]): Promise<DocumentOutcome[]> {
    return this.#database.ask(saveDocuments, saves);
  }

  getDocument(kind: string, id: string): Promise<DocumentRecord | null> {
    return this.#database.ask(getDocument, { kind, id });
  }

  listDocuments(query: DocumentQuery): Promise<DocumentRecord[]> {
    return listDocuments(this.#database, query);
  }

  trimDocuments(kind: string, keep: number, limit: number): Promise<number> {
    return this.#database.ask(trimDocuments, { kind, keep, limit });
  }
}
