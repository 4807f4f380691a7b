/** Drain: how fast stored jobs that do nothing are run and settled, with their whole history. */
import { BackgroundJobServer, type ServerSettings, type Storage } from "firelater";
import type { Benchmark, Contender, Figures, Params, Ratio } from "./harness/benchmark.ts";
import { enqueueNoops, Noop, quiet, requireWholeHistory } from "./harness/jobs.ts";
import { Meter } from "./harness/meter.ts";
import { inOwnProcess } from "./harness/own-process.ts";
import { makeScratch } from "./harness/scratch.ts";
import { type StorageKind, storageKind } from "./harness/storages.ts";
import { Traffic } from "./harness/traffic.ts";

const JOBS = 200_000;
const DEFAULT_BATCH = 100;
/** Runs before the measured ones: compiled code, a grown heap and a WAL in use belong to every long run. */
const WARM_UP = 20_000;

export interface DrainSample {
  readonly kind: "drain" | "floor";
  readonly storage: string;
  readonly jobs: number;
  /** Of the floor: jobs to a transaction. */
  readonly batch?: number;
}

export const perform: Benchmark = {
  name: "perform",
  about: "drain of no-op jobs, from the first run to the last completion stored, whole history kept",
  groups: (params) => [
    {
      name: `drain on ${params.storage}`,
      contenders: drainContenders(params),
      ratios: comparedWithFloor(params.storage),
    },
  ],
};

export async function sample({ kind, storage, jobs, batch = DEFAULT_BATCH }: DrainSample): Promise<Figures> {
  using scratch = makeScratch();
  const opened = storageKind(storage);
  return kind === "drain"
    ? drainIn(scratch.folder, opened, jobs)
    : drainFloor(scratch.folder, opened, jobs, batch);
}

/** Stores the jobs, then drains them in this process; the folder may hold finished jobs already. */
export async function drainIn(
  folder: string,
  kind: StorageKind,
  jobs: number,
  settings: ServerSettings = {},
): Promise<Figures> {
  const probe = kind.probe?.();
  await using storage = await kind.open(folder);
  await storage.ready;
  await enqueueNoops(storage, WARM_UP + jobs);
  const figures = await drain(storage, new Meter(probe), jobs, settings);
  await requireWholeHistory(storage, WARM_UP + jobs);
  return figures;
}

async function drain(
  storage: Storage,
  meter: Meter,
  jobs: number,
  settings: ServerSettings,
): Promise<Figures> {
  const traffic = new Traffic(storage);
  const before = { ...traffic };
  const noop = new Noop(WARM_UP + 1, () => {
    Object.assign(before, traffic);
    meter.start();
  });
  const done = traffic.untilCommitted(WARM_UP + jobs);
  const server = new BackgroundJobServer({ ...settings, storage, jobs: noop.jobs, logger: quiet });
  await done;
  const figures = meter.stop(jobs);
  await server.stop();
  return {
    ...figures,
    "jobs a claim": (traffic.claimed - before.claimed) / (traffic.claims - before.claims),
    "jobs a commit": (traffic.committed - before.committed) / (traffic.commits - before.commits),
  };
}

async function drainFloor(folder: string, kind: StorageKind, jobs: number, batch: number): Promise<Figures> {
  const meter = new Meter(kind.probe?.());
  const floor = await kind.floor?.(folder);
  if (floor === undefined) throw new Error("this storage has no floor");
  await floor.insert(WARM_UP + jobs, 500);
  await floor.drain(WARM_UP, batch);
  meter.start();
  const drained = await floor.drain(jobs, batch);
  const figures = meter.stop(jobs);
  await floor.close();
  if (drained !== jobs) throw new Error(`the floor drained ${drained} of ${jobs} jobs`);
  return figures;
}

const OURS = "firelater";
const FLOOR = `floor at ${DEFAULT_BATCH}`;
const FLOOR_ALIKE = "floor at its batch";

function drainContenders({ storage, jobs = JOBS }: Params): Contender[] {
  const take = (more: Pick<DrainSample, "kind" | "batch">) =>
    inOwnProcess<Figures>(import.meta.url, { storage, jobs, ...more });
  const ours = { name: OURS, take: () => take({ kind: "drain" }) };
  if (storageKind(storage).floor === undefined) return [ours];
  return [
    ours,
    { name: FLOOR, take: () => take({ kind: "floor" }) },
    {
      name: FLOOR_ALIKE,
      take: (latest) => {
        const batch = Math.round(latest.get(OURS)?.["jobs a claim"] ?? DEFAULT_BATCH);
        return take({ kind: "floor", batch });
      },
    },
  ];
}

function comparedWithFloor(storage: string): Ratio[] {
  if (storageKind(storage).floor === undefined) return [];
  return [
    { label: "speed ÷ floor at its batch", figure: "jobs/s", of: OURS, over: FLOOR_ALIKE, atLeast: 0.5 },
    { label: "speed ÷ floor at 100", figure: "jobs/s", of: OURS, over: FLOOR },
    { label: "CPU ÷ floor at its batch", figure: "CPU µs/job", of: OURS, over: FLOOR_ALIKE },
  ];
}
