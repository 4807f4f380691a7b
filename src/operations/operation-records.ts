import { FirelaterError } from "../base/error.ts";
import { newId } from "../base/ids.ts";
import type { DocumentQuery, Due, Storage } from "../storage/index.ts";
import type { JobSelection } from "./job-selection.ts";
import {
  isOver,
  type Operation,
  type OperationKind,
  readOperation,
  type StoredOperation,
} from "./operation.ts";

/** The document kinds: what servers look for stays short, however many have ended. */
const UNFINISHED = "operation";
const ENDED = "operation-ended";
/** At a time: each server reads them all to find one to work on. */
export const MOST_UNFINISHED = 20;
const ENDED_KEPT = 500;
const TRIMMED_AT_ONCE = 50;
/** How often a change that lost a race is decided anew. */
const TRIES = 20;

/** No further operation is taken before one of those under way has ended (`FL_TOO_MANY_OPERATIONS`). */
export class TooManyOperationsError extends FirelaterError {}

/** What somebody wants done. */
export interface OperationRequest {
  readonly kind: OperationKind;
  readonly selection: JobSelection;
  readonly queue?: string | undefined;
  readonly due?: Due | undefined;
  readonly by: string | null;
  readonly pace: number | null;
  readonly matches: Operation["matches"];
}

/** The operations of a storage. */
export class OperationRecords {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /**
   * Writes an operation down: from then on some server works on it.
   *
   * @throws TooManyOperationsError `FL_TOO_MANY_OPERATIONS`
   */
  async begin({ kind, selection, queue, due, ...request }: OperationRequest): Promise<StoredOperation> {
    const { admin } = this.#storage;
    if ((await this.unfinished()).length >= MOST_UNFINISHED) throw tooMany();
    const now = await this.#storage.now();
    const operation: Operation = {
      ...{ v: 1, kind, selection, ...request, state: "running", createdAt: now, endedAt: null },
      ...(queue === undefined ? {} : { queue }),
      ...(due === undefined ? {} : { due }),
      ...{ after: null, scanned: 0, applied: 0, skipped: 0, error: null, worker: null },
    };
    const id = newId(now);
    // Before: behind the save nothing may fail that would look as if it had not begun.
    await admin.trimDocuments(ENDED, ENDED_KEPT, TRIMMED_AT_ONCE);
    await admin.saveDocuments([{ kind: UNFINISHED, id, version: 0, text: JSON.stringify(operation) }]);
    return { id, version: 0, at: now, operation };
  }

  async find(id: string): Promise<StoredOperation | null> {
    const { admin } = this.#storage;
    const found = (await admin.getDocument(UNFINISHED, id)) ?? (await admin.getDocument(ENDED, id));
    return found === null ? null : readOperation(found);
  }

  /** Those that are not over, or are about to be filed, the oldest first. */
  async unfinished(): Promise<StoredOperation[]> {
    return this.#list({ kind: UNFINISHED, limit: MOST_UNFINISHED });
  }

  /** Newest first. */
  async ended(limit: number, after?: string): Promise<StoredOperation[]> {
    const from = after === undefined ? {} : { after };
    return this.#list({ kind: ENDED, limit, descending: true, ...from });
  }

  /**
   * Changes one that is not over, whoever else changes it. `decide` gives undefined to leave it. What it has become; null
   * when it is over, gone, or was left.
   */
  async change(
    id: string,
    decide: (stored: StoredOperation) => Operation | undefined,
  ): Promise<Operation | null> {
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await this.#storage.admin.getDocument(UNFINISHED, id);
      const stored = found === null ? null : readOperation(found);
      const next = stored === null || isOver(stored.operation) ? undefined : decide(stored);
      if (stored === null || next === undefined) return null;
      const save = { kind: UNFINISHED, id, version: stored.version, text: JSON.stringify(next) };
      const [outcome] = await this.#storage.admin.saveDocuments([save]);
      if (outcome !== "applied") continue;
      if (isOver(next)) await this.file(id);
      return next;
    }
    return null;
  }

  /**
   * Moves one that is over to the ended ones. If we crash before the removal it is found in both places, is over in both,
   * and the next server that looks files it once more.
   */
  async file(id: string): Promise<void> {
    const { admin } = this.#storage;
    const found = await admin.getDocument(UNFINISHED, id);
    if (found === null) return;
    await admin.saveDocuments([{ kind: ENDED, id, version: 0, text: found.text }]);
    await admin.saveDocuments([{ kind: UNFINISHED, id, version: found.version, text: null }]);
  }

  async #list(query: DocumentQuery): Promise<StoredOperation[]> {
    const found = await this.#storage.admin.listDocuments(query);
    return found.map(readOperation).filter((stored) => stored !== null);
  }
}

function tooMany(): TooManyOperationsError {
  return new TooManyOperationsError({
    code: "FL_TOO_MANY_OPERATIONS",
    what: `There are ${MOST_UNFINISHED} operations under way.`,
    why: "Servers work on them one after another.",
    mend: "Wait for one to end, or abort one. If none moves, see whether a server is running.",
  });
}
