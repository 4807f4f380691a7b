/** Before the tests of the page: finds a browser and says which, and builds the page when its sources are newer. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { isPageOld } from "../../scripts/web/page-age.ts";
import { CHROMIUM_VARIABLE, provideChromium } from "./chromium.ts";

const BUILD = join(import.meta.dirname, "../../scripts/build-web.ts");

export default function setup(): void {
  const { program, note } = provideChromium();
  console.log(note);
  if (program === undefined) {
    // What names no program is not one for the tests either: they are left out.
    delete process.env[CHROMIUM_VARIABLE];
    return;
  }
  process.env[CHROMIUM_VARIABLE] = program;
  if (!isPageOld()) return;
  const { status } = spawnSync(process.execPath, [BUILD], { stdio: "inherit" });
  if (status !== 0) throw new Error("The page could not be built: npm run build:web says why.");
}
