import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const COMMENT = /\n\/\/# sourceMappingURL=.*\s*$/;

/** Takes the source maps of a folder away: a map of a text of data is that text once more, and shows nothing. */
export function dropMaps(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.endsWith(".map")) rmSync(path);
    if (name.endsWith(".js")) writeFileSync(path, readFileSync(path, "utf8").replace(COMMENT, "\n"));
  }
}
