import { statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../source-tree.ts";
import { listFiles } from "./list-files.ts";

const WEB = join(ROOT, "web");
/** What Vite has made, and what is served of it: the second is written last. */
const BUILT = [join(WEB, "dist/index.html"), join(ROOT, "src/dashboard/assets.ts")];

/** Whether the page is not built, or its sources have changed since. */
export function isPageOld(): boolean {
  const sources = [...listFiles(join(WEB, "src")), join(WEB, "index.html"), join(WEB, "vite.config.ts")];
  return Math.max(...sources.map(changedAt)) >= Math.min(...BUILT.map(changedAt));
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
