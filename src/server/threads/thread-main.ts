/** The entry of a thread that runs jobs. It loads the module of the jobs, says what it can run, and runs what it is given. */
import { parentPort, workerData } from "node:worker_threads";
import { covers } from "../../filters/automatic-retry.ts";
import { FilterChains } from "../../filters/filter-chain.ts";
import { checkFilters } from "../../job/check-filters.ts";
import type { JobFilter } from "../../job/job-filter.ts";
import { type JobSet, registryOf } from "../../job/job-set.ts";
import type { RegisteredJob } from "../../job/registry.ts";
import { type Activate, requireActivate } from "../perform/activator.ts";
import { JobTimeoutError } from "../perform/interruption.ts";
import { ThreadModuleError } from "./thread-errors.ts";
import { markJobThread } from "./thread-mark.ts";
import {
  type Envelope,
  type FromThread,
  problemOf,
  type ThreadJob,
  type ThreadStart,
  type ToThread,
} from "./thread-protocol.ts";
import { ThreadRunner } from "./thread-runner.ts";

const start: ThreadStart = workerData;
const port = parentPort;

function post(message: FromThread): void {
  port?.postMessage({ firelater: message } satisfies Envelope);
}

async function load(): Promise<ThreadRunner> {
  const { jobs, activate, filters } = readModule(await import(start.module));
  const registry = registryOf(jobs);
  requireActivate(registry, activate);
  const chains = new FilterChains(filters);
  const runner = new ThreadRunner({ start, registry, activate, chains, post });
  post({ kind: "ready", jobs: registry.names().map((name) => describe(name, registry.find(name), chains)) });
  return runner;
}

interface JobModule {
  readonly jobs: JobSet;
  readonly activate: Activate | undefined;
  readonly filters: readonly JobFilter[];
}

/** What the module exports, as far as can be told before it is used. */
function readModule(module: Partial<JobModule>): JobModule {
  const { jobs, activate, filters = [] } = module;
  if (jobs === undefined) throw new ThreadModuleError(start.module, "exports no `jobs`");
  if (activate !== undefined && typeof activate !== "function") {
    throw new ThreadModuleError(start.module, "exports an `activate` that is no function");
  }
  checkFilters(filters, "the filters that the module of the jobs exports");
  return { jobs, activate, filters };
}

function describe(name: string, job: RegisteredJob | undefined, chains: FilterChains): ThreadJob {
  if (job === undefined) throw new Error(`no job ${name} is registered`);
  const { retry, timeoutMs } = job.options;
  const { retries, delaysMs, onExhausted } = retry;
  const isRetried = covers(retry, new JobTimeoutError(name, timeoutMs ?? 0));
  const hasFilters = chains.of(job.options) !== undefined;
  return { name, timeoutMs, hasFilters, onTimeout: { isRetried, retries, delaysMs, onExhausted } };
}

async function main(): Promise<void> {
  markJobThread();
  try {
    const runner = await load();
    port?.on("message", (message: ToThread) => runner.hear(message));
  } catch (error) {
    post({ kind: "refused", error: problemOf(error) });
  }
}

void main();
