/**
 * A server whose job writes a row and its own success in one transaction. Arguments: the URL, the schema, and whether
 * the run commits or hangs just before.
 */
import { BackgroundJobServer, currentJob, defineJobs } from "firelater";
import { PostgresStorage } from "firelater/postgres";
import { Client } from "pg";

export type CompletingMessage = "ready" | "completed" | "committed";

const [url = "", schema = "", ending = ""] = process.argv.slice(2);
const tell = (message: CompletingMessage) => process.send?.(message);

async function pay(order: number): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("BEGIN");
  await client.query(`INSERT INTO ${schema}.paid (order_id) VALUES ($1)`, [order]);
  await currentJob().completeIn(client, { order });
  tell("completed");
  if (ending === "hangs") await new Promise(() => {});
  await client.query("COMMIT");
  tell("committed");
  await client.end();
}

const server = new BackgroundJobServer({
  storage: new PostgresStorage(url, { schema }),
  jobs: defineJobs({ pay }),
  serverTimeout: "2s",
  heartbeatInterval: "500ms",
  serverCheckInterval: "500ms",
  pollingInterval: "200ms",
});
await server.started;
tell("ready");
await server.stopped;
