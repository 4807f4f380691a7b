/**
 * Builds the dashboard's page: `web/dist` by Vite, then `src/dashboard/assets.ts` with a module for each file. Prints what
 * the first load takes and fails when that is more than it may be.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { build } from "vite";
import { ROOT } from "./source-tree.ts";
import { assetModules, type BuiltFile } from "./web/asset-modules.ts";
import { FIRST_LOAD_BYTES, filesOf, gzippedSize, type Manifest } from "./web/first-load.ts";
import { listFiles } from "./web/list-files.ts";

const DIST = join(ROOT, "web/dist");
const TARGET = join(ROOT, "src/dashboard");
/** What a browser loads before it can show the overview, charts aside: these come into places that wait for them. */
const FIRST = ["index.html", "src/pages/overview/overview-page.tsx"];

// Whoever builds, a test run too: the page is not the one for its developers.
process.env.NODE_ENV = "production";
await build({ configFile: join(ROOT, "web/vite.config.ts"), logLevel: "warn" });
const manifest: Manifest = JSON.parse(readFileSync(join(DIST, ".vite/manifest.json"), "utf8"));
const files = listFiles(DIST)
  .map(
    (path): BuiltFile => ({ path: relative(DIST, path).split(sep).join("/"), content: readFileSync(path) }),
  )
  .filter(({ path }) => path !== "index.html" && !path.startsWith(".vite/"));
writeModules();
reportFirstLoad();

function writeModules(): void {
  rmSync(join(TARGET, "assets"), { recursive: true, force: true });
  for (const [path, source] of assetModules(readFileSync(join(DIST, "index.html"), "utf8"), files)) {
    const place = join(TARGET, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, source);
  }
}

function reportFirstLoad(): void {
  const first = new Set(filesOf(manifest, FIRST));
  const sizes = files.map(({ path, content }) => ({
    path,
    size: gzippedSize(content),
    first: first.has(path),
  }));
  const total = sizes.filter((file) => file.first).reduce((sum, { size }) => sum + size, 0);
  for (const file of sizes.sort((a, b) => Number(b.first) - Number(a.first) || b.size - a.size)) {
    if (file.size > 1_000)
      console.log(`${file.first ? "first" : "later"} ${kilobytes(file.size)}  ${file.path}`);
  }
  console.log(
    `\nFirst load ${kilobytes(total)} gzip, ${kilobytes(FIRST_LOAD_BYTES)} at most; all files ${kilobytes(sizes.reduce((sum, { size }) => sum + size, 0))}`,
  );
  if (total <= FIRST_LOAD_BYTES) return;
  console.error("The first load is too large: load what few need with lazy() or import().");
  process.exitCode = 1;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1).padStart(6)} KB`;
}
