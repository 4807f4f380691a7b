import { type AdaptedTransaction, EitherTransaction } from "./adapted-transaction.ts";
import type { MysqlTransaction } from "./mysql-transaction.ts";
import type { PostgresTransaction } from "./postgres-transaction.ts";
import { hasMethods, propertyOf } from "./property-of.ts";
import { notATransaction, otherEngine, TransactionNotAdaptedError } from "./transaction-not-adapted-error.ts";

export type { AdaptedTransaction } from "./adapted-transaction.ts";
export type { MysqlStatement, MysqlTransaction } from "./mysql-transaction.ts";
export type { PostgresStatement, PostgresTransaction } from "./postgres-transaction.ts";
export { TransactionNotAdaptedError } from "./transaction-not-adapted-error.ts";

/** The part of a `Knex.Transaction` that is used. `knex` itself has no `isCompleted` and so does not fit. */
export interface KnexTransaction {
  isCompleted(): boolean;
  readonly client: unknown;
}

const ADAPTER = "fromKnex";
const MEND = "Pass the trx of knex.transaction(), of a Knex with the client pg or mysql2.";

/**
 * A transaction of Knex as the `tx` of a call: the job is stored when the transaction commits. For Knex 3 with the
 * clients `pg` and `mysql2`. Statements go over the connection of the transaction, which stays Knex's own.
 *
 * @throws TransactionNotAdaptedError `FL_TRANSACTION_NOT_ADAPTED`: no transaction, another client, or, when it is used,
 * one that has ended or that is in another database than the storage.
 *
 * @example
 * ```ts
 * import { BackgroundJobClient, defineJobs } from "firelater";
 * import { fromKnex } from "firelater/knex";
 * import { PostgresStorage } from "firelater/postgres";
 * import knex from "knex";
 *
 * const url = "postgres://localhost/app";
 * const db = knex({ client: "pg", connection: url });
 * const client = new BackgroundJobClient({ storage: new PostgresStorage(url), jobs: defineJobs({ console }) });
 * await db.transaction(async (trx) => {
 *   await trx("users").insert({ name: "Ann" });
 *   await client.enqueue((j) => j.console.log("Welcome, Ann"), { tx: fromKnex(trx) });
 * });
 * ```
 */
export function fromKnex(trx: KnexTransaction): AdaptedTransaction {
  if (!hasMethods(trx, "isCompleted") || !hasMethods(trx.client, "acquireConnection")) {
    throw notATransaction(ADAPTER, trx, MEND);
  }
  const { client } = trx;
  const driver = propertyOf(client, "driverName");
  if (driver !== "pg" && driver !== "mysql2") {
    throw new TransactionNotAdaptedError(ADAPTER, `It is of a Knex with the driver ${String(driver)}.`, MEND);
  }
  // Of a transaction this is always the one connection that it is on; nothing is taken from the pool.
  const connection = async () => {
    if (trx.isCompleted()) {
      throw new TransactionNotAdaptedError(
        ADAPTER,
        "The transaction has ended.",
        "Await the call before the transaction commits.",
      );
    }
    return await client.acquireConnection();
  };
  return new EitherTransaction({
    postgres: async (statement) => {
      if (driver !== "pg") throw otherEngine(ADAPTER, "MySQL", "PostgreSQL");
      const found = await connection();
      if (!isPg(found)) throw notATransaction(ADAPTER, found, MEND);
      return await found.query(statement);
    },
    mysql: async (statement) => {
      if (driver !== "mysql2") throw otherEngine(ADAPTER, "PostgreSQL", "MySQL");
      const found = await connection();
      const promised = hasMethods(found, "promise") ? found.promise() : undefined;
      if (!isMysql2(promised)) throw notATransaction(ADAPTER, found, MEND);
      return await promised.query(statement);
    },
  });
}

function isPg(connection: unknown): connection is PostgresTransaction {
  return hasMethods(connection, "query");
}

function isMysql2(connection: unknown): connection is MysqlTransaction {
  return hasMethods(connection, "query");
}
