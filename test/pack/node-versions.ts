import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "./run.ts";

/** The majors that the packed tarball must run on. */
export const NODE_MAJORS = [22, 24, 26] as const;

const BINARY = "node_modules/node/bin/node";

/**
 * The Node binary of a major, from npm's `node` package; kept in the temporary folder for the next run.
 * The repo's own major is the one that runs this.
 */
export async function nodeOf(major: number): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const kept = join(tmpdir(), `firelater-node-${major}`);
  if (!existsSync(join(kept, BINARY))) await fetchInto(kept, major);
  const version = await must(join(kept, BINARY), ["--version"], kept);
  if (!version.startsWith(`v${major}.`))
    throw new Error(`${kept} holds Node ${version.trim()}, not ${major}: remove it`);
  return join(kept, BINARY);
}

/** Installed beside and then copied, so that a run which is killed half-way leaves nothing that looks finished. */
async function fetchInto(kept: string, major: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "firelater-fetch-"));
  try {
    // From npm 11 on, install scripts run only for packages that are named; the script of `node` fetches the binary.
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ private: true, allowScripts: { node: true } }),
    );
    await must("npm", ["install", "--prefer-offline", `node@${major}`], folder);
    if (!existsSync(join(folder, BINARY))) throw new Error("its install script did not fetch the binary");
    rmSync(kept, { recursive: true, force: true });
    cpSync(folder, kept, { recursive: true, verbatimSymlinks: true });
  } catch (error) {
    throw new Error(`Node ${major} is missing: npm could not install node@${major}`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
