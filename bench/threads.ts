/** Threads: what jobs cost there beside the event loop, and what the event loop feels of them. */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { BackgroundJobClient, BackgroundJobServer, type Storage } from "firelater";
import type { Benchmark, Contender, Figures, Group, Params } from "./harness/benchmark.ts";
import { quiet } from "./harness/jobs.ts";
import { Meter } from "./harness/meter.ts";
import { inOwnProcess } from "./harness/own-process.ts";
import { makeScratch } from "./harness/scratch.ts";
import { storageKind } from "./harness/storages.ts";
import { jobs } from "./harness/thread-jobs.ts";
import { Traffic } from "./harness/traffic.ts";

const NOOPS = { count: 60_000, warmUp: 10_000, rounds: 0 } as const;
/** Some 5 ms of a core each. */
const HEAVY = { count: 400, warmUp: 40, rounds: 5_000 } as const;
const HOST_THREADS = 4;

type Work = "no-op" | "CPU-bound";

export type ThreadSample = {
  readonly storage: string;
  /** 0 runs the jobs on the event loop. */
  readonly threads: number;
} & ({ readonly work: Work | "bare" } | { readonly work: "host"; readonly seconds: number });

export const threads: Benchmark = {
  name: "threads",
  about: "jobs in threads beside jobs on the event loop, and the event loop's delay while threads are busy",
  groups: (params) => [
    throughput(params, "no-op", 0.5),
    throughput(params, "CPU-bound", 1.7),
    {
      name: "the same CPU-bound work in bare threads: what the cores of this machine give",
      contenders: [
        contender("one thread", { ...sampleOf(params, 1), work: "bare" }),
        contender("two threads", { ...sampleOf(params, 2), work: "bare" }),
      ],
      ratios: [{ label: "two ÷ one", figure: "jobs/s", of: "two threads", over: "one thread" }],
    },
    {
      name: `event loop of the host, ${HOST_THREADS} CPU-bound jobs at a time in threads`,
      contenders: [
        contender("threads", { ...sampleOf(params, HOST_THREADS), work: "host", seconds: params.seconds }),
      ],
      bars: [{ figure: "loop delay p99 ms", of: "threads", atMost: 20 }],
    },
  ],
};

function throughput(params: Params, work: Work, atLeast: number): Group {
  const ratio = { label: "threads ÷ event loop", figure: "jobs/s", of: "threads: 2", over: "event loop" };
  return {
    name: `${work} jobs`,
    contenders: [
      contender("event loop", { ...sampleOf(params, 0), work }),
      contender("threads: 2", { ...sampleOf(params, 2), work }),
    ],
    ratios: [{ ...ratio, atLeast }],
  };
}

function sampleOf({ storage }: Params, threads: number): { storage: string; threads: number } {
  return { storage, threads };
}

function contender(name: string, params: ThreadSample): Contender {
  return { name, take: () => inOwnProcess<Figures>(import.meta.url, params) };
}

export async function sample(params: ThreadSample): Promise<Figures> {
  if (params.work === "bare") return await measureBare(params.threads);
  using scratch = makeScratch();
  await using storage = await storageKind(params.storage).open(scratch.folder);
  await storage.ready;
  if (params.work === "host") return await measureHost(storage, params.threads, params.seconds);
  const { count, warmUp, rounds } = params.work === "no-op" ? NOOPS : HEAVY;
  await enqueue(storage, warmUp + count, rounds);
  const traffic = new Traffic(storage);
  const warm = traffic.untilCommitted(warmUp);
  const server = serve(storage, params.threads);
  await warm;
  const meter = new Meter();
  const before = traffic.committed;
  meter.start();
  await traffic.untilCommitted(warmUp + count);
  const figures = meter.stop(warmUp + count - before);
  await server.stop();
  return figures;
}

/** A first pass warms up; starting the threads is counted, and costs little beside their work. */
async function measureBare(threads: number): Promise<Figures> {
  await runBare(threads, HEAVY.warmUp);
  const from = performance.now();
  await runBare(threads, HEAVY.count);
  return { "jobs/s": HEAVY.count / ((performance.now() - from) / 1_000) };
}

async function runBare(threads: number, count: number): Promise<void> {
  const module = new URL("./harness/bare-hasher.ts", import.meta.url);
  const workerData = { jobs: count / threads, rounds: HEAVY.rounds };
  const running = Array.from({ length: threads }, () => once(new Worker(module, { workerData }), "exit"));
  await Promise.all(running);
}

/** Never out of work: what the host's timers feel while every thread is busy. */
async function measureHost(storage: Storage, threads: number, seconds: number): Promise<Figures> {
  await enqueue(storage, threads * 20 * seconds, HEAVY.rounds * 20);
  const server = serve(storage, threads);
  await server.started;
  await delay(1_000);
  const meter = new Meter();
  meter.start();
  await delay(seconds * 1_000);
  const { Processing } = await storage.counts();
  const figures = meter.stop(1);
  await server.stop({ timeout: "0s" });
  if (Processing < threads) throw new Error(`${Processing} jobs were running at the end, not ${threads}`);
  return Object.fromEntries(Object.entries(figures).filter(([name]) => name.startsWith("loop delay")));
}

async function enqueue(storage: Storage, count: number, rounds: number): Promise<void> {
  await using client = new BackgroundJobClient({ storage, jobs });
  await client.enqueueMany(function* (j) {
    for (let i = 0; i < count; i++) yield rounds === 0 ? j.noop() : j.chain(rounds);
  });
}

function serve(storage: Storage, threads: number): BackgroundJobServer {
  if (threads === 0) return new BackgroundJobServer({ storage, jobs, logger: quiet });
  const module = new URL("./harness/thread-jobs.ts", import.meta.url);
  return new BackgroundJobServer({ storage, jobs: module, threads, logger: quiet });
}
