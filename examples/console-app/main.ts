import { BackgroundJobClient, BackgroundJobServer, defineJobs } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import * as primes from "./primes.ts";

const storage = new SqliteStorage("jobs.db");
const jobs = defineJobs({ primes });
const client = new BackgroundJobClient({ storage, jobs });
const server = new BackgroundJobServer({ storage, jobs });

const id = await client.enqueue((j) => j.primes.count(1_000_000));
const count = await client.result(id, { timeout: "30s" }); // a number, as the compiler knows
console.log(`There are ${count} primes below a million.`);

// Whoever opened something closes it; then nothing keeps the process.
await server.stop();
await client.close();
await storage.close();
