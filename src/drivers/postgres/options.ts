import { preview } from "../../base/error.ts";
import { InvalidStorageOptionsError } from "../../storage/index.ts";
import { refuseUnknownNames } from "../shared/known-options.ts";

/** What a PostgreSQL storage needs besides its database. */
export interface PostgresStorageOptions {
  /** The tables live in a schema of this name, made when it is missing. Default `"firelater"`. */
  readonly schema?: string | undefined;
  /** Connections at most, besides one for LISTEN and one for each server's lease. Default 5. Not for a pool of your own. */
  readonly maxConnections?: number | undefined;
  /**
   * Hears other processes by LISTEN on a connection of its own (default). `false`: looks for news every 25 ms after
   * work, up to once a second when idle; for PgBouncer in transaction mode, where LISTEN does not work.
   */
  readonly listen?: boolean | undefined;
  /**
   * Wakes servers by `pg_notify` when a transaction of yours is committed in which jobs were stored (default). PostgreSQL
   * lets such commits of one database go one after another: `false` leaves these jobs to polling. With `listen: false`
   * nothing is notified.
   */
  readonly notifyInTransaction?: boolean | undefined;
  /**
   * `false`: opens only a schema that has the tables of this version. Nothing is made or migrated: `FL_STORE_MISSING`,
   * `FL_SCHEMA_TOO_OLD`. Default `true`.
   */
  readonly migrate?: boolean | undefined;
}

/**
 * What `{ tx }` takes: a client of `pg` on which you have begun a transaction, `new Client()` or one that a pool gave
 * you; never a pool. Anything else with such a `query` will do. As every statement that fails in PostgreSQL, a call that
 * fails ends the transaction: roll back, or back to a savepoint of yours.
 */
export interface PostgresTransaction {
  query<R extends unknown[]>(query: PostgresQuery): Promise<{ rows: R[] }>;
  /** `I`dle, in a `T`ransaction, or in one that has failed (`E`); null: not connected. Clients know it since `pg` 8.17. */
  getTransactionStatus?(): string | null;
  /** Only pools have it. */
  readonly totalCount?: never;
}

/** The part of a `pg` client that the driver uses. */
export interface PostgresClient {
  query<R extends unknown[]>(query: PostgresQuery): Promise<{ rows: R[] }>;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  on(event: "notification", listener: (message: { payload?: string | undefined }) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
}

/** One statement as the driver sends it: values bound, rows as arrays. */
export interface PostgresQuery {
  readonly name?: string;
  readonly text: string;
  readonly values?: unknown[];
  readonly rowMode: "array";
  readonly types?: { getTypeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown };
}

/** A client of a pool. */
export interface PostgresPoolClient extends PostgresClient {
  release(broken?: boolean): void;
}

/** A pool of `pg`: what `new Pool()` gives fits. Whoever made it ends it. */
export interface PostgresPool {
  connect(): Promise<PostgresPoolClient>;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "connect", listener: (client: PostgresClient) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "connect", listener: (client: PostgresClient) => void): unknown;
}

/** Where the database is: a URL, or a pool of your own. */
export type PostgresSource = string | { readonly pool: PostgresPool };

/** Refuses what could only fail later, and says nothing of what it was given: that may hold a password. */
export function checkSource(source: unknown): void {
  if (typeof source === "string" && /^postgres(ql)?:\/\//.test(source) && URL.canParse(source)) return;
  if (typeof source === "object" && source !== null) {
    const pool: unknown = Reflect.get(source, "pool");
    if (typeof pool === "object" && pool !== null && typeof Reflect.get(pool, "connect") === "function") {
      refuseUnknownNames(source, { pool: true }, "what says where the database is");
      return;
    }
  }
  throw new InvalidStorageOptionsError(
    `Cannot open a PostgreSQL storage from ${typeof source === "string" ? "this text" : preview(source)}.`,
    'Give a URL, such as "postgres://user:password@host:5432/database", or { pool } with a Pool of pg.',
  );
}

/** A misspelt option must not end as another promise. */
export function checkOptions(options: PostgresStorageOptions): void {
  refuseUnknownNames(
    options,
    { schema: true, maxConnections: true, listen: true, notifyInTransaction: true, migrate: true },
    "the options of a PostgreSQL storage",
  );
  const { maxConnections, listen, notifyInTransaction, migrate } = options;
  if (maxConnections !== undefined && (!Number.isInteger(maxConnections) || maxConnections < 1)) {
    throw new InvalidStorageOptionsError(
      `Cannot use ${preview(maxConnections)} as maxConnections.`,
      "Give an integer from 1 on.",
    );
  }
  for (const [name, value] of Object.entries({ listen, notifyInTransaction, migrate })) {
    if (value === undefined || typeof value === "boolean") continue;
    throw new InvalidStorageOptionsError(`Cannot use ${preview(value)} as ${name}.`, "Give true or false.");
  }
}
