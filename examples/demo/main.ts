import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BackgroundJobClient, BackgroundJobServer } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import { findDifferences } from "./check.ts";
import { follow } from "./follow.ts";
import { createJobs, type Jobs } from "./jobs.ts";
import { createLogFile } from "./log-file.ts";
import { HELP, type Options, readOptions, UsageError } from "./options.ts";
import { finishRun, HOME, openRun, type Run } from "./run-state.ts";
import { countDone, retryFailed, storeJobs } from "./store-jobs.ts";
import * as words from "./words.ts";

const WORKERS = 20;
/** Long enough to watch a run, and to kill it in the middle. */
const SHOW_MS = 6_000;
const LONGEST_PAUSE_MS = 500;

/** Gives the exit code: 0 when every job has succeeded and, with `--once`, every result is right. */
async function demo(options: Options): Promise<number> {
  const { run, start } = await openRun(options.folder);
  const storage = new SqliteStorage(run.database);
  const jobs = createJobs({ folder: run.folder, home: HOME, pauseMs: pauseOf(run, options) });
  const client = new BackgroundJobClient({ storage, jobs });
  console.log(words.greeting(run, start, await countDone(client, run)));
  await retryFailed(client, run);
  await storeJobs(client, run);

  const server = new BackgroundJobServer({
    storage,
    jobs,
    workerCount: WORKERS,
    retention: { succeeded: "forever" }, // the check reads the history of every job
    logger: createLogFile(join(HOME, "log.txt")), // the terminal belongs to the bar
  });
  const complete = await follow(storage, server, run);
  console.log(complete ? await conclude(run) : words.failed());
  const right = complete && (options.once ? await check(storage, client, run) : await stay(server, run));
  await server.stop();
  await client.close();
  await storage.close();
  return right ? 0 : 1;
}

async function conclude(run: Run): Promise<string> {
  await finishRun(run);
  return `\n${await readFile(join(HOME, "report.txt"), "utf8")}`;
}

async function check(storage: SqliteStorage, client: BackgroundJobClient<Jobs>, run: Run): Promise<boolean> {
  const differences = await findDifferences(storage, client, run);
  console.log(words.verdict(run, differences));
  return differences.length === 0;
}

async function stay(server: BackgroundJobServer<Jobs>, run: Run): Promise<boolean> {
  console.log(words.whatNext(run));
  await server.stopped; // until Ctrl+C
  return true;
}

function pauseOf({ files }: Run, { once, slowMs }: Options): number {
  if (slowMs !== undefined) return slowMs;
  return once ? 0 : Math.min(LONGEST_PAUSE_MS, Math.round((SHOW_MS * WORKERS) / files.length));
}

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (!options.help) return await demo(options);
    console.log(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 2;
  }
}

process.exitCode = await main();
