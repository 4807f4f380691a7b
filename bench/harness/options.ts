import { parseArgs } from "node:util";
import type { Benchmark, Params } from "./benchmark.ts";

const USAGE = `npm run bench -- [names] [options]

  --storage <kind>     sqlite (default), sqlite-normal, memory, postgres, mysql, redis
  --jobs <count>       jobs of a run (default: what each benchmark needs)
  --pairs <count>      interleaved rounds that count (default 7)
  --seconds <count>    for what runs for a time (default 10)
  --only <text>        the groups whose names contain it
  --folder <folder>    whose disk is used (default: the system's temporary folder)
  --profile <folder>   a CPU profile of every process
  --help               this text
`;

export interface Options {
  readonly names: readonly string[];
  readonly params: Params;
  readonly folder: string | undefined;
  readonly profile: string | undefined;
}

/** The command line. Ends the process after `--help`, and with 2 when it cannot be understood. */
export function readOptions(benchmarks: readonly Benchmark[]): Options {
  const { values, positionals } = parse();
  if (values.help) {
    console.log(`${USAGE}\n${listOf(benchmarks)}`);
    process.exit(0);
  }
  const params: Params = {
    storage: values.storage,
    jobs: values.jobs === undefined ? undefined : toCount(values.jobs, "jobs"),
    pairs: toCount(values.pairs, "pairs"),
    seconds: toCount(values.seconds, "seconds"),
    only: values.only,
  };
  const { folder, profile } = values;
  return { names: pick(benchmarks, positionals), params, folder, profile };
}

function parse() {
  try {
    return parseArgs({
      options: {
        storage: { type: "string", default: "sqlite" },
        jobs: { type: "string" },
        pairs: { type: "string", default: "7" },
        seconds: { type: "string", default: "10" },
        only: { type: "string", default: "" },
        folder: { type: "string" },
        profile: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
      allowPositionals: true,
    });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function pick(benchmarks: readonly Benchmark[], asked: readonly string[]): readonly string[] {
  const known = benchmarks.map(({ name }) => name);
  const unknown = asked.filter((name) => !known.includes(name));
  if (unknown.length > 0) refuse(`There is no benchmark ${unknown.join(", ")}.\n\n${listOf(benchmarks)}`);
  return asked.length === 0 ? known : asked;
}

function listOf(benchmarks: readonly Benchmark[]): string {
  return benchmarks.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join("\n");
}

function toCount(text: string, option: string): number {
  const count = Number(text);
  return Number.isInteger(count) && count > 0
    ? count
    : refuse(`--${option} takes a whole number above 0, not ${text}.`);
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
