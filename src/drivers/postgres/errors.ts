import { FirelaterError } from "../../base/error.ts";
import {
  InvalidTransactionError,
  StorageBusyError,
  StorageFailedError,
  StorageRefusedError,
} from "../../storage/index.ts";

/** Another transaction was in the way. */
export function isRace(error: unknown): boolean {
  const code = sqlState(error);
  return code === "40001" || code === "40P01";
}

/** A row of this key is there: the statement has written nothing. */
export function isThereAlready(error: unknown): boolean {
  return sqlState(error) === "23505";
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

/** The same of a call within a caller's transaction, which nobody but the caller can begin anew. */
export function toTransactionError(storage: string, doing: string, error: unknown): Error {
  if (isRace(error)) return StorageBusyError.inTransaction(storage, error);
  const invalid = INVALID_TRANSACTIONS.get(sqlState(error) ?? "");
  if (invalid === undefined) return toStorageError(storage, doing, error);
  return new InvalidTransactionError(storage, ...invalid, error);
}

/** What a transaction is that nothing of ours can be written within. */
type Reason = readonly [why: string, mend: string];

export const NOT_BEGUN: Reason = [
  "The connection is not in a transaction: it has not begun, or is over.",
  "Send BEGIN first, and await the call before you send COMMIT.",
];
export const FAILED: Reason = [
  "A statement in it has failed: PostgreSQL takes nothing more in it.",
  "Send ROLLBACK, and begin anew.",
];
export const ELSEWHERE: Reason = [
  "Its database is not the one in which this storage has its tables.",
  "Begin it in the database of the storage, or open the storage in its database.",
];

const INVALID_TRANSACTIONS: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ["25P02", FAILED],
  ["25006", ["It is read-only.", "Begin one that may write."]],
  ["3F000", ELSEWHERE],
  ["42P01", ELSEWHERE],
]);

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
