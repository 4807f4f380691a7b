/**
 * Firelater and its peers under the same load, in turns: every one of them goes through `compare/sample.ts`, in a
 * process and a place of its own. What a peer keeps less of (history, fence, durability) is stated and not made up
 * for. The peers are installed by `npm install` in compare/.
 */
import { existsSync } from "node:fs";
import { ENGINES, type Engine, type Loads } from "./compare/contenders.ts";
import type { Load, What } from "./compare/load.ts";
import type { Benchmark, Contender, Figures, Group, Params, Ratio } from "./harness/benchmark.ts";
import { inOwnProcess } from "./harness/own-process.ts";

export const CASES: readonly { readonly title: string; readonly what: What; readonly slots: number }[] = [
  { title: "drain at 20", what: "drain", slots: 20 },
  { title: "drain at 100", what: "drain", slots: 100 },
  { title: "serial", what: "serial", slots: 0 },
  { title: "50-way", what: "50-way", slots: 0 },
  { title: "bulk", what: "bulk", slots: 0 },
  { title: "pick-up idle", what: "idle", slots: 20 },
  { title: "pick-up at 300 a second", what: "steady", slots: 20 },
];
const SAMPLE = new URL("./compare/sample.ts", import.meta.url).href;
/** Compiled code, a grown heap and files in use belong to every long run. */
const WARM_UP_PART = 0.1;
const LEAST_WARM_UP = 20;

export const compare: Benchmark = {
  name: "compare",
  about:
    "Firelater beside its peers on the same engine at the same durability; what each keeps: docs/benchmarks.md",
  groups(params) {
    if (!existsSync(new URL("./compare/node_modules", import.meta.url))) {
      throw new Error("The peers are not installed: run npm install in bench/compare.");
    }
    return ENGINES.flatMap((engine) => CASES.map((one) => groupOf(engine, one, params)));
  },
};

function groupOf(engine: Engine, { title, what, slots }: (typeof CASES)[number], params: Params): Group {
  const { durability } = engine;
  const contenders = engine.contenders.filter(({ jobs }) => jobs[what] !== undefined);
  return {
    name: nameOf(engine.engine, title, durability),
    contenders: contenders.map(({ name, module, variant, jobs }): Contender => {
      const load = loadOf(what, jobs, slots, params);
      const sample = { module, variant, engine: engine.engine, durability, ...load };
      return { name, take: () => inOwnProcess<Figures>(SAMPLE, sample) };
    }),
    ratios: ratiosOf(engine, what),
    warmUpRound: false,
  };
}

export function nameOf(engine: string, title: string, durability: string | undefined): string {
  return `${engine} ${title}${durability === undefined ? "" : `, ${durability}`}`;
}

function loadOf(what: What, loads: Loads, slots: number, params: Params): Load {
  const usual = loads[what] ?? 0;
  const jobs = Math.min(params.jobs ?? usual, usual);
  return { what, jobs, slots, warmUp: Math.max(Math.ceil(jobs * WARM_UP_PART), LEAST_WARM_UP) };
}

function ratiosOf({ contenders: [first, ...others], bars }: Engine, what: What): Ratio[] {
  if (first === undefined) return [];
  const figures = what === "idle" || what === "steady" ? ["p50 ms", "p99 ms"] : ["jobs/s", "CPU µs/job"];
  return others
    .filter(({ jobs }) => jobs[what] !== undefined)
    .flatMap(({ name: over }) =>
      figures.map((figure) => {
        const bar = bars.find((one) => one.over === over && one.what.includes(what));
        const { atLeast, atMost } = figure === "CPU µs/job" ? {} : (bar ?? {});
        return {
          label: `${figure} ÷ ${over}`,
          figure,
          of: first.name,
          over,
          ...(atLeast === undefined ? {} : { atLeast }),
          ...(atMost === undefined ? {} : { atMost }),
        };
      }),
    );
}
