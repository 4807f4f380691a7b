import type { Step } from "./run-step.ts";

const script = (name: string): string[] => ["node", `scripts/${name}.ts`];
const tests = (...projects: string[]): string[] => [
  "vitest",
  "run",
  ...projects.flatMap((name) => ["--project", name]),
];

/** Needs no server and nothing built. */
export const CHECK: readonly Step[] = [
  { name: "format", command: ["biome", "check", "--linter-enabled=false"] },
  { name: "lint", command: ["biome", "lint", "--error-on-warnings"] },
  // By path: the two compilers both offer a program called tsc.
  { name: "types", command: ["node", "node_modules/typescript/lib/tsc.js", "-p", "tsconfig.json"] },
  { name: "types-5.9", command: ["node", "node_modules/typescript-5.9/lib/tsc.js", "-p", "tsconfig.json"] },
  { name: "types-web", command: ["node", "node_modules/typescript/lib/tsc.js", "-p", "web/tsconfig.json"] },
  { name: "layers", command: script("layers") },
  { name: "exports", command: script("exports") },
  { name: "codes", command: script("error-codes") },
  { name: "semantics", command: script("semantics") },
  { name: "snippets", command: script("snippets") },
  { name: "tests", command: tests("unit", "contract", "typing") },
];

/** One step for each, so that a test that measures time or kills processes has the machine to itself. */
export const SLOW: readonly Step[] = [
  { name: "servers", command: tests("servers") },
  { name: "lifecycle", command: tests("lifecycle") },
  { name: "cli", command: tests("cli") },
  { name: "chaos", command: tests("chaos") },
  { name: "demo", command: tests("demo") },
  { name: "pack", command: tests("pack") },
  { name: "web", command: tests("web") },
];
