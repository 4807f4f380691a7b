/** A web process that also runs the server: what its requests feel, and what the ways to lower that are worth. */
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BackgroundJobClient, BackgroundJobServer, type Storage } from "firelater";
import type { Benchmark, Contender, Figures, Params } from "./harness/benchmark.ts";
import { enqueueNoops, noopJobs, quiet } from "./harness/jobs.ts";
import { loopFigures, monitorLoop } from "./harness/meter.ts";
import { type Host, inOwnProcess, startSample } from "./harness/own-process.ts";
import { SPACING } from "./harness/pick-up.ts";
import { requestFor } from "./harness/requests.ts";
import { Rhythm } from "./harness/rhythm.ts";
import { makeScratch } from "./harness/scratch.ts";
import { storageKind } from "./harness/storages.ts";

/** More than any machine drains in a second: the backlog outlasts the measurement. */
const BACKLOG_PER_SECOND = 60_000;
const WARM_UP_MS = 1_000;

interface Case {
  readonly load: "none" | "steady" | "drain";
  /** Where the server runs: in the web process, or in one of its own. */
  readonly server: "web" | "service";
  readonly workerCount?: number;
}
interface WebSample extends Case {
  readonly storage: string;
  readonly seconds: number;
}
interface Part extends WebSample {
  readonly folder: string;
  readonly role: "web" | "service";
}

const CASES: Readonly<Record<string, Case>> = {
  "no jobs": { load: "none", server: "web" },
  "300/s": { load: "steady", server: "web" },
  "300/s, service process": { load: "steady", server: "service" },
  "full drain": { load: "drain", server: "web" },
  "full drain, 2 workers": { load: "drain", server: "web", workerCount: 2 },
  "full drain, service process": { load: "drain", server: "service" },
};

export const web: Benchmark = {
  name: "web",
  about: "requests of a web process (node:http, 200 a second) that also runs the server",
  groups: (params) => [
    { name: `requests beside jobs on ${params.storage}`, contenders: webContenders(params) },
  ],
};

export async function sample(params: WebSample | Part, host: Host): Promise<Figures> {
  if (!("role" in params)) return measure(params);
  return params.role === "web" ? serveRequests(params, host) : serveJobs(params, host);
}

async function measure(params: WebSample): Promise<Figures> {
  using scratch = makeScratch();
  if (params.load === "drain") await storeBacklog(params, scratch.folder);
  const part = { ...params, folder: scratch.folder };
  const webPart = startSample<Figures>(import.meta.url, { ...part, role: "web" });
  await webPart.ready;
  const service =
    params.server === "service" ? startSample(import.meta.url, { ...part, role: "service" }) : undefined;
  await service?.ready;
  const requests = await requestFor(socketOf(scratch.folder), WARM_UP_MS, params.seconds * 1_000);
  webPart.stop();
  service?.stop();
  await service?.result;
  return { ...requests, ...(await webPart.result) };
}

async function storeBacklog({ storage, seconds }: WebSample, folder: string): Promise<void> {
  await using opened = await storageKind(storage).open(folder);
  await enqueueNoops(opened, BACKLOG_PER_SECOND * (seconds + WARM_UP_MS / 1_000));
}

async function serveRequests(part: Part, host: Host): Promise<Figures> {
  await using storage = await storageKind(part.storage).open(part.folder);
  const requests = createServer((_request, response) => response.end(JSON.stringify({ at: Date.now() })));
  await new Promise<void>((resolve) => requests.listen(socketOf(part.folder), resolve));
  const server = part.server === "web" ? startServer(storage, part) : undefined;
  await server?.started;
  const loop = monitorLoop();
  loop.enable();
  setTimeout(() => loop.reset(), WARM_UP_MS);
  host.ready();
  const before = (await storage.counts()).Succeeded;
  if (part.load === "steady") await enqueueSteadily(storage, host.stopped);
  else await host.stopped;
  loop.disable();
  const { Succeeded, Enqueued } = await storage.counts();
  if (part.load === "drain" && Enqueued === 0) throw new Error("the backlog did not outlast the measurement");
  await server?.stop();
  requests.closeAllConnections();
  requests.close();
  return { ...loopFigures(loop), "jobs/s": (Succeeded - before) / (part.seconds + WARM_UP_MS / 1_000) };
}

async function serveJobs(part: Part, host: Host): Promise<Figures> {
  await using storage = await storageKind(part.storage).open(part.folder);
  await using server = startServer(storage, part);
  await server.started;
  host.ready();
  await host.stopped;
  return {};
}

function startServer(storage: Storage, { workerCount }: Case): BackgroundJobServer<typeof noopJobs> {
  return new BackgroundJobServer({ storage, jobs: noopJobs, logger: quiet, workerCount });
}

async function enqueueSteadily(storage: Storage, stopped: Promise<void>): Promise<void> {
  await using client = new BackgroundJobClient({ storage, jobs: noopJobs });
  const rhythm = new Rhythm(SPACING.steadyPerSecond, () => void client.enqueue((j) => j.noop()));
  await stopped;
  rhythm.stop();
  await delay(100);
}

function socketOf(folder: string): string {
  return join(folder, "web.sock");
}

function webContenders({ storage, seconds }: Params): Contender[] {
  return Object.entries(CASES)
    .filter(([, { server }]) => server === "web" || storage !== "memory")
    .map(([name, one]) => ({
      name,
      take: () => inOwnProcess<Figures>(import.meta.url, { ...one, storage, seconds }),
    }));
}
