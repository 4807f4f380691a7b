import { openSync, readSync } from "node:fs";
import { createHistogram } from "node:perf_hooks";
import { DatabaseSync, StatementSync } from "node:sqlite";
import type { Figures } from "./benchmark.ts";

/**
 * Measures how long the database holds the event loop: each call into SQLite, and each stretch from BEGIN to its end,
 * which runs in one go. On a machine with fewer cores than busy processes a stretch also holds the time in which
 * another process had the core; the system tells that time, and it is taken off in figures of its own.
 */
export function measureStretches(): () => Figures {
  const calls = createHistogram();
  const stretches = createHistogram();
  const unpreempted = createHistogram();
  const waitedForCpu = openSchedulerClock();
  let begun: { readonly at: number; readonly waited: number } | undefined;

  const timed = <R>(call: () => R): R => {
    const from = performance.now();
    try {
      return call();
    } finally {
      calls.record(nanoseconds(performance.now() - from));
    }
  };
  const ended = (): void => {
    if (begun === undefined) return;
    const took = performance.now() - begun.at;
    stretches.record(nanoseconds(took));
    unpreempted.record(nanoseconds(took - (waitedForCpu() - begun.waited)));
    begun = undefined;
  };

  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function measured(this: DatabaseSync, sql: string): void {
    if (sql.startsWith("BEGIN")) begun = { at: performance.now(), waited: waitedForCpu() };
    try {
      timed(() => exec.call(this, sql));
    } catch (error) {
      // The lock is somebody else's: nothing has begun, and the writer waits without holding the loop.
      if (sql.startsWith("BEGIN")) begun = undefined;
      throw error;
    }
    if (sql === "COMMIT" || sql === "ROLLBACK") ended();
  };
  for (const name of ["run", "get", "all"] as const) {
    const method: (...values: never[]) => unknown = StatementSync.prototype[name];
    const measured = function (this: StatementSync, ...values: never[]): unknown {
      return timed(() => method.apply(this, values));
    };
    Object.defineProperty(StatementSync.prototype, name, {
      value: measured,
      writable: true,
      configurable: true,
    });
  }

  return () => ({
    "stretch p50 ms": stretches.percentile(50) / 1e6,
    "stretch p99.9 ms": stretches.percentile(99.9) / 1e6,
    "stretch max ms": stretches.max / 1e6,
    "stretch without waits for a core p99.9 ms": unpreempted.percentile(99.9) / 1e6,
    "stretch without waits for a core max ms": unpreempted.max / 1e6,
    "call p99.9 ms": calls.percentile(99.9) / 1e6,
    "call max ms": calls.max / 1e6,
    transactions: stretches.count,
  });
}

/** A histogram takes whole numbers from 1 on. */
function nanoseconds(ms: number): number {
  return Math.max(Math.round(ms * 1e6), 1);
}

/** Milliseconds that this thread was ready to run and had no core. Where the system does not say (not Linux): 0. */
function openSchedulerClock(): () => number {
  const buffer = Buffer.alloc(128);
  let file: number;
  try {
    file = openSync("/proc/self/schedstat", "r");
  } catch {
    return () => 0;
  }
  return () => {
    const text = buffer.toString("latin1", 0, readSync(file, buffer, 0, buffer.length, 0));
    return Number(text.split(" ")[1]) / 1e6;
  };
}
