/**
 * Checks what the package offers: the exports map fits the sources, `require` of it can work, and every public name
 * is documented where it is declared.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeDocstrings } from "./exports/docstrings.ts";
import { entryPoints, judgeMap, readExports } from "./exports/map.ts";
import { judgeTopLevelAwait } from "./exports/top-level-await.ts";
import { report } from "./problem.ts";
import { ROOT, readTree } from "./source-tree.ts";

if (import.meta.main) {
  const sources = readTree(ROOT, ["src"]);
  const map = readExports(readFileSync(join(ROOT, "package.json"), "utf8"));
  const doors = entryPoints(map).filter((path) => sources.has(path));
  const problems = [...judgeMap(map, sources), ...judgeTopLevelAwait(sources), ...judgeDocstrings(doors)];
  report(problems, `${Object.keys(map).length} subpaths, no top-level await, every public name documented`);
}
