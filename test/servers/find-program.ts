import { accessSync, constants, globSync } from "node:fs";
import { join } from "node:path";

/** The first of these programs that is installed: on the PATH, or where Debian puts what it keeps off the PATH. */
export function findProgram(names: readonly string[], patterns: readonly string[] = []): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/usr/local/sbin"];
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...candidates, ...patterns.flatMap((pattern) => globSync(pattern).sort().reverse())].find(
    isProgram,
  );
}

/** Whether this is a file that may be run. */
export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
