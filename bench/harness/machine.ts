import { execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { quantile } from "./paired.ts";
import { benchFolder } from "./scratch.ts";

const FSYNCS = 300;
const PAGE_BYTES = 4096;

/** Where a figure comes from: without it no two figures can be compared. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly system: string;
  readonly node: string;
  readonly sqlite: string | undefined;
  /** One appended page and its fdatasync, on the disk that the benchmarks use. */
  readonly fsyncMs: { readonly p50: number; readonly p99: number };
  /** Of the last minute, before the run: what else was going on. */
  readonly load: number;
  readonly commit: string;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    sqlite: process.versions.sqlite,
    fsyncMs: measureFsync(),
    load: loadavg()[0] ?? 0,
    commit: gitCommit(),
  };
}

function measureFsync(): Machine["fsyncMs"] {
  const file = join(benchFolder(), `firelater-fsync-${process.pid}`);
  const page = Buffer.alloc(PAGE_BYTES, 1);
  const handle = openSync(file, "w");
  const times: number[] = [];
  try {
    for (let i = 0; i < FSYNCS; i++) {
      const from = performance.now();
      writeSync(handle, page);
      fdatasyncSync(handle);
      times.push(performance.now() - from);
    }
  } finally {
    closeSync(handle);
    rmSync(file);
  }
  times.sort((a, b) => a - b);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

function gitCommit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
    return (
      git("rev-parse", "--short=12", "HEAD") +
      (git("status", "--porcelain", "--", "../../src") === "" ? "" : " + changes in src")
    );
  } catch {
    return "unknown";
  }
}
