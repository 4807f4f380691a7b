import { type AdaptedTransaction, adapted } from "./adapted-transaction.ts";
import { type PostgresStatement, toRows } from "./postgres-transaction.ts";
import { hasMethods } from "./property-of.ts";
import { ended, notATransaction } from "./transaction-not-adapted-error.ts";

export type { AdaptedTransaction } from "./adapted-transaction.ts";
export type { MysqlStatement, MysqlTransaction } from "./mysql-transaction.ts";
export type { PostgresStatement, PostgresTransaction } from "./postgres-transaction.ts";
export { TransactionNotAdaptedError } from "./transaction-not-adapted-error.ts";

/** A statement as `CompiledQuery.raw` makes it; made here, so that nothing of Kysely has to be loaded. */
export interface KyselyQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly query: {
    readonly kind: "RawNode";
    readonly sqlFragments: readonly string[];
    readonly parameters: readonly never[];
  };
  readonly queryId: { readonly queryId: string };
}

/** What Kysely answers: rows as objects. */
export interface KyselyResult {
  readonly rows: readonly unknown[];
  readonly numAffectedRows?: bigint | undefined;
  readonly insertId?: bigint | undefined;
}

/** The part of a `Transaction` that is used. `Kysely` itself does not fit: that it is one is no literal `true` there. */
export interface KyselyTransaction {
  readonly isTransaction: true;
  withoutPlugins(): { executeQuery(query: KyselyQuery): Promise<KyselyResult> };
}

const ADAPTER = "fromKysely";
const MEND = "Pass the trx of db.transaction().execute(), or that of db.startTransaction().";

/**
 * A transaction of Kysely as the `tx` of a call: the job is stored when the transaction commits. Tested with Kysely
 * 0.29 and its dialects of PostgreSQL and MySQL. Plugins are passed by: the storage's rows are not theirs to change.
 *
 * @throws TransactionNotAdaptedError `FL_TRANSACTION_NOT_ADAPTED`: it is no transaction.
 *
 * @example
 * ```ts
 * import { BackgroundJobClient, defineJobs } from "firelater";
 * import { fromKysely } from "firelater/kysely";
 * import { PostgresStorage } from "firelater/postgres";
 * import { type Generated, Kysely, PostgresDialect } from "kysely";
 * import { Pool } from "pg";
 *
 * const connectionString = "postgres://localhost/app";
 * const dialect = new PostgresDialect({ pool: new Pool({ connectionString }) });
 * const db = new Kysely<{ users: { id: Generated<number>; name: string } }>({ dialect });
 * const storage = new PostgresStorage(connectionString);
 * const client = new BackgroundJobClient({ storage, jobs: defineJobs({ console }) });
 * await db.transaction().execute(async (trx) => {
 *   await trx.insertInto("users").values({ name: "Ann" }).execute();
 *   await client.enqueue((j) => j.console.log("Welcome, Ann"), { tx: fromKysely(trx) });
 * });
 * ```
 */
export function fromKysely(trx: KyselyTransaction): AdaptedTransaction {
  if (!hasMethods(trx, "withoutPlugins") || trx.isTransaction !== true) {
    throw notATransaction(ADAPTER, trx, MEND);
  }
  return adapted(trx, () => {
    const plain = trx.withoutPlugins();
    const run = async (sql: string, values: readonly unknown[]) => {
      try {
        return await plain.executeQuery(toQuery(sql, values));
      } catch (error) {
        throw isOver(error) ? ended(ADAPTER, error) : error;
      }
    };
    return {
      postgres: async <R extends unknown[]>({ text, values = [] }: PostgresStatement) => {
        const { rows } = await run(text, values);
        return { rows: toRows<R>(rows) };
      },
      mysql: async ({ sql, rowsAsArray = false }) => {
        const { rows, numAffectedRows = 0n, insertId = 0n } = await run(sql, []);
        if (rowsAsArray) return [toRows(rows), undefined];
        return [{ affectedRows: Number(numAffectedRows), insertId: Number(insertId) }, undefined];
      },
    };
  });
}

/** Kysely has no code for it. An error that is not recognised is told as it is. */
function isOver(error: unknown): boolean {
  return error instanceof Error && /^Transaction is already (committed|rolled back)/.test(error.message);
}

let queries = 0;

function toQuery(sql: string, parameters: readonly unknown[]): KyselyQuery {
  return {
    sql,
    parameters,
    query: { kind: "RawNode", sqlFragments: [sql], parameters: [] },
    queryId: { queryId: `firelater-${++queries}` },
  };
}
