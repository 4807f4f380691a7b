import { Client } from "pg";
import {
  PostgresStorage,
  type PostgresStorageOptions,
  type PostgresTransaction,
} from "../src/drivers/postgres/index.ts";
import type { BegunTransaction } from "../src/testing/contract/index.ts";
import { type Setup, setUp } from "../src/testing/contract/setup.ts";
import { dropSchema, newSchema, POSTGRES_URL } from "./postgres-schema.ts";

/** A connection of the application's own. */
export async function newCaller(url = POSTGRES_URL): Promise<Client> {
  const client = new Client({ connectionString: url });
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
  tx: PostgresTransaction = client,
): Promise<BegunTransaction> {
  await client.query(begin);
  return {
    insert: (jobs) => storage.insert(jobs, tx),
    change: (changes) => storage.commit(changes, tx),
    commit: async () => void (await client.query("COMMIT")),
    rollback: async () => void (await client.query("ROLLBACK")),
  };
}

export interface Callers extends AsyncDisposable {
  readonly schema: string;
  readonly storage: PostgresStorage;
  readonly setup: Setup;
  another(): PostgresStorage;
  /** A connection of the application's; ended with the rest. */
  caller(): Promise<Client>;
  /** The same, in a transaction. */
  begun(begin?: string): Promise<BegunTransaction & { readonly client: Client }>;
}

/** An empty storage, and an application beside it. */
export function openBeside(options: PostgresStorageOptions = {}): Callers {
  const schema = newSchema();
  const make = () => new PostgresStorage(POSTGRES_URL, { schema, maxConnections: 4, ...options });
  const storage = make();
  const handles = [storage];
  const clients: Client[] = [];
  const another = () => {
    const other = make();
    handles.push(other);
    return other;
  };
  const caller = async () => {
    const client = await newCaller();
    clients.push(client);
    return client;
  };
  return {
    schema,
    storage,
    setup: setUp({ storage, another: async () => another(), dispose: async () => {} }),
    another,
    caller,
    async begun(begin) {
      const client = await caller();
      return { ...(await beginTransaction(storage, client, begin)), client };
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.end().catch(() => {});
      for (const handle of handles) await handle.close();
      await dropSchema(schema);
    },
  };
}
