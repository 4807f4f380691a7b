/**
 * Runs benchmarks: `npm run bench -- perform --storage sqlite --jobs 200000`. Without names all that need nothing
 * installed are run. What each measures and how to read it: README.md beside this file.
 */
import { parseArgs } from "node:util";
import { compare } from "./compare.ts";
import { enqueue } from "./enqueue.ts";
import type { Benchmark, Figures, Params } from "./harness/benchmark.ts";
import { describeMachine } from "./harness/machine.ts";
import { profileInto } from "./harness/own-process.ts";
import { interleave, type Summary, summarize } from "./harness/paired.ts";
import { printMachine, printSummary, writeReport } from "./harness/report.ts";
import { storageKind } from "./harness/storages.ts";
import { history } from "./history.ts";
import { latency } from "./latency.ts";
import { perform } from "./perform.ts";
import { stall } from "./stall.ts";
import { web } from "./web.ts";

const BENCHMARKS: readonly Benchmark[] = [enqueue, perform, latency, history, stall, web, compare];

const { values, positionals } = parseArgs({
  options: {
    storage: { type: "string", default: "sqlite" },
    jobs: { type: "string" },
    pairs: { type: "string", default: "7" },
    seconds: { type: "string", default: "10" },
    only: { type: "string", default: "" },
    folder: { type: "string" },
    profile: { type: "string" },
  },
  allowPositionals: true,
});
const params: Params = {
  storage: values.storage,
  jobs: values.jobs === undefined ? undefined : toCount(values.jobs, "jobs"),
  pairs: toCount(values.pairs, "pairs"),
  seconds: toCount(values.seconds, "seconds"),
  only: values.only,
};
storageKind(params.storage);
if (values.folder !== undefined) process.env.FIRELATER_BENCH_FOLDER = values.folder;
if (values.profile !== undefined) profileInto(values.profile);
for (const benchmark of pick(positionals)) await run(benchmark);

async function run(benchmark: Benchmark): Promise<void> {
  console.log(`\n${benchmark.name}: ${benchmark.about}`);
  const machine = describeMachine();
  printMachine(machine);
  const groups: Summary[] = [];
  for (const group of benchmark.groups(params).filter(({ name }) => name.includes(params.only))) {
    const summary = summarize(group, await interleave(group.contenders, params.pairs, showProgress));
    printSummary(summary);
    groups.push(summary);
  }
  const at = new Date().toISOString();
  const file = writeReport({
    benchmark: benchmark.name,
    about: benchmark.about,
    at,
    machine,
    params,
    groups,
  });
  console.log(`\nEvery run: ${file}`);
}

/** On the error stream, so that the report alone can be kept. */
function showProgress(name: string, figures: Figures): void {
  const [first] = Object.entries(figures);
  console.error(`    ${name}: ${first?.[0]} ${first?.[1].toPrecision(4)}`);
}

function pick(names: readonly string[]): readonly Benchmark[] {
  const unknown = names.filter((name) => !BENCHMARKS.some((one) => one.name === name));
  if (unknown.length > 0) {
    console.error(`There is no benchmark ${unknown.join(", ")}. Known:`);
    for (const { name, about } of BENCHMARKS) console.error(`  ${name}: ${about}`);
    process.exit(2);
  }
  return names.length === 0 ? BENCHMARKS : BENCHMARKS.filter(({ name }) => names.includes(name));
}

function toCount(text: string, option: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  console.error(`--${option} takes a whole number above 0, not ${text}.`);
  process.exit(2);
}
