/** A server of another process that only judges: its queue is empty. Tells when it is steady, and whom it takes from. */
import { BackgroundJobServer, defineJobs } from "firelater";
import { SqliteStorage } from "firelater/sqlite";

export type JudgeMessage = "at work" | { readonly recovered: string };

const [file = ""] = process.argv.slice(2);
const storage = new SqliteStorage(file);
const server = new BackgroundJobServer({
  storage,
  jobs: defineJobs({}),
  name: "judge",
  queues: ["nothing"],
  serverTimeout: "2s",
  heartbeatInterval: "500ms",
  serverCheckInterval: "200ms",
});
server.on("recovered", ({ id }) => process.send?.({ recovered: id }));
await server.started;
process.send?.("at work");
await server.stopped;
