import { createRequire } from "node:module";

let known: string | undefined;

/** Of this package; `unknown` where a bundler has left its `package.json` behind. */
export function packageVersion(): string {
  known ??= readVersion();
  return known;
}

function readVersion(): string {
  try {
    const found: unknown = createRequire(import.meta.url)("firelater/package.json");
    const version: unknown =
      typeof found === "object" && found !== null ? Reflect.get(found, "version") : null;
    return typeof version === "string" ? version : "unknown";
  } catch {
    return "unknown";
  }
}
