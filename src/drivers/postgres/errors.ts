import { FirelaterError } from "../../base/error.ts";
import { StorageFailedError, StorageRefusedError } from "../../storage/index.ts";

/** Another transaction was in the way. */
export function isRace(error: unknown): boolean {
  const code = sqlState(error);
  return code === "40001" || code === "40P01";
}

/** Nothing was written, and trying the same again is right: a race, or no connection was to be had just now. */
export function isPassing(error: unknown): boolean {
  return isRace(error) || sqlState(error) === "53300";
}

/** The server is not there, or not yet: it may come. */
export function isAbsent(error: unknown): boolean {
  const code = sqlState(reasonOf(error)) ?? "";
  return ["ECONNREFUSED", "ECONNRESET", "ENOENT", "EAI_AGAIN", "57P03", "53300"].includes(code);
}

/** Any error as one of the contract's, the engine's own kept as cause. */
export function toStorageError(storage: string, doing: string, error: unknown): Error {
  if (error instanceof FirelaterError) return error;
  // Classes 22 (data), 23 (integrity) and 54 (limits) tell of a row that this database cannot hold.
  if (/^(22|23|54)/.test(sqlState(error) ?? "")) return new StorageRefusedError(storage, error);
  return new StorageFailedError(storage, doing, reasonOf(error));
}

/** Where a name has several addresses, Node tells of all of them in an error without a message. */
function reasonOf(error: unknown): unknown {
  return error instanceof AggregateError && error.message === "" ? error.errors[0] : error;
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
