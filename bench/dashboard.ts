/**
 * The dashboard beside a large store: how long its API takes for what every page asks, what the host's event loop feels
 * meanwhile, and what five people who watch cost a server that drains.
 */
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BackgroundJobServer, type Storage } from "firelater";
import { createDashboard, toNodeHandler } from "firelater/dashboard";
import type { Benchmark, Figures, Group, Params } from "./harness/benchmark.ts";
import { browse, watch } from "./harness/dashboard-visitors.ts";
import { enqueueNoops, KEEP_ALL, noopJobs, quiet } from "./harness/jobs.ts";
import type { LargeStores } from "./harness/large-stores.ts";
import { loopFigures, Meter, monitorLoop } from "./harness/meter.ts";
import { type Host, inOwnProcess, startSample } from "./harness/own-process.ts";
import { makeScratch } from "./harness/scratch.ts";
import { storageKind } from "./harness/storages.ts";

const AMOUNTS = { ready: 0, finished: 1_000_000, scheduled: 0, failed: 100_000 };
const WATCHERS = 5;
/** More than any machine drains in a second: the backlog outlasts the measurement. */
const BACKLOG_PER_SECOND = 80_000;
/** The thread for long reads is started by then: from the sources that costs as much as seconds of looking. */
const WARM_UP_MS = 4_000;

interface Sample {
  readonly storage: string;
  readonly place: string;
  readonly seconds: number;
  readonly watchers: number;
  readonly kind: "browsed" | "watched";
}
interface Part extends Sample {
  readonly role: "host" | "visitors";
  readonly socket: string;
}

const made: { readonly stores: LargeStores; readonly place: string }[] = [];

export const dashboard: Benchmark = {
  name: "dashboard",
  about: "its API with 1,000,000 finished and 100,000 failed jobs, and a server that drains while five watch",
  groups(params) {
    const { large } = storageKind(params.storage);
    return large === undefined ? [] : [browsedGroup(params, large), watchedGroup(params, large)];
  },
  async finish() {
    for (const { stores, place } of made.splice(0)) await stores.remove(place);
  },
};

export async function sample(params: Sample | Part, host: Host): Promise<Figures> {
  if (!("role" in params)) return await measure(params);
  return params.role === "host" ? await serve(params, host) : await visit(params, host);
}

async function measure(params: Sample): Promise<Figures> {
  using scratch = makeScratch();
  const part = { ...params, socket: join(scratch.folder, "dashboard.sock") };
  const host = startSample<Figures>(import.meta.url, { ...part, role: "host" });
  await host.ready;
  const visitors = startSample<Figures>(import.meta.url, { ...part, role: "visitors" });
  await visitors.ready;
  if (params.kind === "browsed") {
    const times = await visitors.result;
    host.stop();
    return { ...times, ...(await host.result) };
  }
  await delay(WARM_UP_MS + params.seconds * 1_000);
  host.stop();
  const figures = await host.result;
  visitors.stop();
  await visitors.result;
  return figures;
}

async function serve(part: Part, host: Host): Promise<Figures> {
  const { large } = storageKind(part.storage);
  if (large === undefined) throw new Error(`${part.storage} has no large stores`);
  await using place = await large.open(part.place);
  const { storage } = place;
  await using shown = createDashboard({ storage, logger: quiet, authorize: () => true });
  const web = createServer(toNodeHandler(shown));
  await new Promise<void>((resolve) => web.listen(part.socket, resolve));
  try {
    return await (part.kind === "browsed" ? beBrowsed(host) : drainWatched(storage, part, host));
  } finally {
    web.closeAllConnections();
    web.close();
  }
}

async function beBrowsed(host: Host): Promise<Figures> {
  const loop = monitorLoop();
  setTimeout(() => loop.enable(), WARM_UP_MS);
  host.ready();
  await host.stopped;
  loop.disable();
  return loopFigures(loop);
}

/** Drains for the time of the measurement, and takes the rest out again, so that every sample finds the same store. */
async function drainWatched(storage: Storage, { seconds }: Part, host: Host): Promise<Figures> {
  await enqueueNoops(storage, BACKLOG_PER_SECOND * (seconds + WARM_UP_MS / 1_000));
  const server = new BackgroundJobServer({ storage, jobs: noopJobs, logger: quiet, retention: KEEP_ALL });
  await server.started;
  const meter = new Meter();
  host.ready();
  await delay(WARM_UP_MS);
  const before = (await storage.counts()).Succeeded;
  meter.start();
  await host.stopped;
  const { Succeeded, Enqueued } = await storage.counts();
  const figures = meter.stop(Succeeded - before);
  if (Enqueued === 0) throw new Error("the backlog did not outlast the measurement");
  while ((await storage.counts()).Enqueued > 0) await delay(50);
  await server.stop();
  return figures;
}

/** `browsed`: one visitor who opens page after page. `watched`: some who keep a page open and let it move. */
async function visit({ socket, kind, watchers, seconds }: Part, host: Host): Promise<Figures> {
  host.ready();
  if (kind === "watched") {
    await watch(socket, watchers, host.stopped);
    return {};
  }
  return await browse(socket, WARM_UP_MS, seconds * 1_000);
}

function browsedGroup(params: Params, stores: LargeStores): Group {
  const { storage, seconds } = params;
  return {
    name: `every page on ${storage}`,
    contenders: [contender(stores, { storage, seconds, kind: "browsed", watchers: 1 }, "browsed")],
    bars: [
      { figure: "slowest route p95 ms", of: "browsed", atMost: 300 },
      { figure: "loop delay p99 ms", of: "browsed", atMost: 50 },
    ],
    warmUpRound: false,
  };
}

function watchedGroup({ storage, seconds }: Params, stores: LargeStores): Group {
  const watched = { storage, seconds, kind: "watched" } as const;
  const pair = { of: "five watch", over: "nobody watches" };
  return {
    name: `a drain that is watched on ${storage}`,
    contenders: [
      contender(stores, { ...watched, watchers: 0 }, pair.over),
      contender(stores, { ...watched, watchers: WATCHERS }, pair.of),
    ],
    ratios: [
      { label: "jobs/s, five watch ÷ nobody watches", figure: "jobs/s", ...pair, atLeast: 0.9 },
      { label: "CPU µs/job of the process", figure: "CPU µs/job", ...pair },
    ],
  };
}

function contender(stores: LargeStores, sample: Omit<Sample, "place">, name: string) {
  return {
    name,
    take: async () =>
      inOwnProcess<Figures>(import.meta.url, { ...sample, place: await placeOf(stores) } satisfies Sample),
  };
}

/** Filled when the first sample asks for it. */
async function placeOf(stores: LargeStores): Promise<string> {
  const known = made.find((one) => one.stores === stores);
  if (known !== undefined) return known.place;
  const place = await stores.make(AMOUNTS);
  made.push({ stores, place });
  return place;
}
