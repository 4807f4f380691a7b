import { type AdaptedTransaction, adapted } from "./adapted-transaction.ts";
import type { MysqlTransaction } from "./mysql-transaction.ts";
import type { PostgresTransaction } from "./postgres-transaction.ts";
import { hasMethods, propertyOf } from "./property-of.ts";
import {
  ended,
  notATransaction,
  otherEngine,
  TransactionNotAdaptedError,
} from "./transaction-not-adapted-error.ts";

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
  return adapted(trx, () => ({
    isOver: () => trx.isCompleted(),
    postgres: async (statement) => {
      if (driver !== "pg") throw otherEngine(ADAPTER, "MySQL", "PostgreSQL");
      const connection = await connectionOf(trx, client);
      requireOpen(trx);
      if (!isPg(connection)) throw notATransaction(ADAPTER, connection, MEND);
      return await connection.query(statement);
    },
    mysql: async (statement) => {
      if (driver !== "mysql2") throw otherEngine(ADAPTER, "PostgreSQL", "MySQL");
      const connection = await connectionOf(trx, client);
      requireOpen(trx);
      const promised = hasMethods(connection, "promise") ? connection.promise() : undefined;
      if (!isMysql2(promised)) throw notATransaction(ADAPTER, connection, MEND);
      return await promised.query(statement);
    },
  }));
}

/** The one connection that the transaction is on: nothing is taken from the pool, and nothing is to be given back. */
async function connectionOf(
  trx: KnexTransaction,
  client: { acquireConnection(): unknown },
): Promise<unknown> {
  requireOpen(trx);
  return await client.acquireConnection();
}

/** Its connection may be another transaction's by now. Asked once more before a statement goes out: nothing is awaited there. */
function requireOpen(trx: KnexTransaction): void {
  if (trx.isCompleted()) throw ended(ADAPTER);
}

function isPg(connection: unknown): connection is PostgresTransaction {
  return hasMethods(connection, "query");
}

function isMysql2(connection: unknown): connection is MysqlTransaction {
  return hasMethods(connection, "query");
}
