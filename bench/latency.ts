/** Pick-up: from the call of `enqueue` until the job's first line, idle and under a steady load. */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { BackgroundJobClient, BackgroundJobServer, defineJobs } from "firelater";
import type { Bar, Benchmark, Contender, Figures, Params } from "./harness/benchmark.ts";
import { quiet } from "./harness/jobs.ts";
import { type Host, inOwnProcess, startSample } from "./harness/own-process.ts";
import { latencyFigures, now, SPACING } from "./harness/pick-up.ts";
import { Rhythm } from "./harness/rhythm.ts";
import { makeScratch } from "./harness/scratch.ts";
import { storageKind } from "./harness/storages.ts";

const JOBS = { idle: 500, steady: 3_000 } as const;
const WARM_UP = 100;
/** How long the last jobs are waited for: one that never comes is a fault, a late one is a figure. */
const LAST_MS = 30_000;

export type LatencySample = {
  readonly storage: string;
  readonly load: keyof typeof JOBS;
  readonly processes: 1 | 2;
};
/** The other process: a server on the same folder, which gives the times that it saw. */
interface ServerPart {
  readonly storage: string;
  readonly folder: string;
  readonly expected: number;
}

export const latency: Benchmark = {
  name: "latency",
  about:
    "pick-up from the call of enqueue to the start of the job, every other job waited out, and at 300 jobs/s",
  groups: (params) => [
    {
      name: `pick-up on ${params.storage}`,
      contenders: latencyContenders(params),
      bars: latencyBars(params),
    },
  ],
};

export async function sample(params: LatencySample | ServerPart, host: Host): Promise<Figures | number[]> {
  return "folder" in params ? serve(params, host) : measure(params);
}

async function serve(part: ServerPart, host: Host): Promise<number[]> {
  const times: number[] = [];
  const jobs = defineJobs({ ping: (sentAt: number) => void times.push(now() - sentAt) });
  await using storage = await storageKind(part.storage).open(part.folder);
  await using server = new BackgroundJobServer({ storage, jobs, logger: quiet });
  await server.started;
  host.ready();
  await host.stopped;
  await untilAllCame(times, part.expected);
  return times;
}

async function measure({ storage, load, processes }: LatencySample): Promise<Figures> {
  using scratch = makeScratch();
  return processes === 1
    ? inOneProcess(scratch.folder, storage, load)
    : inTwoProcesses(scratch.folder, storage, load);
}

async function inOneProcess(folder: string, name: string, load: LatencySample["load"]): Promise<Figures> {
  const times: number[] = [];
  const jobs = defineJobs({ ping: (sentAt: number) => void times.push(now() - sentAt) });
  await using storage = await storageKind(name).open(folder);
  await using server = new BackgroundJobServer({ storage, jobs, logger: quiet });
  await server.started;
  await using client = new BackgroundJobClient({ storage, jobs });
  await send(load, () => client.enqueue((j) => j.ping(now())));
  await untilAllCame(times, countOf(load));
  return figures(times, load);
}

async function inTwoProcesses(folder: string, name: string, load: LatencySample["load"]): Promise<Figures> {
  const server = startSample<number[]>(import.meta.url, { storage: name, folder, expected: countOf(load) });
  await server.ready;
  await using storage = await storageKind(name).open(folder);
  await using client = new BackgroundJobClient({ storage, jobs: defineJobs({ ping(_sentAt: number) {} }) });
  await send(load, () => client.enqueue((j) => j.ping(now())));
  server.stop();
  return figures(await server.result, load);
}

async function send(load: LatencySample["load"], ping: () => Promise<unknown>): Promise<void> {
  if (load === "steady") await atSteadyRate(countOf(load), ping);
  else await oneByOne(countOf(load), ping);
}

function countOf(load: LatencySample["load"]): number {
  return WARM_UP + JOBS[load];
}

async function untilAllCame(times: readonly number[], expected: number): Promise<void> {
  for (const until = performance.now() + LAST_MS; performance.now() < until; await delay(10)) {
    if (times.length >= expected) return;
  }
}

async function oneByOne(count: number, ping: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i++) {
    // Uneven gaps: even ones would meet a poll of the same rhythm always at the same moment of it.
    await delay(SPACING.idleMs * (1 + 4 * Math.random()));
    await ping();
  }
}

async function atSteadyRate(count: number, ping: () => Promise<unknown>): Promise<void> {
  const over = new AbortController();
  let sent = 0;
  const rhythm = new Rhythm(SPACING.steadyPerSecond, () => {
    void ping();
    if (++sent === count) over.abort();
  });
  await once(over.signal, "abort");
  rhythm.stop();
}

function figures(times: readonly number[], load: LatencySample["load"]): Figures {
  if (times.length !== countOf(load)) throw new Error(`${times.length} of ${countOf(load)} jobs ran`);
  return latencyFigures(times.slice(WARM_UP));
}

const CASES: readonly (Pick<LatencySample, "load" | "processes"> & {
  name: string;
  p50?: number;
  p99?: number;
})[] = [
  { name: "one process, idle", load: "idle", processes: 1, p50: 1 },
  { name: "one process, 300/s", load: "steady", processes: 1 },
  { name: "two processes, idle", load: "idle", processes: 2, p50: 25, p99: 40 },
  { name: "two processes, 300/s", load: "steady", processes: 2 },
];

function latencyContenders({ storage }: Params): Contender[] {
  return casesOn(storage).map(({ name, load, processes }) => ({
    name,
    take: () => inOwnProcess<Figures>(import.meta.url, { storage, load, processes }),
  }));
}

function latencyBars({ storage }: Params): Bar[] {
  return casesOn(storage).flatMap(({ name, p50, p99 }) => [
    ...(p50 === undefined ? [] : [{ figure: "p50 ms", of: name, atMost: p50 }]),
    ...(p99 === undefined ? [] : [{ figure: "p99 ms", of: name, atMost: p99 }]),
  ]);
}

/** What lives in one process has no second one to be picked up in. */
function casesOn(storage: string): typeof CASES {
  return storage === "memory" ? CASES.filter(({ processes }) => processes === 1) : CASES;
}
