/**
 * One of several processes on one file: a server and a client under load. Every error that reaches the caller is told.
 * Arguments: the file, the number of jobs.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { BackgroundJobClient, BackgroundJobServer, defineJobs } from "firelater";
import { SqliteStorage } from "firelater/sqlite";

export interface BusyMessage {
  readonly errors: readonly string[];
  readonly stored: number;
  readonly longestDelayMs: number;
}

const [file = "", count = "0"] = process.argv.slice(2);
const errors: string[] = [];
const keep = (error: unknown) => void errors.push(String(error));
const jobs = defineJobs({ tick: async (_: number) => {} });
const storage = new SqliteStorage(file);
await storage.ready;
const client = new BackgroundJobClient({ storage, jobs });
const told = (text: string, error?: unknown) => keep(`${text} ${String(error)}`);
const logger = { debug() {}, info() {}, warn: told, error: told };
const server = new BackgroundJobServer({ storage, jobs, logger, pollingInterval: "200ms" });
await server.started;

// From here on: compiling the sources is no load on the database.
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const half = Number(count) / 2;
const many = client.enqueueMany((j) => Array.from({ length: half }, (_, n) => j.tick(n))).catch(keep);
for (let n = 0; n < half; n += 10) {
  await Promise.all(Array.from({ length: 10 }, () => client.enqueue((j) => j.tick(n)))).catch(keep);
  await client
    .enqueue((j) => j.tick(n))
    .then((id) => client.get(id))
    .catch(keep);
}
await many;
delay.disable();
const message: BusyMessage = {
  errors,
  stored: half + half * 1.1,
  longestDelayMs: Math.round(delay.max / 1e6),
};
process.send?.(message);
process.on("message", () => void server.stop().then(() => process.exit(0)));
