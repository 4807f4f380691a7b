import { FirelaterError } from "../../base/error.ts";
import { StorageFailedError, StorageRefusedError } from "../../storage/index.ts";

// Primary result codes of SQLite (https://www.sqlite.org/rescode.html); the extended code's low byte.
const BUSY = 5;
const BUSY_SNAPSHOT = BUSY | (2 << 8);
const LOCKED = 6;
const TOO_BIG = 18;
const CONSTRAINT = 19;
const MISMATCH = 20;

/** Another connection holds the lock: nothing happened, and trying again is right. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === BUSY || code === LOCKED;
}

/** The transaction began to read before another one was committed: it cannot write any more, however long it waits. */
export function isOutdatedSnapshot(error: unknown): boolean {
  return extendedCode(error) === BUSY_SNAPSHOT;
}

/** Any error as one of the contract's, the engine's own kept as cause. */
export function toStorageError(storage: string, doing: string, error: unknown): Error {
  if (error instanceof FirelaterError) return error;
  const code = resultCode(error);
  if (code === CONSTRAINT || code === TOO_BIG || code === MISMATCH)
    return new StorageRefusedError(storage, error);
  return new StorageFailedError(storage, doing, error);
}

function resultCode(error: unknown): number | undefined {
  const code = extendedCode(error);
  return code === undefined ? undefined : code & 0xff;
}

function extendedCode(error: unknown): number | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, "errcode") : undefined;
  return typeof code === "number" ? code : undefined;
}
