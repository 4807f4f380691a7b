/** A server with threads that stops while a job spins; then nothing keeps this process. Argument: the file. */
import { BroadcastChannel } from "node:worker_threads";
import { BackgroundJobClient, BackgroundJobServer } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import { CHANNEL, jobs } from "./threaded-jobs.ts";

export type ThreadedServerMessage = "stopped";

const [file = ""] = process.argv.slice(2);
const storage = new SqliteStorage(file);
const client = new BackgroundJobClient({ storage, jobs });
const server = new BackgroundJobServer({
  storage,
  jobs: new URL("./threaded-jobs.ts", import.meta.url),
  threads: 3,
  shutdownTimeout: "200ms",
});
const channel = new BroadcastChannel(CHANNEL);
const begun = new Promise((resolve) => {
  channel.onmessage = resolve;
});
await client.result(await client.enqueue((j) => j.plain.add(1, 2)), { timeout: "20s" });
await client.enqueue((j) => j.plain.spin("spinning"));
await begun;
channel.close();
await server.stop();
await storage.close();
process.send?.("stopped", () => process.disconnect());
