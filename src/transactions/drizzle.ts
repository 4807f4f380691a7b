import type { MysqlTransaction } from "./mysql-transaction.ts";
import { isPostgresJs, overPostgresJs } from "./postgres-js.ts";
import type { PostgresTransaction } from "./postgres-transaction.ts";
import { hasMethods, propertyOf } from "./property-of.ts";
import { notATransaction, TransactionNotAdaptedError } from "./transaction-not-adapted-error.ts";

export type { MysqlStatement, MysqlTransaction } from "./mysql-transaction.ts";
export type { PostgresStatement, PostgresTransaction } from "./postgres-transaction.ts";
export { TransactionNotAdaptedError } from "./transaction-not-adapted-error.ts";

/** The part of a transaction that those of PostgreSQL have. The database itself cannot roll back and so does not fit. */
export interface DrizzlePostgresTransaction {
  rollback(): never;
  execute(query: never): unknown;
  setTransaction(config: never): unknown;
}

/** The part of a transaction that those of MySQL have. Those of SQLite have no `execute`. */
export interface DrizzleMysqlTransaction {
  rollback(): never;
  execute(query: never): unknown;
}

const ADAPTER = "fromDrizzle";
const MEND =
  "Pass the tx of db.transaction(), of a database from drizzle-orm/node-postgres, /postgres-js or /mysql2.";

/** How Drizzle marks its classes, whichever copy of it they come from. */
const KIND = Symbol.for("drizzle:entityKind");

/**
 * A transaction of Drizzle as the `tx` of a call: the job is stored when the transaction commits. For `drizzle-orm`
 * over `pg`, `postgres` and `mysql2`. Statements go over the connection of the transaction.
 *
 * @throws TransactionNotAdaptedError `FL_TRANSACTION_NOT_ADAPTED`: no transaction, or one over another driver.
 *
 * @example
 * ```ts
 * import { drizzle } from "drizzle-orm/node-postgres";
 * import { pgTable, serial, text } from "drizzle-orm/pg-core";
 * import { BackgroundJobClient, defineJobs } from "firelater";
 * import { fromDrizzle } from "firelater/drizzle";
 * import { PostgresStorage } from "firelater/postgres";
 *
 * const users = pgTable("users", { id: serial().primaryKey(), name: text().notNull() });
 * const url = "postgres://localhost/app";
 * const db = drizzle(url);
 * const client = new BackgroundJobClient({ storage: new PostgresStorage(url), jobs: defineJobs({ console }) });
 * await db.transaction(async (tx) => {
 *   await tx.insert(users).values({ name: "Ann" });
 *   await client.enqueue((j) => j.console.log("Welcome, Ann"), { tx: fromDrizzle(tx) });
 * });
 * ```
 */
export function fromDrizzle(tx: DrizzlePostgresTransaction): PostgresTransaction;
export function fromDrizzle(tx: DrizzleMysqlTransaction): MysqlTransaction;
export function fromDrizzle(
  tx: DrizzlePostgresTransaction | DrizzleMysqlTransaction,
): PostgresTransaction | MysqlTransaction {
  if (!hasMethods(tx, "rollback", "execute")) throw notATransaction(ADAPTER, tx, MEND);
  const session = propertyOf(tx, "session");
  const kind = propertyOf(propertyOf(session, "constructor"), KIND);
  const connection = propertyOf(session, "client");
  switch (kind) {
    case "NodePgSession":
      if (isPg(connection)) return connection;
      break;
    case "MySql2Session":
      if (isMysql2(connection)) return connection;
      break;
    case "PostgresJsSession":
      if (isPostgresJs(connection)) return overPostgresJs(connection);
      break;
    case undefined:
      throw notATransaction(ADAPTER, tx, MEND);
  }
  throw new TransactionNotAdaptedError(ADAPTER, `Its session is a ${String(kind)}.`, MEND);
}

function isPg(connection: unknown): connection is PostgresTransaction {
  return hasMethods(connection, "query");
}

function isMysql2(connection: unknown): connection is MysqlTransaction {
  return hasMethods(connection, "query");
}
