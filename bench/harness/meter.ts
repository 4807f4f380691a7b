import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Figures } from "./benchmark.ts";
import type { Probe } from "./storages.ts";

const RESOLUTION_MS = 1;

/** The declared types name this one only by what makes it. */
export type LoopMonitor = ReturnType<typeof monitorEventLoopDelay>;

export function monitorLoop(): LoopMonitor {
  return monitorEventLoopDelay({ resolution: RESOLUTION_MS });
}

/** What a stretch of work took: time, CPU of the whole process (its threads too), and what its event loop felt. */
export class Meter {
  readonly #probe: Probe | undefined;
  readonly #loop = monitorLoop();
  #from = 0;
  #cpu: NodeJS.CpuUsage = { user: 0, system: 0 };
  #before: Figures = {};

  constructor(probe?: Probe) {
    this.#probe = probe;
  }

  start(): void {
    this.#loop.enable();
    this.#before = this.#probe?.() ?? {};
    this.#cpu = process.cpuUsage();
    this.#from = performance.now();
  }

  stop(jobs: number): Figures {
    const ms = performance.now() - this.#from;
    const { user, system } = process.cpuUsage(this.#cpu);
    const after = this.#probe?.() ?? {};
    this.#loop.disable();
    const perJob = Object.entries(after).map(([name, value]) => [
      name,
      (value - (this.#before[name] ?? 0)) / jobs,
    ]);
    return {
      "jobs/s": (jobs / ms) * 1_000,
      "CPU µs/job": (user + system) / jobs,
      "of it system": system / jobs,
      ...Object.fromEntries(perJob),
      ...loopFigures(this.#loop),
      "RSS MB": process.memoryUsage.rss() / 1e6,
    };
  }
}

/** The monitor's own timer interval is taken off: 0 is an idle loop. */
export function loopFigures(loop: LoopMonitor): Figures {
  const ms = (nanoseconds: number): number => Math.max(nanoseconds / 1e6 - RESOLUTION_MS, 0);
  return {
    "loop delay p50 ms": ms(loop.percentile(50)),
    "loop delay p99 ms": ms(loop.percentile(99)),
    "loop delay max ms": ms(loop.max),
  };
}
