import type { Problem } from "../problem.ts";

/** The files that package.json names in `exports` and `bin` and that are not there. */
export function missingTargets(packageJson: string, exists: (path: string) => boolean): Problem[] {
  const parsed: unknown = JSON.parse(packageJson);
  const promised = ["exports", "bin"].flatMap((field) => texts(member(parsed, field)));
  const missing = [...new Set(promised)].filter((path) => !exists(path));
  return missing.map((path) => ({
    file: "package.json",
    rule: "build",
    message: `names ${path}, which was not built`,
  }));
}

function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [];
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
