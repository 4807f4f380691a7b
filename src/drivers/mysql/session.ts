import type { PoolConnection, RowDataPacket } from "mysql2/promise";
import { InvalidStorageOptionsError } from "../../storage/index.ts";

/** What was found out about one session. */
export interface Session {
  readonly maxPacket: number;
  readonly version: string;
  /** innodb_flush_log_at_trx_commit */
  readonly flush: string;
  readonly database: string;
}

/** A neighbour that holds a lock for longer is waited for no further: the write is rolled back and tried again. */
const LOCK_WAIT_S = 5;

/** Modes that make a value that does not fit an error; without one it would be cut, without a word. */
const STRICT = ["STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"];

/** Sets up a session of our own, and refuses one of somebody else that would change what is stored. */
export async function readSession(connection: PoolConnection, own: boolean): Promise<Session> {
  if (own) {
    await connection.query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
    await connection.query(
      `SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', autocommit = 1,
       innodb_lock_wait_timeout = ${LOCK_WAIT_S}`,
    );
  }
  const [rows] = await connection.query<RowDataPacket[][]>({
    sql: `SELECT @@max_allowed_packet, VERSION(), @@innodb_flush_log_at_trx_commit, @@sql_mode, @@autocommit,
      @@character_set_client, @@character_set_connection, @@character_set_results, DATABASE()`,
    rowsAsArray: true,
  });
  const [maxPacket, version = "", flush = "", modes = "", autocommit, ...rest] = (rows[0] ?? []).map(String);
  const database = rest.pop() ?? "";
  const flaw = flawOf(modes, rest);
  if (flaw !== undefined) refuse(...flaw);
  if (Number(autocommit) !== 1) refuse("autocommit is off", "autocommit = 1");
  return { maxPacket: Number(maxPacket), version, flush, database };
}

/** Why a session would change what is stored, and what it should be like. */
export function flawOf(
  modes: string,
  charsets: readonly string[],
): readonly [what: string, wanted: string] | undefined {
  const set = modes.split(",");
  if (!STRICT.some((mode) => set.includes(mode)))
    return ["its sql_mode is not strict", "STRICT_TRANS_TABLES"];
  // Backslashes would not be escapes, and values would end where they do not.
  if (set.includes("NO_BACKSLASH_ESCAPES")) return ["its sql_mode has NO_BACKSLASH_ESCAPES", "no such mode"];
  const isForeign = charsets.some((name) => name !== "utf8mb4");
  return isForeign ? [`it speaks ${charsets.join(", ")}`, "charset utf8mb4"] : undefined;
}

function refuse(what: string, wanted: string): never {
  throw new InvalidStorageOptionsError(
    `Cannot keep jobs over a connection of this pool: ${what}.`,
    `Give the pool connections with ${wanted}, or give the storage a URL.`,
  );
}
