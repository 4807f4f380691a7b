import { type Durability, SchemaTooNewError } from "../../storage/index.ts";
import { refuseUnmigrated } from "../shared/refuse-unmigrated.ts";
import type { Connection } from "./connection.ts";
import type { PostgresClient } from "./options.ts";
import { MIGRATIONS, type Tables } from "./schema.ts";

/**
 * Brings the schema to the version of this package. All in one transaction behind an advisory lock: of many processes
 * that start at once one migrates and the others find it done; if it dies, nothing has happened. `mayMigrate` false:
 * a schema of another version is refused instead.
 */
export function migrate(connection: Connection, storage: string, mayMigrate: boolean): Promise<void> {
  const { tables } = connection;
  return connection.script(async (client) => {
    await ask(client, "SELECT pg_advisory_xact_lock(hashtext('firelater'), hashtext($1))", [tables.schema]);
    const found = await versionOf(client, tables);
    if (found > MIGRATIONS.length) throw new SchemaTooNewError(storage, found, MIGRATIONS.length);
    if (!mayMigrate) refuseUnmigrated(storage, found, MIGRATIONS.length);
    if (found === MIGRATIONS.length) return;
    if (found === 0) await createSchema(client, tables);
    for (const migration of MIGRATIONS.slice(found)) await ask(client, migration(tables));
    await ask(client, `UPDATE ${tables.meta} SET version = $1`, [MIGRATIONS.length]);
  });
}

/** What a storage knows of its server. */
export interface Surroundings {
  /** How the server writes what we commit. */
  readonly durability: Durability;
  /** The name of the database, once it is known. */
  readonly database: string | undefined;
}

export const UNKNOWN: Surroundings = {
  durability: { level: "fsync", setting: "synchronous_commit=on" },
  database: undefined,
};

/** An old server is refused here: it would fail at the first claim. */
export async function lookAround(connection: Connection): Promise<Surroundings> {
  let found = UNKNOWN;
  await connection.script(async (client) => {
    const [row] = await ask<[version: number, commit: string, fsync: string, database: string]>(
      client,
      `SELECT current_setting('server_version_num')::integer, current_setting('synchronous_commit'),
       current_setting('fsync'), current_database()`,
    );
    const [version, commit, fsync, database] = row ?? [0, "", "", ""];
    if (version < OLDEST)
      throw new Error(`the server is too old (${version}): PostgreSQL 13 or later is needed`);
    const isWeak = commit === "off" || fsync === "off";
    const setting = fsync === "off" ? "fsync=off" : `synchronous_commit=${commit}`;
    found = { durability: { level: isWeak ? "os" : "fsync", setting }, database };
  });
  return found;
}

const OLDEST = 130_000;

async function ask<R extends unknown[]>(
  client: PostgresClient,
  text: string,
  values?: unknown[],
): Promise<R[]> {
  const query = values === undefined ? { text } : { text, values };
  return (await client.query<R>({ ...query, rowMode: "array" })).rows;
}

async function versionOf(client: PostgresClient, { meta }: Tables): Promise<number> {
  const [found] = await ask<[there: boolean]>(client, "SELECT to_regclass($1) IS NOT NULL", [meta]);
  if (found?.[0] !== true) return 0;
  const [version] = await ask<[version: number]>(client, `SELECT version FROM ${meta}`);
  return version?.[0] ?? 0;
}

async function createSchema(client: PostgresClient, { schema, meta }: Tables): Promise<void> {
  // Asked first: a role that may use the schema but not create one is refused even IF NOT EXISTS.
  const [found] = await ask<[there: boolean]>(client, "SELECT to_regnamespace($1) IS NOT NULL", [schema]);
  if (found?.[0] !== true) await ask(client, `CREATE SCHEMA ${schema}`);
  await ask(client, `CREATE TABLE ${meta} (version integer NOT NULL); INSERT INTO ${meta} VALUES (0)`);
}
