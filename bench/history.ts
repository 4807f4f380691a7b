/** What a million finished jobs in the store cost those that come after them: CPU of enqueue and drain. */
import { closeSync, cpSync, fsyncSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type EnqueueSample, storeIn } from "./enqueue.ts";
import type { Benchmark, Figures, Group, Params } from "./harness/benchmark.ts";
import { KEEP_ALL } from "./harness/jobs.ts";
import { inOwnProcess } from "./harness/own-process.ts";
import { makeScratch } from "./harness/scratch.ts";
import { storageKind } from "./harness/storages.ts";
import { drainIn } from "./perform.ts";

const FINISHED = 1_000_000;
const JOBS = { "50-way": 50_000, bulk: 100_000, drain: 100_000 } as const;

interface HistorySample {
  readonly storage: string;
  readonly work: EnqueueSample["way"] | "drain";
  readonly jobs: number;
  readonly finished: number;
}

export const history: Benchmark = {
  name: "history",
  about: "CPU of enqueue and drain beside 1,000,000 finished jobs and beside none; retention off",
  groups(params) {
    if (storageKind(params.storage).seed === undefined) return [];
    return Object.entries(JOBS).map(([work, usual]) => workGroup(work as keyof typeof JOBS, usual, params));
  },
};

export async function sample({ storage, work, jobs, finished }: HistorySample): Promise<Figures> {
  using scratch = makeScratch();
  const kind = storageKind(storage);
  if (finished > 0) copyToDisk(kind.seed?.(finished) ?? "", scratch.folder);
  return work === "drain"
    ? drainIn(scratch.folder, kind, jobs, { retention: KEEP_ALL })
    : storeIn(scratch.folder, kind, work, jobs);
}

/** Not only into the page cache: writing the copy back would else be paid by the measured fsyncs. */
function copyToDisk(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  for (const name of readdirSync(to)) {
    const file = openSync(join(to, name), "r+");
    fsyncSync(file);
    closeSync(file);
  }
}

function workGroup(work: keyof typeof JOBS, usual: number, { storage, jobs = usual }: Params): Group {
  const contender = (name: string, finished: number) => {
    const params: HistorySample = { storage, work, jobs, finished };
    return { name, take: () => inOwnProcess<Figures>(import.meta.url, params) };
  };
  const pair = { of: "1 M finished", over: "empty" };
  return {
    name: `${work} on ${storage}`,
    contenders: [contender(pair.over, 0), contender(pair.of, FINISHED)],
    ratios: [
      { label: "CPU beside 1 M ÷ beside none", figure: "CPU µs/job", ...pair, atMost: 1.1 },
      { label: "speed beside 1 M ÷ beside none", figure: "jobs/s", ...pair },
    ],
  };
}
