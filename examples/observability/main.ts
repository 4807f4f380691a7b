import "./telemetry.ts";
import { subscribe } from "node:diagnostics_channel";
import { BackgroundJobClient, BackgroundJobServer, defineJobs } from "firelater";
import { openTelemetry } from "firelater/opentelemetry";
import { SqliteStorage } from "firelater/sqlite";
import * as mail from "./mail.ts";

const storage = new SqliteStorage("jobs.db");
const jobs = defineJobs({ mail });
const filters = [openTelemetry()];
const client = new BackgroundJobClient({ storage, jobs, filters });
const server = new BackgroundJobServer({ storage, jobs, filters });

// Events: what this client and this server did.
client.on("enqueued", ({ name, state }) => console.log(`event: ${name} is ${state}`));
server.on("succeeded", ({ name, duration }) => console.log(`event: ${name} has succeeded in ${duration} ms`));
// Channels: what all of them did in this process, for tools that have none of them at hand.
subscribe("firelater:job:started", (message) => console.log("channel:", message));

const id = await client.enqueue((j) => j.mail.welcome("you"));
console.log(await client.result(id, { timeout: "30s" }));

await server.stop();
await client.close();
await storage.close();
