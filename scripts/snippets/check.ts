import { join, relative } from "node:path";
import ts from "typescript-5.9";
import type { Problem } from "../problem.ts";
import { hostWith, optionsOf, toProblem } from "../program.ts";
import { ROOT } from "../source-tree.ts";
import type { SnippetFile } from "./read.ts";

/** A folder that exists in memory only, inside the repo, so that `firelater` resolves to the sources. */
const FOLDER = ".snippets";

/** A snippet may make a name that only the reader will use, and is a module even without an import. */
const LOOSER: ts.CompilerOptions = {
  noUnusedLocals: false,
  noUnusedParameters: false,
  moduleDetection: ts.ModuleDetectionKind.Force,
};

/** What the compiler refuses, at the lines of the documents. */
export function checkSnippets(files: readonly SnippetFile[]): Problem[] {
  const options = { ...optionsOf("tsconfig.json"), ...LOOSER };
  const host = hostWith(options, new Map(files.map((file) => [pathOf(file), file.text])));
  return programsOf(files).flatMap((roots) => {
    const paths = roots.map((file) => join(ROOT, pathOf(file)));
    const program = ts.createProgram(paths, options, host);
    const sources = paths.flatMap((path) => program.getSourceFile(path) ?? []);
    const found = sources.flatMap((source) => [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ]);
    return found.map((diagnostic) => atDocument(toProblem(diagnostic, "snippet")));
  });
}

/**
 * One program for all, except that a document which augments `firelater` (`interface Register`) gets its own: two
 * such documents would contradict each other. The sources are parsed once all the same.
 */
function programsOf(files: readonly SnippetFile[]): SnippetFile[][] {
  const augmenting = new Set(
    files.filter(({ text }) => text.includes("declare module")).map(({ document }) => document),
  );
  const alone = [...augmenting].map((document) => files.filter((file) => file.document === document));
  const together = files.filter(({ document }) => !augmenting.has(document));
  return [together, ...alone].filter((group) => group.length > 0);
}

function pathOf({ document, name }: SnippetFile): string {
  return `${FOLDER}/${document}/${name}`;
}

/** `.snippets/docs/guide/x.md/jobs.ts` at line 40 is line 40 of `docs/guide/x.md`. */
function atDocument(problem: Problem): Problem {
  const [, document] = /^\.snippets\/(.+)\/[^/]+$/.exec(relative(ROOT, join(ROOT, problem.file))) ?? [];
  return { ...problem, file: document ?? problem.file };
}
