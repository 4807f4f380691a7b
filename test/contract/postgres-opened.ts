import { Client } from "pg";
import { PostgresStorage } from "../../src/drivers/postgres/index.ts";
import { eventually } from "../../src/testing/contract/expect.ts";
import { type Setup, setUp } from "../../src/testing/contract/setup.ts";
import { beginTransaction, newCaller } from "../postgres-callers.ts";
import { dropSchema, newSchema, POSTGRES_URL } from "../postgres-schema.ts";

/** `POSTGRES_LISTEN=false`: the server at POSTGRES_URL stands behind a pooler of transactions. */
const LISTEN = process.env.POSTGRES_LISTEN !== "false";

export type Opened = Awaited<ReturnType<typeof open>>;

export async function within(body: (opened: Opened, setup: Setup) => Promise<void>): Promise<void> {
  const opened = await open();
  try {
    await body(opened, setUp(opened));
  } finally {
    await opened.dispose();
  }
}

/** A neighbour. */
export async function connect() {
  const client = new Client({ connectionString: POSTGRES_URL });
  await client.connect();
  return {
    client,
    /** Asked inside its transaction: behind a pooler it has no process of its own outside. */
    untilSomebodyWaits: () =>
      eventually("somebody waits for the neighbour", async () => {
        const waiting = await client.query(
          "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))",
        );
        return waiting.rowCount === 0 ? undefined : true;
      }),
    [Symbol.asyncDispose]: () => client.end(),
  };
}

/** A storage in a schema of its own. */
export async function open() {
  const schema = newSchema();
  const handle = () => new PostgresStorage(POSTGRES_URL, { schema, maxConnections: 4, listen: LISTEN });
  const storage = handle();
  const handles = [storage];
  const callers: Client[] = [];
  return {
    storage,
    schema,
    async begin() {
      const client = await newCaller();
      callers.push(client);
      return await beginTransaction(storage, client);
    },
    async another() {
      const other = handle();
      handles.push(other);
      return other;
    },
    async dispose() {
      for (const one of callers) await one.end();
      for (const one of handles) await one.close();
      await dropSchema(schema);
    },
  };
}
