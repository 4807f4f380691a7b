import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { BackgroundJobClient, JobDetails, Storage } from "firelater";
import { chainDirectly } from "./chain.ts";
import type { FileEntry } from "./file-jobs.ts";
import { slotsSoFar } from "./heartbeat.ts";
import type { Jobs } from "./jobs.ts";
import { countJobs, HOME, type Run } from "./run-state.ts";
import { HEAVY_ROUNDS } from "./store-jobs.ts";

/** Everything in which a finished run differs from what a direct computation gives, and from what was promised. */
export async function findDifferences(
  storage: Storage,
  client: BackgroundJobClient<Jobs>,
  run: Run,
): Promise<string[]> {
  return [
    ...(await compareReport(run)),
    ...(await compareCounts(storage, run)),
    ...(await compareHistories(client, run)),
  ];
}

/** The report against the files, hashed here and now without any job. */
async function compareReport({ folder, files }: Run): Promise<string[]> {
  const differences: string[] = [];
  const reported = new Map<string, FileEntry>();
  for (const entry of await readReport()) {
    if (reported.has(entry.path)) differences.push(`${entry.path}: the report has it twice`);
    reported.set(entry.path, entry);
  }
  for (const { path } of files) {
    differences.push(...compareEntry(path, reported.get(path), await computeDirectly(folder, path)));
    reported.delete(path);
  }
  return [
    ...differences,
    ...[...reported.keys()].map((path) => `${path}: the report has it, the run has not`),
  ];
}

async function readReport(): Promise<FileEntry[]> {
  const report: { files: FileEntry[] } = JSON.parse(await readFile(join(HOME, "report.json"), "utf8"));
  return report.files;
}

/** Nothing when the file is gone meanwhile. */
async function computeDirectly(folder: string, path: string): Promise<FileEntry | undefined> {
  const content = await readFile(join(folder, path)).catch(() => undefined);
  if (content === undefined) return undefined;
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { path, bytes: content.length, gzipped: gzipSync(content).length, sha256 };
}

function compareEntry(
  path: string,
  reported: FileEntry | undefined,
  direct: FileEntry | undefined,
): string[] {
  if (reported === undefined) return [`${path}: the report lacks it`];
  if (direct === undefined) return [`${path}: it cannot be read any more`];
  return (["bytes", "gzipped", "sha256"] as const)
    .filter((field) => reported[field] !== direct[field])
    .map((field) => `${path}: ${field} is ${reported[field]} in the report and ${direct[field]} directly`);
}

async function compareCounts(storage: Storage, run: Run): Promise<string[]> {
  // A run that is checked again has beats of the first time.
  const expected = countJobs(run) + (await slotsSoFar(storage)).length;
  return Object.entries(await storage.counts())
    .map(([state, count]) => ({ state, count, want: state === "Succeeded" ? expected : 0 }))
    .filter(({ count, want }) => count !== want)
    .map(({ state, count, want }) => `${count} jobs are ${state}, expected ${want}`);
}

async function compareHistories(client: BackgroundJobClient<Jobs>, run: Run): Promise<string[]> {
  const differences: string[] = [];
  for (const { path, id } of run.files) {
    const job = await client.get(id);
    if (job?.arguments?.[0] !== path || times(job, "Succeeded") !== 1)
      differences.push(`${path}: its job ${id} has not succeeded exactly once`);
  }
  const failures = times(await client.get(run.unreliable), "Failed");
  if (failures !== 2) differences.push(`the retrying job has failed ${failures} times, expected 2`);
  differences.push(...(await compareHeavy(client, run)));
  if (ranEarly(await client.get(run.reminder))) differences.push("the delayed job ran before its time");
  return differences;
}

async function compareHeavy(client: BackgroundJobClient<Jobs>, run: Run): Promise<string[]> {
  const { hash, thread } = await client.result(run.heavy, { timeout: "5s" });
  const differences: string[] = [];
  if (hash !== chainDirectly(run.report, HEAVY_ROUNDS)) differences.push(`the heavy job gave ${hash}`);
  if (thread === 0) differences.push("the heavy job ran in the main thread");
  return differences;
}

/** Slots that follow each other by a second, each once: what a recurring job every second must have been given. */
export function compareBeats(slots: readonly Date[], least: number): string[] {
  const gaps = slots.slice(1).map((slot, index) => Number(slot) - Number(slots[index]));
  const differences = slots
    .filter((slot) => slot.getMilliseconds() !== 0)
    .map((slot) => `the recurring job fired at ${slot.toISOString()}, between two slots`);
  if (slots.length < least)
    differences.push(`the recurring job fired ${slots.length} times, expected ${least}`);
  if (gaps.includes(0)) differences.push("the recurring job fired a slot twice");
  return differences;
}

function times(job: JobDetails | null, state: JobDetails["state"]): number {
  return job?.history.filter((entry) => entry.state === state).length ?? 0;
}

function ranEarly(job: JobDetails | null): boolean {
  const begin = job?.history.find(({ state }) => state === "Processing");
  return begin === undefined || job?.dueAt == null || begin.at < job.dueAt;
}
