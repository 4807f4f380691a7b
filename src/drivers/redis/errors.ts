import { FirelaterError } from "../../base/error.ts";
import { StorageBusyError, StorageFailedError } from "../../storage/index.ts";

/** Any error as one of the contract's, the engine's own kept as cause. */
export function toStorageError(storage: string, doing: string, error: unknown): Error {
  if (error instanceof FirelaterError) return error;
  // Somebody's script runs for longer than busy-reply-threshold; ours has not begun.
  if (error instanceof Error && error.message.startsWith("BUSY "))
    return new StorageBusyError(storage, 0, error);
  return new StorageFailedError(storage, doing, error);
}
