import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where files go: the disk under it decides what an fsync costs. `--folder` sets it for every process of a run. */
export function benchFolder(): string {
  return process.env.FIRELATER_BENCH_FOLDER ?? tmpdir();
}

export interface Scratch extends Disposable {
  readonly folder: string;
}

export function makeScratch(): Scratch {
  const folder = mkdtempSync(join(benchFolder(), "firelater-bench-"));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
