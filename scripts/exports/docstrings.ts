import { join, relative } from "node:path";
import ts from "typescript-5.9";
import type { Problem } from "../problem.ts";
import { hostWith, optionsOf } from "../program.ts";
import { lineOf, ROOT, type SourceTree } from "../source-tree.ts";

/** Names that an entry point offers without saying what they are, or that the build strips as internal. */
export function judgeDocstrings(entryPoints: readonly string[], inMemory: SourceTree = new Map()): Problem[] {
  const options = optionsOf("tsconfig.json");
  const roots = entryPoints.map((path) => join(ROOT, path));
  const program = ts.createProgram(roots, options, hostWith(options, inMemory));
  const checker = program.getTypeChecker();
  const told = new Set<ts.Symbol>();
  return roots.flatMap((root) => {
    const file = program.getSourceFile(root);
    const module = file && checker.getSymbolAtLocation(file);
    const offered = module === undefined ? [] : checker.getExportsOfModule(module);
    return offered.flatMap((name) => {
      const symbol = name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name;
      if (told.has(symbol)) return [];
      told.add(symbol);
      const message = complaint(symbol, checker);
      return message ? [at(symbol, `${name.name}, exported by ${relative(ROOT, root)}, ${message}`)] : [];
    });
  });
}

function complaint(symbol: ts.Symbol, checker: ts.TypeChecker): string | undefined {
  if (symbol.getJsDocTags(checker).some(({ name }) => name === "internal")) {
    return "is @internal: the build strips its type, so no entry point may offer it";
  }
  if (symbol.getDocumentationComment(checker).length > 0) return undefined;
  return "has no docstring: say what it is, its units, default and errors";
}

function at(symbol: ts.Symbol, message: string): Problem {
  const declaration = symbol.declarations?.[0];
  if (declaration === undefined) return { file: "src", rule: "docstring", message };
  const file = relative(ROOT, declaration.getSourceFile().fileName);
  return { file, line: lineOf(declaration), rule: "docstring", message };
}
