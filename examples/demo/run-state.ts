import { randomUUID } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobId } from "firelater";
import type { ChainEnd } from "./chain.ts";
import type { FileEntry } from "./file-jobs.ts";
import { listFiles } from "./list-files.ts";
import { UsageError } from "./options.ts";

/** Where the database, the report and `run.json` are. */
export const HOME = ".demo";

/** How many files one part of the report joins. */
const PART = 500;

/**
 * What one run is about: its files and the ids of all its jobs. It is written down before the first job is stored, so
 * that a process which finds it can store every job again: what is there already is left alone.
 */
export interface Run {
  readonly folder: string;
  /** Each run has its own, so that the storage's counters are the run's. */
  readonly database: string;
  readonly files: readonly { readonly path: string; readonly id: JobId<FileEntry> }[];
  readonly parts: readonly {
    readonly id: JobId<FileEntry[]>;
    readonly files: readonly JobId<FileEntry>[];
  }[];
  readonly report: JobId<number>;
  readonly unreliable: JobId<string>;
  readonly reminder: JobId<string>;
  readonly heavy: JobId<ChainEnd>;
  readonly finished: boolean;
  /** The process that began it or went on with it last: it may still stand there, with the database open. */
  readonly pid: number;
}

/** How a run starts: as a new one, where another process left it, or anew because files of that one are gone. */
export type Start = "new" | "goes on" | "anew";

/** The run that was left unfinished, or a new one over `folder`. */
export async function openRun(folder: string | undefined): Promise<{ run: Run; start: Start }> {
  const last = await readRun();
  if (last === undefined || last.finished) return { run: await beginRun(folder, last), start: "new" };
  if (folder !== undefined && folder !== last.folder) {
    throw new UsageError(
      `An unfinished run over ${last.folder} is in ${HOME}: finish it first, or remove ${HOME}.`,
    );
  }
  if (hasAllFiles(last)) {
    const run = { ...last, pid: process.pid };
    await writeRun(run);
    return { run, start: "goes on" };
  }
  return { run: await beginRun(last.folder, last), start: "anew" };
}

/** A file that is gone can be neither done nor checked. */
function hasAllFiles({ folder, files }: Run): boolean {
  return files.every(({ path }) => existsSync(join(folder, path)));
}

export async function finishRun(run: Run): Promise<void> {
  await writeRun({ ...run, finished: true });
}

/** The number of jobs that a run consists of. */
export function countJobs({ files, parts }: Run): number {
  return files.length + parts.length + 4;
}

export function jobIds({ files, parts, report, unreliable, reminder, heavy }: Run): string[] {
  return [...files.map(({ id }) => id), ...parts.map(({ id }) => id), report, unreliable, reminder, heavy];
}

async function beginRun(folder = process.cwd(), last: Run | undefined): Promise<Run> {
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const paths = isFolder ? await listFiles(folder) : [];
  if (paths.length === 0) throw new UsageError(`There are no files in ${folder}.`);
  if (last !== undefined && !isAlive(last.pid)) await rm(HOME, { recursive: true, force: true });
  await mkdir(HOME, { recursive: true });
  const run = newRun(folder, paths);
  await writeRun(run);
  return run;
}

/** All that a run is, before anything of it is stored. */
export function newRun(folder: string, paths: readonly string[]): Run {
  const files = paths.map((path) => ({ path, id: randomUUID() }));
  const parts = [];
  for (let at = 0; at < files.length; at += PART) {
    parts.push({ id: randomUUID(), files: files.slice(at, at + PART).map(({ id }) => id) });
  }
  const report = randomUUID();
  const others = { unreliable: randomUUID(), reminder: randomUUID(), heavy: randomUUID() };
  const database = join(HOME, `jobs-${report.slice(0, 8)}.db`);
  return { folder, database, files, parts, report, ...others, finished: false, pid: process.pid };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function readRun(): Promise<Run | undefined> {
  const file = join(HOME, "run.json");
  if (!existsSync(file)) return undefined;
  return JSON.parse(await readFile(file, "utf8"));
}

/** By renaming, so that a process that dies here leaves the old one or the new one, never half of one. */
async function writeRun(run: Run): Promise<void> {
  const draft = join(HOME, `run.json.${process.pid}.draft`);
  await writeFile(draft, JSON.stringify(run));
  await rename(draft, join(HOME, "run.json"));
}
