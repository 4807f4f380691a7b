import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { ROOT } from "../source-tree.ts";

export interface Step {
  readonly name: string;
  /** A program of `node_modules/.bin` and its arguments. */
  readonly command: readonly string[];
}

export interface Result {
  readonly step: Step;
  readonly passed: boolean;
  readonly output: string;
}

/** Runs one step in a process of its own and prints its line; its output is shown only when it fails. */
export async function runStep(step: Step): Promise<Result> {
  const started = performance.now();
  const { passed, output } = await run(step.command);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${passed ? "ok  " : "FAIL"} ${step.name.padEnd(10)} ${seconds.padStart(6)} s`);
  // What could not be tested is told whatever the rest has come to.
  if (passed) for (const line of missingIn(output)) console.log(`     ${line}`);
  else console.log(`\n${output.trim()}\n`);
  return { step, passed, output };
}

/** What the set-up of tests has said to be missing on this machine, and how to get it: a line for each. */
export function missingIn(output: string): string[] {
  return output.split("\n").filter((line) => line.startsWith("missing: "));
}

interface Outcome {
  readonly passed: boolean;
  readonly output: string;
}

/** Longer than any step takes on a slow machine; a step that hangs must not hang the whole run. */
const LONGEST_MS = 15 * 60_000;

function run([program = "", ...args]: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: environment(),
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LONGEST_MS,
    });
    let output = "";
    const keep = (chunk: Buffer) => {
      output += chunk;
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", ({ message }) =>
      resolve({ passed: false, output: `${message}: run npm install first` }),
    );
    child.on("close", (code, signal) => {
      resolve({ passed: code === 0, output: signal ? `${output}\nended by ${signal}` : output });
    });
  });
}

/** The pinned Node and tools first, also when this script was not started by npm. */
function environment(): NodeJS.ProcessEnv {
  const path = [join(ROOT, "node_modules", ".bin"), process.env.PATH].join(delimiter);
  return { ...process.env, PATH: path, NO_COLOR: "1", FORCE_COLOR: undefined };
}
