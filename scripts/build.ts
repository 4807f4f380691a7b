/**
 * Builds `dist` from `src`: JavaScript and declarations by the compiler, other files that the sources read copied
 * beside them. Ends with an error when something that package.json promises was not built.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { dropMaps } from "./build/drop-maps.ts";
import { missingTargets } from "./build/targets.ts";
import { report } from "./problem.ts";
import { ROOT, readTree } from "./source-tree.ts";

/** What sources read at run time beside their own code. */
const ASSETS = [".sql", ".lua"];

if (import.meta.main) {
  rmSync(join(ROOT, "dist"), { recursive: true, force: true });
  compile();
  copyAssets();
  dropPageMaps();
  const packageJson = readFileSync(join(ROOT, "package.json"), "utf8");
  const missing = missingTargets(packageJson, (path) => existsSync(join(ROOT, path)));
  report(missing, `dist: ${readTree(ROOT, ["dist"], [".js"]).size} modules, every export is there`);
}

function compile(): void {
  const compiler = join(ROOT, "node_modules/typescript/lib/tsc.js");
  const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: ROOT,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** Fails when the page was not built: a package without it would serve an apology. */
function dropPageMaps(): void {
  const page = join(ROOT, "dist/dashboard/assets");
  if (!existsSync(page)) {
    console.error("dist has no page of the dashboard: run npm run build:web first.");
    process.exit(1);
  }
  dropMaps(page);
}

function copyAssets(): void {
  for (const path of readTree(ROOT, ["src"], ASSETS).keys()) {
    const copy = join(ROOT, path.replace(/^src\//, "dist/"));
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(join(ROOT, path), copy);
  }
}
