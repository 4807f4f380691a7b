/**
 * Runs the repo's checks one after another: one line for each, the output of those that fail, and at the end the
 * number of tests. `npm run check` needs no server; `npm test` runs everything. Steps can be picked by name:
 * `npm run check -- types layers`, `npm test -- chaos`.
 */
import { parseArgs } from "node:util";
import { type Result, runStep, type Step } from "./check/run-step.ts";
import { CHECK, SLOW } from "./check/steps.ts";
import { addUp, describeTests } from "./check/test-counts.ts";

const { values, positionals } = parseArgs({
  options: { everything: { type: "boolean" } },
  allowPositionals: true,
});
const all = [...CHECK, ...SLOW];
const steps = positionals.length > 0 ? pick(positionals) : values.everything ? all : CHECK;

const results: Result[] = [];
for (const step of steps) results.push(await runStep(step));

const failed = results.filter(({ passed }) => !passed);
const counts = addUp(results.map(({ output }) => output));
console.log(
  failed.length === 0
    ? "\nAll checks passed."
    : `\nFailed: ${failed.map(({ step }) => step.name).join(", ")}`,
);
if (counts.files.total > 0) console.log(`\n${describeTests(counts)}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function pick(names: readonly string[]): Step[] {
  const unknown = names.filter((name) => !all.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(`There is no step ${unknown.join(", ")}. Steps: ${all.map(({ name }) => name).join(", ")}`);
    process.exit(2);
  }
  return all.filter(({ name }) => names.includes(name));
}
