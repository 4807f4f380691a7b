#!/usr/bin/env node
/** The program `firelater`. */
import { run } from "./run.ts";
import { Terminal } from "./terminal.ts";

const terminal = new Terminal({
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
// Not process.exit: what was written may still be on its way.
void run(process.argv.slice(2), terminal).then((code) => {
  process.exitCode = code;
});
