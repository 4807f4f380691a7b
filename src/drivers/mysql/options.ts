import { createPool, type Pool } from "mysql2/promise";
import { preview } from "../../base/error.ts";
import { InvalidStorageOptionsError } from "../../storage/index.ts";
import { refuseUnknownNames } from "../shared/known-options.ts";

/** How a MySQL storage reaches its server. */
export interface MysqlStorageOptions {
  /** Connections at most, for a storage that is made with a URL. Default 8; the lease thread has one more. */
  readonly maxConnections?: number | undefined;
  /**
   * `false`: opens only a database that has the tables of this version. Nothing is made or migrated: `FL_STORE_MISSING`,
   * `FL_SCHEMA_TOO_OLD`. Default `true`.
   */
  readonly migrate?: boolean | undefined;
}

/** One statement as the driver sends it: its values are written out. */
export interface MysqlStatement {
  readonly sql: string;
  /** Asked of a statement that reads: rows as arrays. A statement that writes is answered by a header. */
  readonly rowsAsArray?: boolean;
  readonly typeCast?: boolean;
}

/**
 * What `{ tx }` takes: a connection of `mysql2/promise` on which you have begun a transaction, `createConnection()` or
 * one that a pool gave you; never a pool. What the adapters of libraries make of their transactions fits, too. The answer
 * to a statement is a pair, of which the first is `unknown[][]` or `{ affectedRows, insertId }`.
 */
export interface MysqlTransaction {
  query(statement: MysqlStatement): Promise<[unknown, unknown]>;
  /** Only pools have it. */
  readonly getConnection?: never;
}

/** The same of `mysql2` itself, whose connections take callbacks. */
export interface MysqlCallbackConnection {
  promise(): MysqlTransaction;
  /** Only pools have it. */
  readonly getConnection?: never;
}

/** Where the jobs are. */
export type MysqlTarget = string | { readonly pool: Pool };

/** A pool, and whose it is. */
export interface Source {
  readonly name: string;
  readonly pool: Pool;
  /** For a connection of the lease thread's own; undefined when the pool is the caller's. */
  readonly url: string | undefined;
  /** Whether tables may be made and changed. */
  readonly migrates: boolean;
}

const CONNECTIONS = 8;
const EXAMPLE =
  'Give a URL such as "mysql://user:password@127.0.0.1:3306/app", or { pool } of mysql2/promise.';

/** Opens nothing: a pool connects when it is first asked. */
export function toSource(target: MysqlTarget, options: MysqlStorageOptions): Source {
  refuseUnknownNames(options, { maxConnections: true, migrate: true }, "the options of a MySQL storage");
  const { maxConnections = CONNECTIONS, migrate: migrates = true } = options;
  if (!Number.isInteger(maxConnections) || maxConnections < 2 || maxConnections > 1_000) {
    throw new InvalidStorageOptionsError(
      `Cannot use ${preview(maxConnections)} as maxConnections.`,
      "Use a whole number from 2 to 1,000.",
    );
  }
  if (typeof migrates !== "boolean")
    refuse(`Cannot use ${preview(migrates)} as migrate.`, "Give true or false.");
  if (typeof target === "string") {
    return { name: nameOf(target), pool: connect(target, maxConnections), url: target, migrates };
  }
  const pool: unknown = typeof target === "object" && target !== null ? target.pool : undefined;
  if (!isPool(pool)) refuse(`Cannot use ${preview(target)} as a MySQL storage.`, EXAMPLE);
  refuseUnknownNames(target, { pool: true }, "what says where the database is");
  return { name: nameOfPool(pool), pool, url: undefined, migrates };
}

/** Also how the lease thread connects. */
export function connect(url: string, connections: number): Pool {
  return createPool({
    uri: url,
    connectionLimit: connections,
    enableKeepAlive: true,
    connectTimeout: 10_000,
    charset: "utf8mb4",
  });
}

/** The same text for all who open the same jobs, whoever they log in as. */
function nameOf(url: string): string {
  // Not shown: where in it a password stands cannot be told.
  if (!URL.canParse(url)) refuse("Cannot read the text that was given as a URL.", EXAMPLE);
  const { protocol, hostname, port, pathname, searchParams } = new URL(url);
  if (protocol !== "mysql:" && protocol !== "mariadb:") {
    refuse(`Cannot use ${protocol}// for a MySQL storage.`, EXAMPLE);
  }
  const database = decodeURIComponent(pathname.slice(1));
  if (database === "" || database.includes("/")) refuse("The URL names no database.", EXAMPLE);
  const place = searchParams.get("socketPath") ?? `//${hostname}:${port === "" ? "3306" : port}`;
  return `mysql:${place}/${database}`;
}

function nameOfPool(pool: Pool): string {
  const config: unknown = Reflect.get(Object(Reflect.get(Object(pool.pool), "config")), "connectionConfig");
  const read = (key: string): unknown => Reflect.get(Object(config), key);
  if (typeof read("database") !== "string" || read("database") === "") {
    refuse("The pool names no database.", "Give the pool a database: the tables of jobs are made in it.");
  }
  const place = read("socketPath") ?? `//${String(read("host"))}:${String(read("port"))}`;
  return `mysql:${String(place)}/${String(read("database"))}`;
}

/** The pool of `mysql2` itself takes callbacks; the one of `mysql2/promise` has it within. */
function isPool(pool: unknown): pool is Pool {
  return typeof pool === "object" && pool !== null && "getConnection" in pool && "pool" in pool;
}

function refuse(what: string, mend: string): never {
  throw new InvalidStorageOptionsError(what, mend);
}
