import { BackgroundJobServer, defineJobs } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import * as thumbnails from "./thumbnails.ts";

const jobs = defineJobs({ thumbnails }, { thumbnails: { make: { retry: { retries: 5 }, timeout: "1m" } } });
/** All that a producer needs of this program. */
export type Jobs = typeof jobs;

const storage = new SqliteStorage("jobs.db");
const server = new BackgroundJobServer({ storage, jobs, queues: ["pictures"], workerCount: 4 });
await server.started;
console.log(`waiting for jobs, pid ${process.pid}`);
// SIGTERM, as service managers send it: running jobs may end, then the process does.
await server.stopped;
