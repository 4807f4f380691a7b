/** Three processes, each a client and a server, on one file under load: how long the database holds their event loops. */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BackgroundJobClient, BackgroundJobServer, type Storage } from "firelater";
import type { Benchmark, Figures } from "./harness/benchmark.ts";
import { noopJobs, quiet } from "./harness/jobs.ts";
import { loopFigures, monitorLoop } from "./harness/meter.ts";
import { type Host, inOwnProcess, startSample } from "./harness/own-process.ts";
import { quantile } from "./harness/paired.ts";
import { makeScratch } from "./harness/scratch.ts";
import { measureStretches } from "./harness/sqlite-stretches.ts";
import { storageKind } from "./harness/storages.ts";

const PROCESSES = 3;
const CONTROL_EVERY_MS = 20;
const CALLERS = 50;
/** Jobs that wait: enough that no server ever rests, few enough that the file does not grow for the whole run. */
const BACKLOG = 3_000;

interface StallSample {
  readonly storage: string;
  readonly seconds: number;
}
interface Part extends StallSample {
  readonly folder: string;
}

export const stall: Benchmark = {
  name: "stall",
  about:
    "three processes on one file, each enqueueing 50 at a time and draining: the longest stretch in the database",
  groups({ storage, seconds }) {
    if (!storage.startsWith("sqlite")) return [];
    const name = `${PROCESSES} processes`;
    return [
      {
        name: `stretches on ${storage}`,
        contenders: [{ name, take: () => inOwnProcess<Figures>(import.meta.url, { storage, seconds }) }],
        bars: [
          { figure: "stretch without waits for a core max ms", of: name, atMost: 50 },
          { figure: "stretch max ms", of: name, atMost: 50 },
        ],
      },
    ];
  },
};

export async function sample(params: StallSample | Part, host: Host): Promise<Figures> {
  return "folder" in params ? workAsOne(params, host) : workTogether(params);
}

async function workTogether(params: StallSample): Promise<Figures> {
  using scratch = makeScratch();
  const parts = Array.from({ length: PROCESSES }, () =>
    startSample<Figures>(import.meta.url, { ...params, folder: scratch.folder }),
  );
  await Promise.all(parts.map(({ ready }) => ready));
  const disk = await fsyncsDuring(scratch.folder, params.seconds * 1_000);
  for (const part of parts) part.stop();
  return { ...worstOf(await Promise.all(parts.map(({ result }) => result))), ...disk };
}

/** A control: what one page and its fsync took on this disk meanwhile, with no database around them. */
async function fsyncsDuring(folder: string, ms: number): Promise<Figures> {
  const file = openSync(join(folder, "control"), "w");
  const times: number[] = [];
  for (const until = performance.now() + ms; performance.now() < until; await delay(CONTROL_EVERY_MS)) {
    const from = performance.now();
    writeSync(file, Buffer.alloc(4096, 1));
    fdatasyncSync(file);
    times.push(performance.now() - from);
  }
  closeSync(file);
  times.sort((a, b) => a - b);
  return { "fsync beside it p99 ms": quantile(times, 0.99), "fsync beside it max ms": times.at(-1) ?? 0 };
}

async function workAsOne({ storage: name, folder, seconds }: Part, host: Host): Promise<Figures> {
  const figures = measureStretches();
  const loop = monitorLoop();
  await using storage = await storageKind(name).open(folder);
  await using server = new BackgroundJobServer({ storage, jobs: noopJobs, logger: quiet });
  await server.started;
  host.ready();
  loop.enable();
  const enqueued = await enqueueUntil(storage, host.stopped);
  loop.disable();
  return { "enqueued/s": enqueued / seconds, ...figures(), ...loopFigures(loop) };
}

async function enqueueUntil(storage: Storage, stopped: Promise<void>): Promise<number> {
  await using client = new BackgroundJobClient({ storage, jobs: noopJobs });
  let over = false;
  void stopped.then(() => {
    over = true;
  });
  let enqueued = 0;
  while (!over) {
    await Promise.all(Array.from({ length: CALLERS }, () => client.enqueue((j) => j.noop())));
    enqueued += CALLERS;
    while (!over && (await storage.counts()).Enqueued > BACKLOG) await delay(2);
  }
  return enqueued;
}

/** Of the times the longest of the three, of the amounts the sum. */
function worstOf(parts: readonly Figures[]): Figures {
  const names = Object.keys(parts[0] ?? {});
  const values = (name: string): number[] => parts.map((part) => part[name] ?? 0);
  const combined = (name: string): number =>
    name.endsWith("ms") ? Math.max(...values(name)) : values(name).reduce((sum, value) => sum + value, 0);
  return Object.fromEntries(names.map((name) => [name, combined(name)]));
}
