import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { withUser } from "../src/drivers/postgres/address.ts";
import { postgresServer } from "./servers/postgres-server.ts";

/** The server on which tests run that need one. */
export const POSTGRES_URL = withUser(process.env.POSTGRES_URL ?? "postgres://127.0.0.1:5432/test");

export function newSchema(): string {
  return `firelater_test_${randomBytes(6).toString("hex")}`;
}

/** One statement on a connection of its own. */
export async function onPostgres(text: string, values: readonly unknown[] = [], url = POSTGRES_URL) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(text, [...values]);
  } finally {
    await client.end();
  }
}

export async function dropSchema(schema: string): Promise<void> {
  await onPostgres(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
}

/** Whether a server answers; tests that need one are skipped else. */
export function isReachable(): Promise<boolean> {
  return postgresServer.answers(POSTGRES_URL);
}
