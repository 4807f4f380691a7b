/**
 * Firelater and its peers under the same load, in turns. What a peer keeps less of (history, fence, durability) is
 * stated and not made up for. The peers are installed by `npm install` in compare/.
 */
import { existsSync } from "node:fs";
import type { EnqueueSample, Way } from "./enqueue.ts";
import type { Benchmark, Contender, Figures, Group, Params } from "./harness/benchmark.ts";
import { inOwnProcess } from "./harness/own-process.ts";
import type { LatencySample } from "./latency.ts";
import type { DrainSample } from "./perform.ts";

const OURS = "firelater FULL";
const OURS_NORMAL = "firelater NORMAL";
const PEER = "plainjob NORMAL";
// The driver with which plainjob was the faster one in each of these, on Node 24.
const DRIVER = {
  drain: "node:sqlite",
  bulk: "better-sqlite3",
  "50-way": "node:sqlite",
  latency: "better-sqlite3",
};
/** Ten seconds of work for either; 200,000 jobs would hold the peer for half a minute. */
const DRAIN_JOBS = { ours: 300_000, peer: 80_000 };
const STORE_JOBS = { bulk: 300_000, "50-way": 100_000, serial: 5_000 };
const PEER_WARM_UP = 5_000;
const PEER_LATENCY_JOBS = 150;

export const compare: Benchmark = {
  name: "compare",
  about:
    "plainjob (npm, SQLite) beside Firelater: durability in the name of each; only Firelater keeps history and fences",
  groups(params) {
    if (!existsSync(new URL("./compare/node_modules", import.meta.url))) {
      throw new Error("The peers are not installed: run npm install in bench/compare.");
    }
    return [drainGroup(params), storeGroup("bulk", params), storeGroup("50-way", params), latencyGroup()];
  },
};

function drainGroup({ jobs }: Params): Group {
  return {
    name: "drain",
    contenders: ours((storage) =>
      of<DrainSample>("./perform.ts", { kind: "drain", storage, jobs: jobs ?? DRAIN_JOBS.ours }),
    ).concat(
      peer({ what: "drain", jobs: Math.min(jobs ?? DRAIN_JOBS.peer, DRAIN_JOBS.peer), warmUp: PEER_WARM_UP }),
    ),
    ratios: [
      { label: "FULL ÷ plainjob", figure: "jobs/s", of: OURS, over: PEER, atLeast: 4 },
      { label: "NORMAL ÷ plainjob", figure: "jobs/s", of: OURS_NORMAL, over: PEER },
      { label: "CPU of FULL ÷ plainjob", figure: "CPU µs/job", of: OURS, over: PEER },
    ],
  };
}

function storeGroup(way: Exclude<Way, "serial">, params: Params): Group {
  const jobs = params.jobs ?? STORE_JOBS[way];
  const ratio = { label: "FULL ÷ plainjob", figure: "jobs/s", of: OURS, over: PEER };
  return {
    name: way,
    contenders: ours((storage) => of<EnqueueSample>("./enqueue.ts", { way, storage, jobs })).concat(
      peer({ what: way, jobs, warmUp: Math.ceil(jobs / 10) }),
    ),
    ratios: [
      way === "50-way" ? { ...ratio, atLeast: 1.5 } : ratio,
      { label: "NORMAL ÷ plainjob", figure: "jobs/s", of: OURS_NORMAL, over: PEER },
      { label: "CPU of FULL ÷ plainjob", figure: "CPU µs/job", of: OURS, over: PEER },
    ],
  };
}

function latencyGroup(): Group {
  const sent = { what: "latency", jobs: PEER_LATENCY_JOBS, warmUp: 0 };
  return {
    name: "pick-up in one process, idle",
    contenders: ours((storage) =>
      of<LatencySample>("./latency.ts", { storage, load: "idle", processes: 1 }),
    ).concat(peer(sent), peer({ ...sent, pollMs: 1 }, "plainjob polling every 1 ms")),
  };
}

function ours(take: (storage: string) => () => Promise<Figures>): Contender[] {
  return [
    { name: OURS, take: take("sqlite") },
    { name: OURS_NORMAL, take: take("sqlite-normal") },
  ];
}

function peer(
  params: { readonly what: string; readonly jobs: number; readonly warmUp: number; readonly pollMs?: number },
  name = PEER,
): Contender {
  const driver = DRIVER[params.what as keyof typeof DRIVER];
  return { name, take: of("./compare/plainjob.js", { ...params, driver }) };
}

function of<P extends object>(module: string, params: P): () => Promise<Figures> {
  return () => inOwnProcess<Figures>(new URL(module, import.meta.url).href, params);
}
