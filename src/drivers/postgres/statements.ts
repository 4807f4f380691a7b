import type { News } from "./news.ts";
import type { Tables } from "./schema.ts";

/** A prepared statement: its text differs by schema alone, so every plan is made once a connection. */
export interface Statement {
  readonly name: string;
  readonly text: (t: Tables) => string;
}

/** Runs statements: a pool, each statement its own transaction, or one connection inside of one. */
export interface Runner {
  /** What is to be told once the call is committed. */
  readonly news: News;
  /**
   * A transaction of a caller's, which may stay open for long: it locks and changes nothing that strangers ask for, and
   * what depends on them is put off until `release`, after the commit.
   */
  readonly putsOff?: true;
  run<R extends unknown[]>(statement: Statement, values: readonly unknown[]): Promise<R[]>;
  /** Values as they are sent: for those who put them together before it is their turn. `run` takes either. */
  encoded(values: readonly unknown[]): readonly unknown[];
}

/** The way to the database for one call of a verb. */
export interface Session extends Runner {
  /** One short READ COMMITTED transaction. If the process dies inside, the server rolls it back. */
  transaction<T>(body: (tx: Runner) => Promise<T>): Promise<T>;
  /** Does it again while neighbours are in the way; every other error becomes one of the contract's. */
  attempt<T>(doing: string, action: () => Promise<T>): Promise<T>;
}

/** The store's clock in milliseconds, cut down: never ahead of itself, so nothing due is promoted early. */
export const NOW = "floor(date_part('epoch', clock_timestamp()) * 1000)::bigint";

/** One reading of the clock for a whole statement. */
export const CLOCK = `clock AS MATERIALIZED (SELECT ${NOW} AS now)`;

/**
 * Tails, joined by line feeds, as stamped lines of history. A tail is part of a JSON object, so it holds no line feed of
 * its own; an empty text gives no line.
 */
export function stamped(at: string, tails: string): string {
  const head = `'{"at":' || ${at} || ','`;
  return `CASE WHEN ${tails} = '' THEN '' ELSE ${head} || replace(${tails}, E'\\n', E'}\\n' || ${head}) || E'}\\n' END`;
}

/** The entry of the state that a row leaves, as a line of history. */
export function left(row: string): string {
  return `'{"at":' || ${row}.state_at || ',' || ${row}.entry || E'}\\n'`;
}

/**
 * A bigint as an answer, in statements that also run in transactions of callers: their libraries make a text or a BigInt
 * of an int8, and everywhere a number of this. Ours are far below 2^53, so nothing is lost. For the same reason these
 * statements give each column a name of its own.
 */
export function exact(bigint: string): string {
  return `${bigint}::float8`;
}

/**
 * `column = value` of another row, as a look by index and as nothing else. A plain equation is one that a merge join
 * could use, so the planner also thinks of walking the whole index in its order: the cheapest way while it believes that
 * the table is empty, and a disaster in the minute before it learns that a million jobs have come.
 */
export function sought(column: string, value: string): string {
  return `${column} = ANY (ARRAY[${value}])`;
}
