import type { Figures } from "./benchmark.ts";
import { quantile } from "./paired.ts";

/** Between two jobs: an idle server is asleep by then, and no rhythm of a poll is met again and again. */
export const SPACING = { idleMs: 7, steadyPerSecond: 300 } as const;

/** Milliseconds of the machine's own steady clock: the same in every process. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function latencyFigures(times: readonly number[]): Figures {
  const sorted = times.toSorted((a, b) => a - b);
  return {
    "p50 ms": quantile(sorted, 0.5),
    "p90 ms": quantile(sorted, 0.9),
    "p99 ms": quantile(sorted, 0.99),
    "max ms": sorted.at(-1) ?? Number.NaN,
  };
}
