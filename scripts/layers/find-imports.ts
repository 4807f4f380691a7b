import { posix } from "node:path";
import ts from "typescript-5.9";
import { lineOf, parse, walk } from "../source-tree.ts";

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** The file of the repo that a relative specifier means; undefined for packages. */
  readonly target: string | undefined;
}

/** Every import of a file, of values and of types: `import`, `export … from`, `import()`, `import("…").Type`, `require`. */
export function findImports(path: string, text: string): Import[] {
  const imports: Import[] = [];
  for (const node of walk(parse(path, text))) {
    const specifier = specifierOf(node);
    if (specifier === undefined) continue;
    const target = specifier.text.startsWith(".")
      ? posix.join(posix.dirname(path), specifier.text)
      : undefined;
    imports.push({ specifier: specifier.text, line: lineOf(specifier), target });
  }
  return imports;
}

function specifierOf(node: ts.Node): ts.StringLiteralLike | undefined {
  const found = candidate(node);
  return found !== undefined && ts.isStringLiteralLike(found) ? found : undefined;
}

function candidate(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isCallExpression(node) && isLoader(node.expression)) return node.arguments[0];
  return undefined;
}

function isLoader(callee: ts.Expression): boolean {
  return (
    callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === "require")
  );
}
