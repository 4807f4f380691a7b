import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "./run.ts";

const JOBS = `import { threadId } from "node:worker_threads";
import { currentJob, defineJobs } from "firelater";
const work = {
  where: (date) => ({ threadId, date, attempt: currentJob().attempt }),
  spin() { for (;;); },
};
export const jobs = defineJobs({ work }, { work: { spin: { timeout: "100ms", retry: false } } });
`;

/** A result from a thread, a job that has to be stopped there, and a process that ends by itself. */
const MAIN = `import assert from "node:assert/strict";
import { threadId } from "node:worker_threads";
import { BackgroundJobClient, BackgroundJobServer } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import { jobs } from "./threaded-jobs.mjs";
const storage = new SqliteStorage("threaded.db");
const client = new BackgroundJobClient({ storage, jobs });
const module = new URL("./threaded-jobs.mjs", import.meta.url);
const server = new BackgroundJobServer({ storage, jobs: module, threads: 2 });
await server.started;
const spin = await client.enqueue((j) => j.work.spin());
const date = new Date(1);
const { threadId: where, ...rest } = await client.result(await client.enqueue((j) => j.work.where(date)), { timeout: "30s" });
assert.notEqual(where, threadId);
assert.deepEqual(rest, { date, attempt: 1 });
await assert.rejects(client.result(spin, { timeout: "30s" }), { code: "FL_JOB_FAILED" });
await server.stop();
await storage.close();
`;

/** Runs a server with threads from the installed package; throws when it does not do what it does from the sources. */
export async function runThreads(node: string, project: string): Promise<void> {
  writeFileSync(join(project, "threaded-jobs.mjs"), JOBS);
  writeFileSync(join(project, "threaded.mjs"), MAIN);
  await must(node, ["threaded.mjs"], project);
}
