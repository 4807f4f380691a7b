import { posix } from "node:path";
import ts from "typescript-5.9";
import type { Problem } from "../problem.ts";
import { isTest, lineOf, parse, type SourceTree, walk } from "../source-tree.ts";

const CONTRACT = "src/dashboard/api/index.ts";

/** The page knows the server by the types of its API alone: whatever else it imported would be shipped to browsers. */
export function judgePage(tree: SourceTree): Problem[] {
  const sources = [...tree].filter(([path]) => path.startsWith("web/src/") && !isTest(path));
  return sources.flatMap(([path, text]) =>
    [...walk(parse(path, text))].flatMap((node) => {
      const strange = strangeImport(path, node);
      return strange === undefined
        ? []
        : [{ file: path, line: lineOf(node), rule: "page", message: strange }];
    }),
  );
}

function strangeImport(path: string, node: ts.Node): string | undefined {
  if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) return undefined;
  const { text } = node.moduleSpecifier;
  if (!text.startsWith(".")) return undefined;
  const target = posix.join(posix.dirname(path), text);
  if (target.startsWith("web/src/")) return undefined;
  if (target === CONTRACT && node.importClause?.isTypeOnly === true) return undefined;
  return `imports ${target}: the page takes only types, and only from ${CONTRACT}`;
}
