import { execFile } from "node:child_process";
import { lstat, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const NOT_OURS = new Set(["node_modules", "dist", ".git", ".demo"]);

/** The files of a folder, by their paths below it: what git tracks, or all of them where git tracks none. */
export async function listFiles(folder: string): Promise<string[]> {
  const tracked = await trackedFiles(folder);
  const paths = tracked.length > 0 ? tracked : await walk(folder);
  return (await keepFiles(folder, paths)).sort();
}

async function trackedFiles(folder: string): Promise<string[]> {
  try {
    const { stdout } = await run("git", ["ls-files", "-z"], {
      cwd: folder,
      maxBuffer: 64 * 1024 * 1024,
    });
    return [...new Set(stdout.split("\0"))].filter((path) => path !== "");
  } catch {
    return []; // no git, or no checkout
  }
}

async function walk(folder: string, below = folder): Promise<string[]> {
  const entries = await readdir(below, { withFileTypes: true });
  const paths = entries
    .filter(({ name }) => !NOT_OURS.has(name))
    .map(async (entry) => {
      const path = join(below, entry.name);
      return entry.isDirectory() ? walk(folder, path) : [relative(folder, path)];
    });
  return (await Promise.all(paths)).flat();
}

/** Git also tracks links and submodules, and files that were deleted and not yet committed. */
async function keepFiles(folder: string, paths: readonly string[]): Promise<string[]> {
  const kept: string[] = [];
  for (const path of paths) {
    const found = await lstat(join(folder, path)).catch(() => undefined);
    if (found?.isFile()) kept.push(path);
  }
  return kept;
}
