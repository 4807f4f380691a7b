import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "./run.ts";

const MAIN = `import assert from "node:assert/strict";
import { BackgroundJobClient, BackgroundJobServer, defineJobs } from "firelater";
import { MemoryStorage } from "firelater/memory";
import { openTelemetry } from "firelater/opentelemetry";
const storage = new MemoryStorage();
const jobs = defineJobs({ add: (a, b) => a + b });
const filters = [openTelemetry()];
const client = new BackgroundJobClient({ storage, jobs, filters });
const server = new BackgroundJobServer({ storage, jobs, filters });
assert.equal(await client.result(await client.enqueue((j) => j.add(1, 2)), { timeout: "30s" }), 3);
await server.stop();
await storage.close();
`;

/** Runs a job inside the filter; throws when it does not do what it does from the sources. */
export async function runTelemetry(node: string, project: string): Promise<void> {
  writeFileSync(join(project, "telemetry.mjs"), MAIN);
  await must(node, ["telemetry.mjs"], project);
}
