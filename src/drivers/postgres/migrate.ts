import type { PoolClient } from "pg";
import { SchemaTooNewError } from "../../storage/index.ts";
import type { Connection } from "./connection.ts";
import { MIGRATIONS, type Tables } from "./schema.ts";

/**
 * Brings the schema to the version of this package. All in one transaction behind an advisory lock: of many processes
 * that start at once one migrates and the others find it done; if it dies, nothing has happened.
 */
export function migrate(connection: Connection, storage: string): Promise<void> {
  const { tables } = connection;
  return connection.script(async (client) => {
    await client.query("SELECT pg_advisory_xact_lock(hashtext('firelater'), hashtext($1))", [tables.schema]);
    const found = await versionOf(client, tables);
    if (found > MIGRATIONS.length) throw new SchemaTooNewError(storage, found, MIGRATIONS.length);
    if (found === MIGRATIONS.length) return;
    if (found === 0) await createSchema(client, tables);
    for (const migration of MIGRATIONS.slice(found)) await client.query(migration(tables));
    await client.query(`UPDATE ${tables.meta} SET version = $1`, [MIGRATIONS.length]);
  });
}

async function versionOf(client: PoolClient, { meta }: Tables): Promise<number> {
  const { rows } = await client.query<{ there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [
    meta,
  ]);
  if (rows[0]?.there !== true) return 0;
  const answer = await client.query<{ version: number }>(`SELECT version FROM ${meta}`);
  return answer.rows[0]?.version ?? 0;
}

async function createSchema(client: PoolClient, { schema, meta }: Tables): Promise<void> {
  // Asked first: a role that may use the schema but not create one is refused even IF NOT EXISTS.
  const { rows } = await client.query<{ there: boolean }>("SELECT to_regnamespace($1) IS NOT NULL AS there", [
    schema,
  ]);
  if (rows[0]?.there !== true) await client.query(`CREATE SCHEMA ${schema}`);
  await client.query(`CREATE TABLE ${meta} (version integer NOT NULL); INSERT INTO ${meta} VALUES (0)`);
}
