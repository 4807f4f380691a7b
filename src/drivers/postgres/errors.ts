import { FirelaterError } from "../../base/error.ts";
import { StorageFailedError, StorageRefusedError } from "../../storage/index.ts";

/** Another transaction was in the way and nothing was written: trying the same again is right. */
export function isPassing(error: unknown): boolean {
  const code = sqlState(error);
  return code === "40001" || code === "40P01";
}

/** Any error as one of the contract's, the engine's own kept as cause. */
export function toStorageError(storage: string, doing: string, error: unknown): Error {
  if (error instanceof FirelaterError) return error;
  // Classes 22 (data), 23 (integrity) and 54 (limits) tell of a row that this database cannot hold.
  if (/^(22|23|54)/.test(sqlState(error) ?? "")) return new StorageRefusedError(storage, error);
  return new StorageFailedError(storage, doing, error);
}

function sqlState(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : undefined;
}

/** What this transaction has decided no longer holds: roll it back and begin again. */
export class RaceError extends Error {
  readonly code = "40001";

  constructor() {
    super("a neighbour has changed what this write was decided from");
  }
}
