import * as contract from "../../storage/index.ts";
import { children } from "./children.ts";
import { getDocument, listDocuments, saveDocuments, trimDocuments } from "./documents.ts";
import { failures } from "./failures.ts";
import { bite, refuseTooMany } from "./limits.ts";
import { pauseQueue, resumeQueue } from "./pauses.ts";
import { queues } from "./queues.ts";
import { command, report } from "./reports.ts";
import type { Session } from "./statements.ts";

/** One call of a verb. */
export type Use = <T>(run: (session: Session) => Promise<T>) => Promise<T>;

/** The dashboard's verbs. */
export class PostgresAdmin implements contract.StorageAdmin {
  readonly #use: Use;

  constructor(use: Use) {
    this.#use = use;
  }

  pauseQueue(queue: string, note: string): Promise<void> {
    return this.#use((session) => pauseQueue(session, queue, note));
  }

  resumeQueue(queue: string): Promise<boolean> {
    return this.#use((session) => resumeQueue(session, queue));
  }

  queues(): Promise<contract.QueueRecord[]> {
    return this.#use(queues);
  }

  report(incarnation: string, vitals: string): Promise<contract.ServerCommand | null> {
    return this.#use((session) => report(session, incarnation, vitals));
  }

  command(incarnation: string, asked: contract.ServerCommand | null): Promise<boolean> {
    return this.#use((session) => command(session, incarnation, asked));
  }

  children(query: contract.ChildrenQuery): Promise<string[]> {
    return this.#use((session) => children(session, query));
  }

  failures(query: contract.FailureQuery): Promise<contract.FailureGroup[]> {
    return this.#use((session) => failures(session, query));
  }

  async saveDocuments(saves: readonly contract.DocumentSave[]): Promise<contract.DocumentOutcome[]> {
    refuseTooMany("store documents", saves.length);
    return await this.#use((session) => saveDocuments(session, saves));
  }

  getDocument(kind: string, id: string): Promise<contract.DocumentRecord | null> {
    return this.#use((session) => getDocument(session, kind, id));
  }

  listDocuments(query: contract.DocumentQuery): Promise<contract.DocumentRecord[]> {
    return this.#use((session) =>
      listDocuments(session, { ...query, limit: Math.min(query.limit, contract.MAX_DOCUMENTS) }),
    );
  }

  trimDocuments(kind: string, keep: number, limit: number): Promise<number> {
    return this.#use((session) => trimDocuments(session, kind, keep, bite(limit)));
  }
}
