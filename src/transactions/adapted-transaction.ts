import type { MysqlStatement, MysqlTransaction } from "./mysql-transaction.ts";
import type { PostgresStatement, PostgresTransaction } from "./postgres-transaction.ts";

/** For a storage of either engine: the types of some libraries do not say which one their transaction is of. */
export type AdaptedTransaction = PostgresTransaction & MysqlTransaction;

/** How a library runs what the storages of the two engines ask for. */
export interface Engines {
  readonly postgres: PostgresTransaction["query"];
  readonly mysql: MysqlTransaction["query"];
  /** Whether the transaction is over, where the library tells. */
  readonly isOver?: () => boolean;
}

/** A transaction that tells by the statement which engine's storage has asked. */
class EitherTransaction {
  readonly #engines: Engines;

  constructor(engines: Engines) {
    this.#engines = engines;
  }

  query<R extends unknown[]>(statement: PostgresStatement): Promise<{ rows: R[] }>;
  query(statement: MysqlStatement): Promise<[unknown, unknown]>;
  async query(statement: PostgresStatement | MysqlStatement): Promise<unknown> {
    const { postgres, mysql } = this.#engines;
    return "text" in statement ? await postgres(statement) : await mysql(statement);
  }

  getTransactionStatus(): string {
    return this.#engines.isOver?.() === true ? "I" : "T";
  }
}

const known = new WeakMap<object, AdaptedTransaction>();

/** One and the same for one transaction: storages queue the calls within it by that. */
export function adapted(transaction: object, engines: () => Engines): AdaptedTransaction {
  let found = known.get(transaction);
  if (found === undefined) {
    found = new EitherTransaction(engines());
    known.set(transaction, found);
  }
  return found;
}
