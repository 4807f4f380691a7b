/**
 * Runs benchmarks: `npm run bench -- perform --storage sqlite --jobs 200000`. Without names all that need nothing
 * installed are run. What each measures and how to read it: README.md beside this file.
 */
import { compare } from "./compare.ts";
import { cron } from "./cron.ts";
import { dashboard } from "./dashboard.ts";
import { enqueue } from "./enqueue.ts";
import type { Benchmark, Figures } from "./harness/benchmark.ts";
import { describeMachine } from "./harness/machine.ts";
import { readOptions } from "./harness/options.ts";
import { profileInto } from "./harness/own-process.ts";
import { interleave, type Summary, summarize } from "./harness/paired.ts";
import { printMachine, printSummary, writeReport } from "./harness/report.ts";
import { storageKind } from "./harness/storages.ts";
import { history } from "./history.ts";
import { latency } from "./latency.ts";
import { perform } from "./perform.ts";
import { scale } from "./scale.ts";
import { stall } from "./stall.ts";
import { threads } from "./threads.ts";
import { web } from "./web.ts";

const BENCHMARKS: readonly Benchmark[] = [
  enqueue,
  perform,
  latency,
  history,
  scale,
  stall,
  web,
  threads,
  cron,
  dashboard,
  compare,
];

const { names, params, folder, profile } = readOptions(BENCHMARKS);
storageKind(params.storage);
if (folder !== undefined) process.env.FIRELATER_BENCH_FOLDER = folder;
if (profile !== undefined) profileInto(profile);
for (const benchmark of BENCHMARKS.filter(({ name }) => names.includes(name))) {
  try {
    await run(benchmark);
  } finally {
    await benchmark.finish?.();
  }
}

async function run(benchmark: Benchmark): Promise<void> {
  console.log(`\n${benchmark.name}: ${benchmark.about}`);
  const machine = describeMachine();
  printMachine(machine);
  const groups: Summary[] = [];
  const at = new Date().toISOString();
  const { name, about } = benchmark;
  let file = "";
  for (const group of benchmark.groups(params).filter((one) => one.name.includes(params.only))) {
    const summary = summarize(group, await interleave(group, params.pairs, showProgress));
    printSummary(summary);
    groups.push(summary);
    // After each group: who ends a long run early keeps what it has measured.
    file = writeReport({ benchmark: name, about, at, machine, params, groups });
  }
  console.log(`\nEvery run: ${file}`);
}

/** On the error stream, so that the report alone can be kept. */
function showProgress(name: string, figures: Figures): void {
  const [first] = Object.entries(figures);
  console.error(`    ${name}: ${first?.[0]} ${first?.[1].toPrecision(4)}`);
}
