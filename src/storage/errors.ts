import { type ErrorParts, FirelaterError } from "../base/error.ts";

/** The storage was closed before or while it was asked (`FL_STORAGE_CLOSED`). */
export class StorageClosedError extends FirelaterError {
  constructor(storage: string) {
    super({
      code: "FL_STORAGE_CLOSED",
      what: `The storage ${storage} is closed.`,
      why: "Whoever made a storage closes it, after its clients and servers.",
      mend: "Close it later, or make a new one.",
    });
  }
}

/** A storage was made with an option that it does not take (`FL_INVALID_STORAGE_OPTIONS`). Nothing was opened. */
export class InvalidStorageOptionsError extends FirelaterError {
  constructor(what: string, mend: string) {
    super({ code: "FL_INVALID_STORAGE_OPTIONS", what, mend });
  }
}

/** The stored schema is newer than this version of Firelater (`FL_SCHEMA_TOO_NEW`). Nothing was touched. */
export class SchemaTooNewError extends FirelaterError {
  constructor(storage: string, found: number, known: number) {
    super({
      code: "FL_SCHEMA_TOO_NEW",
      what: `The storage ${storage} has schema version ${found}, this version of Firelater knows ${known}.`,
      why: "A newer version has migrated it; writing in the old form could lose jobs, so nothing was touched.",
      mend: "Update the firelater package of this process.",
    });
  }
}

/**
 * A storage was to be opened as it is (`migrate: false`), and there is none at this place (`FL_STORE_MISSING`). Nothing
 * was made.
 */
export class StoreMissingError extends FirelaterError {
  constructor(storage: string, texts: Pick<ErrorParts, "why" | "mend"> = {}) {
    super({
      code: "FL_STORE_MISSING",
      what: `There are no jobs of Firelater at ${storage}.`,
      why: "It was to be opened as it is, and nothing was made there.",
      mend: "Check the address and its spelling; a new store is made by the application, when it first opens it.",
      ...texts,
    });
  }
}

/**
 * A storage was to be opened as it is (`migrate: false`), and its schema is older than this version of Firelater
 * (`FL_SCHEMA_TOO_OLD`). Nothing was touched.
 */
export class SchemaTooOldError extends FirelaterError {
  constructor(storage: string, found: number, known: number) {
    super({
      code: "FL_SCHEMA_TOO_OLD",
      what: `The storage ${storage} has schema version ${found}, this version of Firelater works with ${known}.`,
      why: "It was to be opened as it is; a migration would lock out servers of the older version that start later.",
      mend: "Use here the version of firelater that your servers run, or update those first: they migrate when they start.",
    });
  }
}

/** The engine could not take the write in time; nothing was stored (`FL_STORAGE_BUSY`). Safe to try again. */
export class StorageBusyError extends FirelaterError {
  constructor(
    storage: string,
    waitedMs: number,
    cause: unknown,
    texts: Partial<Pick<ErrorParts, "what" | "why" | "mend">> = {},
  ) {
    super({
      code: "FL_STORAGE_BUSY",
      what: `The storage ${storage} was locked by others for ${waitedMs} ms.`,
      why: "Another process holds a long write transaction on it.",
      mend: "Nothing was stored: try again, and look for the process that holds the lock.",
      ...texts,
      cause,
    });
  }

  /** A transaction of the caller's has met others, and the engine lets it go no further. */
  static inTransaction(storage: string, cause: unknown): StorageBusyError {
    return new StorageBusyError(storage, 0, cause, {
      what: `The storage ${storage} can write no more within this transaction: others were in its way.`,
      why: "They have changed, since it began, what it depends on, or wait for each other with it.",
      mend: "Roll back, and try the whole transaction again.",
    });
  }
}

/** What helps depends on what was being done: only calls that store jobs can be made harmless by an id. */
const MEND: ReadonlyMap<string, string> = new Map([
  ["open", "See the cause; check the path or address, the rights on it, and that its server runs."],
  [
    "store jobs",
    "See the cause; with an id of your own the same call can be sent again and stores at most one job.",
  ],
]);

/**
 * The engine failed (`FL_STORAGE_FAILED`): disk full, connection lost, file not writable. `cause` says which. `doing`
 * completes "failed to …": drivers say `open` and `store jobs` for these two, and what they like for the rest.
 */
export class StorageFailedError extends FirelaterError {
  constructor(storage: string, doing: string, cause: unknown) {
    super({
      code: "FL_STORAGE_FAILED",
      what: `The storage ${storage} failed to ${doing}: ${cause instanceof Error ? cause.message : String(cause)}.`,
      mend: MEND.get(doing) ?? "See the cause, and try again once it is mended.",
      cause,
    });
  }
}

/** A row that the engine cannot hold (`FL_STORAGE_REFUSED`): alone at fault, its neighbours are stored. */
export class StorageRefusedError extends FirelaterError {
  constructor(storage: string, cause: unknown) {
    super({
      code: "FL_STORAGE_REFUSED",
      what: `The storage ${storage} refused the data: ${cause instanceof Error ? cause.message : String(cause)}.`,
      mend: "See the cause for the constraint that the row breaks.",
      cause,
    });
  }
}

/** A call carries more than `manifest.maxRows` (`FL_TOO_MANY_ROWS`). Clients and servers cut theirs by themselves. */
export class TooManyRowsError extends FirelaterError {
  constructor(doing: string, rows: number, most: number) {
    super({
      code: "FL_TOO_MANY_ROWS",
      what: `Cannot ${doing}: ${rows} rows in one call.`,
      why: `A call takes at most ${most}, so that no write keeps others waiting for long.`,
      mend: "Cut it into chunks of manifest.maxRows.",
    });
  }
}

/** Whether the storage could not answer just now: the same call may succeed later. */
export function isOutage(error: unknown): boolean {
  return (
    error instanceof StorageFailedError ||
    error instanceof StorageBusyError ||
    error instanceof StorageClosedError
  );
}

/** The incarnation has no live lease (`FL_LEASE_LOST`): what it holds may be given to others. */
export class LeaseLostError extends FirelaterError {
  constructor(incarnation: string) {
    super({
      code: "FL_LEASE_LOST",
      what: `The server ${incarnation} has no live lease.`,
      why: "It did not renew within serverTimeout, or another server judged it dead.",
      mend: "It announces itself anew; nothing that it finishes under the old lease is accepted twice.",
    });
  }
}

/**
 * Jobs cannot be written within what was given as a transaction (`FL_INVALID_TRANSACTION`): it is none of this storage's,
 * or it has not begun or is over. Nothing was written.
 */
export class InvalidTransactionError extends FirelaterError {
  constructor(storage: string, why: string, mend: string, cause?: unknown) {
    super({
      code: "FL_INVALID_TRANSACTION",
      what: `Cannot write to the storage ${storage} within this transaction.`,
      why,
      mend,
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
