/**
 * Before the demo: builds the dashboard's page where it is not built, or not of these sources. A page that cannot be
 * built stops nobody: the dashboard then serves one that says so, and its API.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./source-tree.ts";
import { isPageOld } from "./web/page-age.ts";

if (import.meta.main && isPageOld()) {
  console.log("Building the dashboard's page, which takes a few seconds and is done once.\n");
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, "scripts/build-web.ts")], {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (status !== 0)
    console.error(
      `The page could not be built, npm run build:web says why; the demo runs without it.\n${stderr}`,
    );
}
