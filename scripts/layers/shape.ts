import { posix } from "node:path";
import type { Problem } from "../problem.ts";
import { isTest, type SourceTree } from "../source-tree.ts";

export interface ShapeRules {
  readonly mostLines: number;
  readonly bannedNames: readonly string[];
}

/** Files that are too long to hold one idea, or whose name tells nothing. */
export function judgeFiles(tree: SourceTree, rules: ShapeRules): Problem[] {
  return [...tree].flatMap(([path, text]) => [...judgeLength(path, text, rules), ...judgeName(path, rules)]);
}

function judgeLength(file: string, text: string, { mostLines }: ShapeRules): Problem[] {
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  if (isTest(file) || lines <= mostLines) return [];
  return [
    { file, rule: "length", message: `${lines} lines, ${mostLines} at most: split it, one idea to a file` },
  ];
}

function judgeName(file: string, { bannedNames }: ShapeRules): Problem[] {
  const parts = [...posix.dirname(file).split("/"), posix.basename(file).split(".")[0] ?? ""];
  const banned = parts.find((part) => bannedNames.includes(part));
  if (banned === undefined) return [];
  return [
    { file, rule: "name", message: `"${banned}" is a bucket: name the file for the one thing it holds` },
  ];
}
