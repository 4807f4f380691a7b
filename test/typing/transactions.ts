/** Calls within transactions of the caller's. */
import type { DatabaseSync } from "node:sqlite";
import { BackgroundJobClient, currentJob, defineJobs } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import { TestJobs } from "firelater/testing";
import { tidy } from "./fixtures.ts";
import { type Jobs, jobs } from "./use.ts";

declare const database: DatabaseSync;

await using owner = new BackgroundJobClient({ storage: new SqliteStorage(database), jobs });
await using _registered: BackgroundJobClient<Jobs, DatabaseSync> = owner;
const id = await owner.enqueue((j) => j.mail.welcome("x"), { tx: database });
await owner.delay((j) => j.tidy(1), "1h", { tx: database, queue: "slow" });
await owner.enqueueMany((j) => [j.tidy(1), [j.tidy(2), { priority: 1 }]], { tx: database });
await owner.continueWith(id, (j) => j.tidy(1), { tx: database, on: "ended" });
await using quick = new TestJobs({ jobs: defineJobs({ tidy }) });
await quick.client.enqueue((j) => j.tidy(1), { tx: database });
await currentJob().completeIn(database, { rows: 1 });
