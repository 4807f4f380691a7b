import type { MysqlStatement, MysqlTransaction } from "./mysql-transaction.ts";
import type { PostgresStatement, PostgresTransaction } from "./postgres-transaction.ts";

/** For a storage of either engine: the types of some libraries do not say which one their transaction is of. */
export type AdaptedTransaction = PostgresTransaction & MysqlTransaction;

/** How a library runs what the storages of the two engines ask for. */
export interface Engines {
  readonly postgres: PostgresTransaction["query"];
  readonly mysql: MysqlTransaction["query"];
}

/** A transaction that tells by the statement which engine's storage has asked. */
export class EitherTransaction {
  readonly #engines: Engines;

  constructor(engines: Engines) {
    this.#engines = engines;
  }

  query(statement: PostgresStatement): Promise<{ rows: unknown[][] }>;
  query(statement: MysqlStatement): Promise<[unknown, unknown]>;
  async query(statement: PostgresStatement | MysqlStatement): Promise<unknown> {
    return "text" in statement
      ? await this.#engines.postgres(statement)
      : await this.#engines.mysql(statement);
  }
}
