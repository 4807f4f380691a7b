import { Client } from "pg";
import type { PostgresStorage } from "../src/drivers/postgres/index.ts";
import type { BegunTransaction } from "../src/testing/contract/index.ts";
import { POSTGRES_URL } from "./postgres-schema.ts";

/** A connection of the application's own. */
export async function newCaller(): Promise<Client> {
  const client = new Client({ connectionString: POSTGRES_URL });
  // One that is ended from outside must not end the tests.
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** Begins a transaction of the application's, and the verbs of the storage within it. */
export async function beginTransaction(
  storage: PostgresStorage,
  client: Client,
  begin = "BEGIN",
): Promise<BegunTransaction> {
  await client.query(begin);
  return {
    insert: (jobs) => storage.insert(jobs, client),
    change: (changes) => storage.commit(changes, client),
    commit: async () => void (await client.query("COMMIT")),
    rollback: async () => void (await client.query("ROLLBACK")),
  };
}
