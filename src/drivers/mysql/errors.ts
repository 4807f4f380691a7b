import { FirelaterError } from "../../base/error.ts";
import {
  InvalidTransactionError,
  StorageBusyError,
  StorageFailedError,
  StorageRefusedError,
} from "../../storage/index.ts";

// https://mariadb.com/kb/en/mariadb-error-codes/; MySQL has the same numbers.
const DUPLICATE = 1062;
const NOT_NULL = 1048;
const OUT_OF_RANGE = [1264, 1690];
const TOO_LONG = [1406, 1153, 1301];
const BAD_TEXT = [1366, 1292];
const IN_THE_WAY = new Set([
  1205, // lock wait timeout
  1213, // deadlock
  1020, // record changed since it was read
  1317, // the query was killed, its connection lives
  DUPLICATE, // somebody stored the same id since we looked: it is found at the next look
]);
const NO_CONNECTION = new Set([
  1040, // too many connections
  1203, // too many of this user
  1226, // a resource limit of this user
  1053, // the server shuts down
  1927, // the connection was killed
  3169, // the same, as MySQL says it
  4031, // it was idle for too long, as MySQL says it
]);

/** A row that no packet of this server can carry. */
export class TooLargeError extends Error {
  constructor(bytes: number, most: number) {
    super(`it has ${bytes} bytes, max_allowed_packet of this server lets one row have ${most}`);
  }
}

/** Another transaction was in the way and this one was rolled back: trying the same again is right. */
export function isInTheWay(error: unknown): boolean {
  return IN_THE_WAY.has(numberOf(error));
}

/** There is no connection any more, or none to be had just now. Nothing of a transaction that was open is there. */
export function isDisconnected(error: unknown): boolean {
  if (NO_CONNECTION.has(numberOf(error))) return true;
  return error instanceof Error && Reflect.get(error, "fatal") === true && numberOf(error) < 1000;
}

/** A row of this key is there. */
export function isDuplicate(error: unknown): boolean {
  return numberOf(error) === DUPLICATE;
}

/** There is no such savepoint: the transaction in which it was set is over. */
export function isNoSuchSavepoint(error: unknown): boolean {
  return numberOf(error) === 1305;
}

/** A table of ours is not there: nothing has been migrated yet. */
export function isNoSuchTable(error: unknown): boolean {
  return numberOf(error) === 1146;
}

/** A migration that was cut off has added it. */
export function isColumnThere(error: unknown): boolean {
  return numberOf(error) === 1060;
}

/** Any error as one of the contract's, the engine's own kept as cause. */
export function toStorageError(storage: string, doing: string, error: unknown): Error {
  if (error instanceof FirelaterError) return error;
  withoutSql(error);
  const isRefusal =
    error instanceof TooLargeError ||
    [NOT_NULL, ...OUT_OF_RANGE, ...TOO_LONG, ...BAD_TEXT].includes(numberOf(error));
  return isRefusal ? new StorageRefusedError(storage, error) : new StorageFailedError(storage, doing, error);
}

/** Neighbours were in the way again and again. */
export function toBusyError(storage: string, waitedMs: number, error: unknown): StorageBusyError {
  withoutSql(error);
  return new StorageBusyError(storage, waitedMs, error);
}

/** What a transaction is that nothing of ours can be written within. */
type Reason = readonly [why: string, mend: string];

export const NOT_BEGUN: Reason = [
  "The connection is not in a transaction: it has not begun, or is over.",
  "Call beginTransaction() first, and await the call before you commit.",
];
export const ELSEWHERE: Reason = [
  "Its database is not the one in which this storage has its tables.",
  "Begin it in the database of the storage, or open the storage in its database.",
];

const INVALID_TRANSACTIONS: ReadonlyMap<number, Reason> = new Map<number, Reason>([
  [1792, ["It is read-only.", "Begin one that may write."]],
  [1146, ELSEWHERE],
  [1046, ELSEWHERE],
]);

/** The same for an error within a transaction of a caller's, which only the caller can begin anew. */
export function toTransactionError(storage: string, doing: string, error: unknown): Error {
  if (error instanceof FirelaterError) return error;
  withoutSql(error);
  if (isInTheWay(error)) return StorageBusyError.inTransaction(storage, error);
  const invalid = INVALID_TRANSACTIONS.get(numberOf(error));
  if (invalid === undefined) return toStorageError(storage, doing, error);
  return new InvalidTransactionError(storage, ...invalid, error);
}

/** The client hangs the whole statement on its errors: arguments of jobs, megabytes of them, would stand in every log. */
function withoutSql(error: unknown): void {
  if (error instanceof Error) Reflect.deleteProperty(error, "sql");
}

function numberOf(error: unknown): number {
  const number: unknown = error instanceof Error ? Reflect.get(error, "errno") : undefined;
  return typeof number === "number" ? number : 0;
}
