import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Params } from "./benchmark.ts";
import type { Machine } from "./machine.ts";
import type { Spread, Summary } from "./paired.ts";

export const RESULTS: string = join(import.meta.dirname, "..", "results");

/** Everything that was measured, every single run included. */
export interface Report {
  readonly benchmark: string;
  readonly about: string;
  readonly at: string;
  readonly machine: Machine;
  readonly params: Params;
  readonly groups: readonly Summary[];
}

export function writeReport(report: Report): string {
  mkdirSync(RESULTS, { recursive: true });
  const file = `${report.at.slice(0, 19).replaceAll(":", "")}-${report.benchmark}.json`;
  writeFileSync(join(RESULTS, file), `${JSON.stringify(report, null, 2)}\n`);
  return join("bench", "results", file);
}

export function printMachine({
  cpu,
  cores,
  memoryGB,
  system,
  node,
  sqlite,
  fsyncMs,
  load,
  commit,
}: Machine): void {
  console.log(
    `${cores} × ${cpu}, ${memoryGB} GB, ${system}, Node ${node}, SQLite ${sqlite}, commit ${commit}`,
  );
  console.log(
    `fdatasync of a page p50 ${round(fsyncMs.p50)} ms, p99 ${round(fsyncMs.p99)} ms; load before the run ${round(load)}`,
  );
}

/** A figure in each row, a contender in each column: the median and, in brackets, the extremes. */
export function printSummary({ group, medians, ratios, bars }: Summary): void {
  const contenders = Object.keys(medians);
  const figures = [...new Set(Object.values(medians).flatMap((one) => Object.keys(one)))];
  const rows = figures.map((figure) => [figure, ...contenders.map((one) => cell(medians[one]?.[figure]))]);
  console.log(`\n${group}`);
  printTable([["", ...contenders], ...rows]);
  for (const { label, bar, met, ...spread } of ratios) {
    console.log(
      `  ${label}: ${cell(spread)}${bar === "" ? "" : ` (bar: ${bar}: ${met ? "met" : "MISSED"})`}`,
    );
  }
  for (const { label, value, met } of bars) {
    console.log(`  ${label}: ${round(value)} (${met ? "met" : "MISSED"})`);
  }
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    const [label = "", ...cells] = row;
    const padded = cells.map((text, column) => text.padStart(widths[column + 1] ?? 0));
    console.log(`  ${label.padEnd(widths[0] ?? 0)}  ${padded.join("  ")}`);
  }
}

/** The median and, in brackets, the extremes. */
export function cell(spread: Spread | undefined): string {
  if (spread === undefined) return "";
  const { median, low, high } = spread;
  return low === high ? round(median) : `${round(median)} [${round(low)}–${round(high)}]`;
}

/** Three digits that count; thousands as they are read. */
export function round(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}
