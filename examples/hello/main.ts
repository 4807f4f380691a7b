import { BackgroundJobClient, BackgroundJobServer, defineJobs } from "firelater";
import { SqliteStorage } from "firelater/sqlite";

const storage = new SqliteStorage("jobs.db");
const jobs = defineJobs({ console });

const client = new BackgroundJobClient({ storage, jobs });
await client.enqueue((j) => j.console.log("Easy!"));
await client.delay((j) => j.console.log("Reliable!"), { days: 1 });

const server = new BackgroundJobServer({ storage, jobs });
await server.stopped; // until Ctrl+C
