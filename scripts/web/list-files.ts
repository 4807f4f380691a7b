import { readdirSync } from "node:fs";
import { join } from "node:path";

/** All files below a folder, in an order that is the same everywhere. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
