import { adapted } from "./adapted-transaction.ts";
import { type PostgresStatement, type PostgresTransaction, toRows } from "./postgres-transaction.ts";
import { hasMethods, propertyOf } from "./property-of.ts";
import { ended, notATransaction, otherEngine } from "./transaction-not-adapted-error.ts";

export type { PostgresStatement, PostgresTransaction } from "./postgres-transaction.ts";
export { TransactionNotAdaptedError } from "./transaction-not-adapted-error.ts";

/** The part of a `Prisma.TransactionClient` that is used. A whole client, which can connect, does not fit. */
export interface PrismaTransaction {
  $queryRawUnsafe(text: string, ...values: unknown[]): PromiseLike<unknown>;
  readonly $connect?: never;
}

/** What Prisma says of a transaction that has ended or run out of time. */
const CLOSED = "P2028";
const ADAPTER = "fromPrisma";
const MEND = "Pass the tx of prisma.$transaction(async (tx) => …).";

/**
 * An interactive transaction of Prisma as the `tx` of a call: the job is stored when the transaction commits. For Prisma 7
 * on PostgreSQL with `@prisma/adapter-pg`. The time limit of the transaction (5 seconds by default) goes on.
 *
 * @throws TransactionNotAdaptedError `FL_TRANSACTION_NOT_ADAPTED`: it is no transaction.
 *
 * @example
 * ```ts
 * import { BackgroundJobClient, defineJobs } from "firelater";
 * import { PostgresStorage } from "firelater/postgres";
 * import { fromPrisma, type PrismaTransaction } from "firelater/prisma";
 *
 * const storage = new PostgresStorage("postgres://localhost/app");
 * const client = new BackgroundJobClient({ storage, jobs: defineJobs({ console }) });
 *
 * // await prisma.$transaction((tx) => welcome(tx, "Ann"));
 * export async function welcome(tx: PrismaTransaction, name: string): Promise<void> {
 *   await client.enqueue((j) => j.console.log("Welcome", name), { tx: fromPrisma(tx) });
 * }
 * ```
 */
export function fromPrisma(tx: PrismaTransaction): PostgresTransaction {
  if (!hasMethods(tx, "$queryRawUnsafe") || tx.$connect !== undefined) {
    throw notATransaction(ADAPTER, tx, MEND);
  }
  return adapted(tx, () => ({
    postgres: async <R extends unknown[]>({ text, values = [] }: PostgresStatement) => {
      try {
        return { rows: toRows<R>(await tx.$queryRawUnsafe(text, ...values)) };
      } catch (error) {
        throw propertyOf(error, "code") === CLOSED ? ended(ADAPTER, error) : withSqlState(error);
      }
    },
    mysql: async () => {
      throw otherEngine(ADAPTER, "Prisma, with which only PostgreSQL is known", "MySQL");
    },
  }));
}

/** An error of PostgreSQL as `pg` tells it, its state in `code`; Prisma puts that below codes of its own. */
class PostgresError extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

function withSqlState(error: unknown): unknown {
  const reason = propertyOf(propertyOf(propertyOf(error, "meta"), "driverAdapterError"), "cause");
  const state = propertyOf(reason, "originalCode");
  if (typeof state !== "string") return error;
  return new PostgresError(state, String(propertyOf(reason, "originalMessage") ?? state), error);
}
