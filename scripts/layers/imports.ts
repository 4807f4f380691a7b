import type { Problem } from "../problem.ts";
import { isTest, type SourceTree } from "../source-tree.ts";
import { findImports, type Import } from "./find-imports.ts";

export interface Layer {
  /** A folder or file of `src`. */
  readonly layer: string;
  /** The other layers it may import. */
  readonly may: readonly string[];
  /** Packages it may import. Node's own modules are open to all, except those that a row claims here. */
  readonly packages?: readonly string[];
  readonly why: string;
}

/** Imports of `src` that cross the layers in the wrong direction, or reach for a package that is not theirs. */
export function judgeImports(tree: SourceTree, layers: readonly Layer[]): Problem[] {
  const sources = [...tree].filter(([path]) => path.startsWith("src/") && !isTest(path));
  return sources.flatMap(([path, text]) => {
    const layer = layerOf(path, layers);
    if (layer === undefined) return [unplaced(path)];
    return findImports(path, text).flatMap((found) => {
      const message = found.target
        ? acrossLayers(found.target, layer, tree, layers)
        : toPackage(found, layer, layers);
      return message ? [{ file: path, line: found.line, ...message }] : [];
    });
  });
}

interface Verdict {
  readonly rule: string;
  readonly message: string;
}

/** What stands in the repo for a file that is generated. */
function declarationOf(target: string): string {
  return target.replace(/\.ts$/, ".d.ts");
}

function acrossLayers(
  target: string,
  from: Layer,
  tree: SourceTree,
  layers: readonly Layer[],
): Verdict | undefined {
  if (!target.startsWith("src/"))
    return { rule: "outside", message: `imports ${target}: src imports only src` };
  if (!tree.has(target) && !tree.has(declarationOf(target)))
    return { rule: "missing", message: `imports ${target}, which does not exist` };
  if (isTest(target))
    return { rule: "test", message: `imports the test ${target}: what is shipped stands without its tests` };
  const to = layerOf(target, layers);
  if (to === undefined || to === from || allows(from, to)) return undefined;
  return { rule: "layer", message: `${from.layer} must not import ${to.layer} (${target}): ${from.why}` };
}

function allows(from: Layer, to: Layer): boolean {
  return from.may.some((open) => to.layer === open || to.layer.startsWith(`${open}/`));
}

function toPackage({ specifier }: Import, from: Layer, layers: readonly Layer[]): Verdict | undefined {
  const name = packageOf(specifier);
  if (name === "firelater")
    return { rule: "self", message: "src imports its own files by their paths, never by the package's name" };
  if (from.packages?.includes(name)) return undefined;
  const claimed = layers.some((layer) => layer.packages?.includes(name));
  if (name.startsWith("node:") && !claimed) return undefined;
  const owners = layers.filter((layer) => layer.packages?.includes(name)).map((layer) => layer.layer);
  const who = owners.length === 0 ? "no layer may" : `only ${owners.join(", ")} may`;
  return { rule: "package", message: `${from.layer} must not import ${name}: ${who}; ${from.why}` };
}

function packageOf(specifier: string): string {
  if (specifier.startsWith("node:")) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function layerOf(path: string, layers: readonly Layer[]): Layer | undefined {
  const place = path.slice("src/".length);
  const matching = layers.filter(({ layer }) => place === layer || place.startsWith(`${layer}/`));
  return matching.sort((a, b) => b.layer.length - a.layer.length)[0];
}

function unplaced(file: string): Problem {
  return {
    file,
    rule: "unplaced",
    message: "belongs to no layer: move it, or give its folder a row in scripts/layers.ts",
  };
}
