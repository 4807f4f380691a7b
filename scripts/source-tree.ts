import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import ts from "typescript-5.9";

/** Paths relative to the repo with forward slashes, and their texts. The checks take one, so tests can make one up. */
export type SourceTree = ReadonlyMap<string, string>;

export const ROOT: string = join(import.meta.dirname, "..");

/** Every file below the named folders (or the files themselves) that ends in one of the endings. */
export function readTree(
  root: string,
  places: readonly string[],
  endings: readonly string[] = [".ts"],
): SourceTree {
  const paths = places.flatMap((place) => filesBelow(join(root, place)));
  const wanted = paths.filter((path) => endings.some((ending) => path.endsWith(ending)));
  return new Map(wanted.sort().map((path) => [toSlashes(relative(root, path)), readFileSync(path, "utf8")]));
}

export function isTest(path: string): boolean {
  return path.endsWith(".test.ts") || path.startsWith("test/");
}

export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

export function lineOf(node: ts.Node): number {
  const file = node.getSourceFile();
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

/** Every node below this one, the node itself first. */
export function* walk(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* walk(child);
}

function filesBelow(place: string): string[] {
  if (!existsSync(place)) return [];
  if (statSync(place).isFile()) return [place];
  return readdirSync(place, { withFileTypes: true }).flatMap((child) => {
    if (child.name === "node_modules") return [];
    const path = join(place, child.name);
    return child.isDirectory() ? filesBelow(path) : [path];
  });
}

function toSlashes(path: string): string {
  return path.split(sep).join("/");
}
