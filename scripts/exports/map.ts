import type { Problem } from "../problem.ts";
import type { SourceTree } from "../source-tree.ts";

export type ExportsMap = Readonly<Record<string, unknown>>;

/** Lets this repo's tests, examples and docs run the sources before a build. First, or it would never be chosen. */
export const PRIVATE_CONDITION = "firelater-source";

const CONDITIONS = [PRIVATE_CONDITION, "types", "default"];

/** A source file of this shape is a public entry point and must be in the map. */
const PUBLIC =
  /^src\/(?:index|opentelemetry\/index|dashboard\/index|testing\/index|testing\/contract\/index|drivers\/(?!shared\/)[^/]+\/index)\.ts$/;

const rule = "exports";
const file = "package.json";

export function readExports(packageJson: string): ExportsMap {
  const parsed: unknown = JSON.parse(packageJson);
  return isRecord(parsed) && isRecord(parsed.exports) ? parsed.exports : {};
}

/** The source files that the map offers. */
export function entryPoints(map: ExportsMap): string[] {
  return Object.values(map).flatMap((target) => {
    const source = isRecord(target) ? target[PRIVATE_CONDITION] : undefined;
    return typeof source === "string" ? [source.replace(/^\.\//, "")] : [];
  });
}

export function judgeMap(map: ExportsMap, sources: SourceTree): Problem[] {
  const offered = new Set(entryPoints(map));
  const missing = [...sources.keys()].filter((path) => PUBLIC.test(path) && !offered.has(path));
  return [
    ...missing.map((path) => ({
      file: path,
      rule,
      message: "is a public entry point, but package.json does not export it",
    })),
    ...Object.entries(map).flatMap(([subpath, target]) => judgeSubpath(subpath, target, sources)),
  ];
}

function judgeSubpath(subpath: string, target: unknown, sources: SourceTree): Problem[] {
  if (subpath === "./package.json") return [];
  const refuse = (message: string): Problem[] => [
    { file, rule, message: `exports["${subpath}"] ${message}` },
  ];
  if (!isRecord(target)) return refuse(`must have the conditions ${CONDITIONS.join(", ")}`);
  if (Object.keys(target).join() !== CONDITIONS.join()) {
    return refuse(
      `has the conditions ${Object.keys(target).join(", ")}: it must be ${CONDITIONS.join(", ")}, in this order`,
    );
  }
  const source = sourcesFor(subpath).find((path) => sources.has(path));
  if (source === undefined) return refuse(`has no source: none of ${sourcesFor(subpath).join(", ")} exists`);
  const built = source.replace(/^src\//, "./dist/").replace(/\.ts$/, "");
  const expected = [`./${source}`, `${built}.d.ts`, `${built}.js`];
  return CONDITIONS.flatMap((condition, index) =>
    target[condition] === expected[index] ? [] : refuse(`.${condition} must be "${expected[index]}"`),
  );
}

/** `firelater/sqlite` is a driver's folder, `firelater/testing` a folder of its own, `firelater/knex` an adapter's file. */
function sourcesFor(subpath: string): string[] {
  if (subpath === ".") return ["src/index.ts"];
  const name = subpath.replace(/^\.\//, "");
  return [`src/drivers/${name}/index.ts`, `src/${name}/index.ts`, `src/transactions/${name}.ts`];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
