import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BackgroundJobClient, BackgroundJobServer } from "firelater";
import { SqliteStorage } from "firelater/sqlite";
import { compareBeats, findDifferences } from "./check.ts";
import { follow } from "./follow.ts";
import { beat, countBeats } from "./heartbeat.ts";
import { createJobs, type Jobs } from "./jobs.ts";
import { createLogFile } from "./log-file.ts";
import { HELP, type Options, readOptions, UsageError } from "./options.ts";
import { finishRun, HOME, openRun, type Run } from "./run-state.ts";
import { type ShownDashboard, showDashboard } from "./show-dashboard.ts";
import { countDone, retryFailed, storeJobs } from "./store-jobs.ts";
import * as words from "./words.ts";

const WORKERS = 20;
/** How often the recurring job must have fired, once a second, before the check is over. */
const BEATS = 2;
/** `.ts` in the sources, `.js` once it is built. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf("."));
/** Long enough to watch a run, and to kill it in the middle. */
const SHOW_MS = 6_000;
const LONGEST_PAUSE_MS = 500;

/** Gives the exit code: 0 when every job has succeeded and, with `--once`, every result is right. */
async function demo(options: Options): Promise<number> {
  const { run, start } = await openRun(options.folder);
  const storage = new SqliteStorage(run.database);
  const jobs = createJobs({ folder: run.folder, home: HOME, pauseMs: pauseOf(run, options) });
  const client = new BackgroundJobClient({ storage, jobs });
  const logger = createLogFile(join(HOME, "log.txt")); // the terminal belongs to the bar
  const shown = options.once ? undefined : await showDashboard(storage, jobs, logger);
  console.log(words.greeting(run, start, await countDone(client, run), shown?.url));
  await retryFailed(client, run);
  await storeJobs(client, run);

  const server = new BackgroundJobServer({
    storage,
    jobs,
    workerCount: WORKERS,
    retention: { succeeded: "forever" }, // the check reads the history of every job
    logger,
  });
  const heavyServer = new BackgroundJobServer({
    storage,
    jobs: new URL(`./heavy-jobs${EXTENSION}`, import.meta.url),
    threads: 1,
    queues: ["heavy"],
    retention: { succeeded: "forever" },
    logger,
  });
  const complete = await follow(storage, [server, heavyServer], run);
  console.log(complete ? await conclude(run) : words.failed());
  const scene = { storage, jobs, client, server, run, shown };
  const right = complete && (options.once ? await check(scene) : await stay(scene));
  await Promise.all([server.stop(), heavyServer.stop(), shown?.close()]);
  await client.close();
  await storage.close();
  return right ? 0 : 1;
}

async function conclude(run: Run): Promise<string> {
  await finishRun(run);
  return `\n${await readFile(join(HOME, "report.txt"), "utf8")}`;
}

interface Scene {
  readonly storage: SqliteStorage;
  readonly jobs: Jobs;
  readonly client: BackgroundJobClient<Jobs>;
  readonly server: BackgroundJobServer<Jobs>;
  readonly run: Run;
  readonly shown: ShownDashboard | undefined;
}

async function check({ storage, jobs, client, server, run }: Scene): Promise<boolean> {
  const differences = await findDifferences(storage, client, run);
  differences.push(...compareBeats(await countBeats(storage, jobs, server, BEATS), BEATS));
  console.log(words.verdict(run, differences));
  return differences.length === 0;
}

async function stay({ storage, jobs, server, run, shown }: Scene): Promise<boolean> {
  console.log(words.whatNext(run, shown?.url));
  const rest = await beat(storage, jobs, server);
  await server.stopped; // until Ctrl+C
  await rest();
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
