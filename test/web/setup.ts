import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { listFiles } from "../../scripts/web/list-files.ts";
import { findChromium } from "./browser.ts";

const ROOT = join(import.meta.dirname, "../..");
const WEB = join(ROOT, "web");

/** Builds the page when its sources are newer than what was built. */
export default function setup(): void {
  if (findChromium() === undefined) {
    console.log(
      "The page is not tested: no Chromium was found (apt-get install chromium, or name it in CHROMIUM).",
    );
    return;
  }
  const sources = [...listFiles(join(WEB, "src")), join(WEB, "index.html"), join(WEB, "vite.config.ts")];
  if (Math.max(...sources.map(changedAt)) < changedAt(join(WEB, "dist/index.html"))) return;
  const { status } = spawnSync(process.execPath, [join(ROOT, "scripts/build-web.ts")], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("The page could not be built: npm run build:web says why.");
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
