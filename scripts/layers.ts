/**
 * Checks that imports in `src` point one way, that no files import each other in a circle, and that files stay
 * small and plainly named.
 *
 * The rows below are the whole law. A row may import itself and what it names; the longest matching row decides.
 * Type-only imports count: a type that points up the stack is a dependency all the same.
 */
import { judgeCycles } from "./layers/cycles.ts";
import { judgeImports, type Layer } from "./layers/imports.ts";
import { judgePage } from "./layers/page.ts";
import { judgeFiles } from "./layers/shape.ts";
import { type Problem, report } from "./problem.ts";
import { ROOT, readTree, type SourceTree } from "./source-tree.ts";

const belowStates = ["base", "job", "storage"];
const belowParts = [...belowStates, "states", "filters"];
const belowSlices = [...belowParts, "client", "server"];
const belowCompose = [...belowSlices, "recurring", "operations", "batches", "throttling"];
const belowTools = [...belowCompose, "compose.ts"];
const driver = ["base", "storage", "drivers/shared"];
const driversSeeOnly = "a driver knows the storage contract and its own database, nothing of jobs or servers";

export const LAYERS: readonly Layer[] = [
  { layer: "base", may: [], why: "base knows nothing of jobs" },
  {
    layer: "job",
    may: ["base", "storage"],
    packages: ["superjson"],
    why: "a job is plain data in the words of the contract; who stores it is not its business",
  },
  { layer: "storage", may: ["base"], why: "the contract imports nothing above it" },
  { layer: "drivers/shared", may: ["base", "storage"], why: driversSeeOnly },
  { layer: "drivers/memory", may: driver, why: driversSeeOnly },
  { layer: "drivers/sqlite", may: driver, packages: ["node:sqlite"], why: driversSeeOnly },
  { layer: "drivers/postgres", may: driver, packages: ["pg"], why: driversSeeOnly },
  { layer: "drivers/mysql", may: driver, packages: ["mysql2"], why: driversSeeOnly },
  { layer: "drivers/redis", may: driver, packages: ["ioredis"], why: driversSeeOnly },
  {
    layer: "transactions",
    may: ["base"],
    why: "an adapter knows a library's transaction by its shape: whoever has not installed the library can load it",
  },
  { layer: "states", may: belowStates, why: "decisions are pure: values in, values out" },
  {
    layer: "filters",
    may: [...belowStates, "states"],
    why: "what a filter needs of a client or server is handed to it",
  },
  {
    layer: "opentelemetry",
    may: ["base", "job"],
    packages: ["@opentelemetry/api"],
    why: "an ordinary filter: it stands on what filters are, so that nobody else meets its package",
  },
  { layer: "client", may: belowParts, why: "a client stores jobs; it never runs them" },
  { layer: "server", may: belowParts, why: "a server runs jobs; it does not import the client" },
  { layer: "recurring", may: belowSlices, why: "a slice stands on client and server, not on its neighbours" },
  {
    layer: "operations",
    may: belowSlices,
    why: "a slice stands on client and server, not on its neighbours",
  },
  { layer: "batches", may: belowSlices, why: "a slice stands on client and server, not on its neighbours" },
  {
    layer: "throttling",
    may: belowSlices,
    why: "a slice stands on client and server, not on its neighbours",
  },
  {
    layer: "compose.ts",
    may: belowCompose,
    why: "it wires parts to defaults; storages have entry points of their own",
  },
  { layer: "static", may: belowTools, why: "the short way stands on compose.ts" },
  { layer: "dashboard", may: belowTools, packages: ["hono"], why: "the dashboard stands on compose.ts" },
  {
    layer: "cli",
    may: [...belowTools, "drivers", "dashboard"],
    why: "the command line may start everything",
  },
  { layer: "testing", may: [...belowTools, "drivers/memory"], why: "users' tests run on the memory storage" },
  {
    layer: "testing/contract",
    may: ["base", "storage"],
    why: "shipped to driver authors: the runner is injected",
  },
  {
    layer: "index.ts",
    may: [...belowTools, "static"],
    why: "storages, dashboard and testing have entry points of their own",
  },
];

export const BANNED_NAMES: readonly string[] = ["utils", "types", "helpers", "common"];
export const MOST_LINES = 299;

/** All problems of a tree. Tests are free of the layers, but a circle through a test is a circle. */
export function judge(tree: SourceTree): Problem[] {
  return [
    ...judgeImports(tree, LAYERS),
    ...judgePage(tree),
    ...judgeCycles(tree),
    ...judgeFiles(tree, { mostLines: MOST_LINES, bannedNames: BANNED_NAMES }),
  ];
}

if (import.meta.main) {
  const code = readTree(ROOT, ["src", "scripts", "test", "bench", "examples"]);
  const page = readTree(ROOT, ["web/src", "web/fixture"], [".ts", ".tsx"]);
  const tree = new Map([...code, ...page]);
  report(judge(tree), `${tree.size} files, ${LAYERS.length} layers, no cycle`);
}
