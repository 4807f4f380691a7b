import { areRows, type PostgresStatement, type PostgresTransaction } from "./postgres-transaction.ts";
import { hasMethods, propertyOf } from "./property-of.ts";
import { ended } from "./transaction-not-adapted-error.ts";

/** The part of the `sql` of a transaction of `postgres` that is used. */
export interface PostgresJs {
  unsafe(
    text: string,
    values: unknown[],
    options: { readonly prepare: boolean },
  ): { values(): Promise<PostgresJsRows> };
}

type PostgresJsRows = readonly (readonly unknown[])[] & { readonly columns?: readonly { type: number }[] };

const PROBE = "SAVEPOINT firelater_probe; RELEASE SAVEPOINT firelater_probe";
const NO_TRANSACTION = "25P01";
const INT8 = 20;
const TEXT_ARRAY = 1009;

export function isPostgresJs(value: unknown): value is PostgresJs {
  return hasMethods(value, "unsafe");
}

const known = new WeakMap<PostgresJs, PostgresTransaction>();

/**
 * `postgres` reads values as it was set up to: what it may have left as text is read here, by the types of the columns.
 * One and the same for one transaction: storages queue the calls within it by that.
 */
export function overPostgresJs(sql: PostgresJs): PostgresTransaction {
  let found = known.get(sql);
  if (found === undefined) {
    found = { query: <R extends unknown[]>(statement: PostgresStatement) => query<R>(sql, statement) };
    known.set(sql, found);
  }
  return found;
}

async function query<R extends unknown[]>(
  sql: PostgresJs,
  { text, values = [] }: PostgresStatement,
): Promise<{ rows: R[] }> {
  await requireBegun(sql);
  const answer = await sql.unsafe(text, values, { prepare: false }).values();
  const types = answer.columns?.map(({ type }) => type) ?? [];
  const rows = answer.map((row) => row.map((value, index) => read(value, types[index])));
  return { rows: areRows<R>(rows) ? rows : [] };
}

/**
 * Once the transaction is over, `sql` still sends what it is given, over a connection that may be anybody's: a job would
 * be stored without the transaction. A savepoint is only to be had within one.
 */
async function requireBegun(sql: PostgresJs): Promise<void> {
  try {
    await sql.unsafe(PROBE, [], { prepare: false }).values();
  } catch (error) {
    throw propertyOf(error, "code") === NO_TRANSACTION ? ended("fromDrizzle", error) : error;
  }
}

function read(value: unknown, type: number | undefined): unknown {
  if (type === INT8 && value !== null) return Number(value);
  // Where it does not fetch the types of arrays; the members are ids, which need no quotes.
  if (type === TEXT_ARRAY && typeof value === "string") return value.slice(1, -1).split(",").filter(Boolean);
  return value;
}
