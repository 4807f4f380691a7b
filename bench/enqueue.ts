/** Enqueue: one caller that awaits each call, 50 that await at the same time, and `enqueueMany`. */
import { BackgroundJobClient, type Storage } from "firelater";
import type { Benchmark, Contender, Figures, Group, Params } from "./harness/benchmark.ts";
import { enqueueNoops, noopJobs } from "./harness/jobs.ts";
import { Meter } from "./harness/meter.ts";
import { inOwnProcess } from "./harness/own-process.ts";
import { makeScratch } from "./harness/scratch.ts";
import { type StorageKind, storageKind } from "./harness/storages.ts";

/** How calls come: their number by default, and how many share a transaction where a loop by hand makes them. */
const WAYS = {
  serial: { jobs: 5_000, batch: 1 },
  "50-way": { jobs: 100_000, batch: 50 },
  bulk: { jobs: 200_000, batch: 500 },
} as const;

export type Way = keyof typeof WAYS;

/** Before what counts, a tenth of it is done to warm up. */
const WARM_UP_PART = 0.1;

export interface EnqueueSample {
  readonly way: Way;
  readonly storage: string;
  readonly jobs: number;
  readonly floor?: boolean;
}

export const enqueue: Benchmark = {
  name: "enqueue",
  about: "storing no-op jobs: serial awaited, 50 concurrent awaited, bulk",
  groups: (params) => Object.entries(WAYS).map(([way, { jobs }]) => wayGroup(way as Way, jobs, params)),
};

export async function sample({ way, storage, jobs, floor }: EnqueueSample): Promise<Figures> {
  using scratch = makeScratch();
  const kind = storageKind(storage);
  return floor ? storeByHand(scratch.folder, kind, way, jobs) : storeIn(scratch.folder, kind, way, jobs);
}

/** Stores jobs beside whatever the folder holds already. */
export async function storeIn(folder: string, kind: StorageKind, way: Way, jobs: number): Promise<Figures> {
  const warmUp = Math.ceil(jobs * WARM_UP_PART);
  const meter = new Meter(kind.probe?.());
  await using storage = await kind.open(folder);
  await storage.ready;
  const before = (await storage.counts()).Enqueued;
  await store(storage, way, warmUp);
  meter.start();
  await store(storage, way, jobs);
  const figures = meter.stop(jobs);
  const stored = (await storage.counts()).Enqueued - before;
  if (stored !== warmUp + jobs) throw new Error(`${stored} jobs are stored, not ${warmUp + jobs}`);
  return figures;
}

async function store(storage: Storage, way: Way, jobs: number): Promise<void> {
  if (way === "bulk") return enqueueNoops(storage, jobs);
  await using client = new BackgroundJobClient({ storage, jobs: noopJobs });
  const callers = WAYS[way].batch;
  for (let at = 0; at < jobs; at += callers) {
    const calls = Array.from({ length: Math.min(callers, jobs - at) }, () => client.enqueue((j) => j.noop()));
    await Promise.all(calls);
  }
}

async function storeByHand(folder: string, kind: StorageKind, way: Way, jobs: number): Promise<Figures> {
  const meter = new Meter(kind.probe?.());
  const floor = await kind.floor?.(folder);
  if (floor === undefined) throw new Error("this storage has no floor");
  await floor.insert(Math.ceil(jobs * WARM_UP_PART), WAYS[way].batch);
  meter.start();
  await floor.insert(jobs, WAYS[way].batch);
  const figures = meter.stop(jobs);
  await floor.close();
  return figures;
}

function wayGroup(way: Way, usual: number, params: Params): Group {
  const { storage } = params;
  const jobs = Math.min(params.jobs ?? usual, usual);
  const take = (floor: boolean) => inOwnProcess<Figures>(import.meta.url, { way, storage, jobs, floor });
  const ours: Contender = { name: "firelater", take: () => take(false) };
  const name = `${way} on ${storage}`;
  if (storageKind(storage).floor === undefined) return { name, contenders: [ours] };
  const floor: Contender = { name: "floor", take: () => take(true) };
  const pair = { of: ours.name, over: floor.name };
  const speed = { label: "speed ÷ floor", figure: "jobs/s", ...pair };
  return {
    name,
    contenders: [ours, floor],
    ratios: [
      way === "bulk" ? { ...speed, atLeast: 0.5 } : speed,
      { label: "CPU ÷ floor", figure: "CPU µs/job", ...pair },
    ],
  };
}
