import { preview } from "../base/error.ts";
import { InvalidTransactionError } from "./errors.ts";
import type { Storage } from "./storage.ts";

/**
 * Refuses what the storage cannot write within, before anything is written.
 *
 * @throws InvalidTransactionError `FL_INVALID_TRANSACTION`
 */
export function requireTransaction<Tx>(storage: Storage<Tx>, tx: Tx): void {
  if (storage.accepts === undefined) {
    throw new InvalidTransactionError(
      storage.name,
      "It has no transactions of its callers.",
      "Leave tx out, or use a storage in the database of your own data: PostgreSQL, MySQL, or SQLite with your connection.",
    );
  }
  if (storage.accepts(tx)) return;
  throw new InvalidTransactionError(
    storage.name,
    `${preview(tx)} is no transaction that it knows.`,
    "Pass the client of the transaction, not the pool; or what the adapter of your library makes of it.",
  );
}
