import type { Problem } from "../problem.ts";
import type { SourceTree } from "../source-tree.ts";
import { findImports, type Import } from "./find-imports.ts";

type Graph = ReadonlyMap<string, readonly Import[]>;

/** One problem for each circle of files that import each other, told by its shortest way round. */
export function judgeCycles(tree: SourceTree): Problem[] {
  const graph = graphOf(tree);
  const told = new Set<string>();
  const problems: Problem[] = [];
  for (const start of graph.keys()) {
    if (told.has(start)) continue;
    const circle = shortestCircle(graph, start);
    if (circle === undefined) continue;
    for (const { file } of circle) told.add(file);
    problems.push(describe(circle));
  }
  return problems;
}

function graphOf(tree: SourceTree): Graph {
  return new Map([...tree].map(([path, text]) => [path, findImports(path, text)]));
}

interface Step {
  readonly file: string;
  readonly line: number;
}

interface Trail {
  readonly at: string;
  readonly steps: readonly Step[];
}

/** Breadth first, so the first way back to the start is the shortest. */
function shortestCircle(graph: Graph, start: string): readonly Step[] | undefined {
  const queue: Trail[] = [{ at: start, steps: [] }];
  const seen = new Set<string>();
  for (const { at, steps } of queue) {
    for (const { target, line } of graph.get(at) ?? []) {
      const longer = [...steps, { file: at, line }];
      if (target === start) return longer;
      if (target === undefined || seen.has(target)) continue;
      seen.add(target);
      queue.push({ at: target, steps: longer });
    }
  }
  return undefined;
}

function describe(circle: readonly Step[]): Problem {
  const [first] = circle;
  const way = [...circle.map(({ file, line }) => `${file}:${line}`), first?.file].join(" → ");
  return {
    file: first?.file ?? "src",
    line: first?.line,
    rule: "cycle",
    message: `imports itself in a circle: ${way}. Move what both sides need below them.`,
  };
}
