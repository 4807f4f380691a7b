/** A server that is sent signals. Arguments: the file, and what the application does about signals itself. */
import { BackgroundJobClient, BackgroundJobServer, currentJob, defineJobs } from "firelater";
import { SqliteStorage } from "firelater/sqlite";

export type SignalledMessage = "running" | "aborted" | "stopped" | "application heard" | "drained twice";

const [file = "", application = ""] = process.argv.slice(2);
const tell = (message: SignalledMessage) => process.send?.(message);

/** Runs until it is asked to end; `deaf` does not even listen. */
async function work(deaf: boolean): Promise<void> {
  tell("running");
  const { signal } = currentJob();
  await new Promise<void>((_, reject) => {
    signal.addEventListener("abort", () => {
      tell("aborted");
      if (!deaf) reject(signal.reason);
    });
  });
}

const jobs = defineJobs({ work });
const storage = new SqliteStorage(file);
const client = new BackgroundJobClient({ storage, jobs });
const options = { storage, jobs, pollingInterval: "200ms", shutdownTimeout: "20s" } as const;
const server = new BackgroundJobServer({ ...options, signals: application !== "signals: false" });
if (application === "listens") process.on("SIGTERM", () => tell("application heard"));
if (application === "two servers") new BackgroundJobServer({ ...options, name: "other", queues: ["other"] });
process.on("message", () => process.exit(7));

await server.started;
await client.enqueue((j) => j.work(application === "deaf job"));
await server.stopped;
tell("stopped");
