import { statSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { listFiles } from "../../scripts/web/list-files.ts";
import { findChromium } from "./browser.ts";

const WEB = join(import.meta.dirname, "../../web");

/** Builds the page when its sources are newer than what was built. */
export default async function setup(): Promise<void> {
  if (findChromium() === undefined) {
    console.log(
      "The page is not tested: no Chromium was found (apt-get install chromium, or name it in CHROMIUM).",
    );
    return;
  }
  const sources = [...listFiles(join(WEB, "src")), join(WEB, "index.html"), join(WEB, "vite.config.ts")];
  if (Math.max(...sources.map(changedAt)) < changedAt(join(WEB, "dist/index.html"))) return;
  await build({ configFile: join(WEB, "vite.config.ts"), logLevel: "warn" });
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
