import { monitorEventLoopDelay } from "node:perf_hooks";
import type { JobRun } from "../perform/job-context.ts";

/** What a server tells of itself, every few seconds, for people who look at it. */
export interface ServerVitals {
  /** Milliseconds since the server was made. */
  readonly uptimeMs: number;
  /** Of its process since the last report: 1 is one core, threads included. */
  readonly cpu: number;
  /** Bytes of its process. */
  readonly rss: number;
  readonly heapUsed: number;
  /** How late timers came since the last report, at worst and for 99 of 100, in milliseconds. */
  readonly loopDelay: { readonly p99Ms: number; readonly maxMs: number };
  readonly busy: number;
  readonly slots: number;
  readonly quiet: boolean;
  readonly node: string;
  /** The jobs that have been running longest. */
  readonly runs: readonly { readonly id: string; readonly name: string; readonly forMs: number }[];
}

/** Enough to see what holds a server up; all of them are in the list of Processing jobs. */
const RUNS_SHOWN = 20;
const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;

/** What is measured of the process, from one report to the next. */
export class VitalsMeter {
  readonly #madeAt = performance.now();
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #cpu = process.cpuUsage();
  #at = performance.now();

  start(): void {
    this.#delay.enable();
  }

  stop(): void {
    this.#delay.disable();
  }

  take(server: {
    readonly runs: ReadonlySet<JobRun>;
    readonly slots: number;
    readonly quiet: boolean;
  }): ServerVitals {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.#cpu);
    const cpu = (user + system) / 1_000 / Math.max(now - this.#at, 1);
    this.#cpu = process.cpuUsage();
    this.#at = now;
    const { rss, heapUsed } = process.memoryUsage();
    return {
      uptimeMs: Math.round(now - this.#madeAt),
      cpu: round(cpu),
      ...{ rss, heapUsed },
      loopDelay: this.#takeDelay(),
      busy: server.runs.size,
      slots: server.slots,
      quiet: server.quiet,
      node: process.version,
      runs: longest(server.runs, now),
    };
  }

  /** The histogram counts from timer to timer: its resolution is no delay. */
  #takeDelay(): ServerVitals["loopDelay"] {
    const late = (ns: number) => round(Math.max(ns / NS_PER_MS - RESOLUTION_MS, 0));
    const [p99Ms, maxMs] =
      this.#delay.count === 0 ? [0, 0] : [late(this.#delay.percentile(99)), late(this.#delay.max)];
    this.#delay.reset();
    return { p99Ms, maxMs };
  }
}

function longest(runs: ReadonlySet<JobRun>, now: number): ServerVitals["runs"] {
  return [...runs]
    .filter(({ begunAt }) => begunAt > 0)
    .sort((a, b) => a.begunAt - b.begunAt)
    .slice(0, RUNS_SHOWN)
    .map(({ id, name, begunAt }) => ({ id, name: name.slice(0, 100), forMs: Math.round(now - begunAt) }));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
