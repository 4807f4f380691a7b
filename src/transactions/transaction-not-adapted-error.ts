import { FirelaterError, preview } from "../base/error.ts";

/** An adapter was given something that it cannot make a storage's transaction of (`FL_TRANSACTION_NOT_ADAPTED`). */
export class TransactionNotAdaptedError extends FirelaterError {
  constructor(adapter: string, why: string, mend: string, cause?: unknown) {
    super({
      code: "FL_TRANSACTION_NOT_ADAPTED",
      what: `Cannot make a transaction for a storage with ${adapter}.`,
      why,
      mend,
      cause,
    });
  }
}

/** What was given is no transaction of the library at all. */
export function notATransaction(adapter: string, given: unknown, mend: string): TransactionNotAdaptedError {
  return new TransactionNotAdaptedError(adapter, `${preview(given)} is no transaction that it knows.`, mend);
}

/** It is one, of a database that the asking storage is not in. */
export function otherEngine(
  adapter: string,
  given: string,
  wanted: "PostgreSQL" | "MySQL",
): TransactionNotAdaptedError {
  return new TransactionNotAdaptedError(
    adapter,
    `The transaction is one of ${given}, and the storage is in ${wanted}.`,
    `Pass a transaction that was begun on the ${wanted} database of the storage.`,
  );
}

/** It has been committed or rolled back, and its connection may be another transaction's by now. */
export function ended(adapter: string, cause?: unknown): TransactionNotAdaptedError {
  const mend = "Await the call before the transaction ends.";
  return new TransactionNotAdaptedError(adapter, "The transaction has ended.", mend, cause);
}
