import { dirname, join, relative } from "node:path";
import ts from "typescript-5.9";
import type { Problem } from "./problem.ts";
import { ROOT, type SourceTree } from "./source-tree.ts";

/** The compiler options of a tsconfig file of this repo, for TypeScript 5.9's API (7 has no stable one yet). */
export function optionsOf(configFile: string): ts.CompilerOptions {
  const path = join(ROOT, configFile);
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options;
}

/** Declarations do not change while this process runs; parsing them is most of the time that a program takes. */
const declarations = new Map<string, ts.SourceFile | undefined>();

/** A compiler host that sees some files which exist only in memory, and parses each file once for all its programs. */
export function hostWith(options: ts.CompilerOptions, inMemory: SourceTree): ts.CompilerHost {
  const files = new Map([...inMemory].map(([path, text]) => [join(ROOT, path), text]));
  const folders = new Set([...files.keys()].flatMap(foldersAbove));
  const own = new Map<string, ts.SourceFile | undefined>();
  const disk = ts.createCompilerHost(options, true);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => files.has(path) || disk.fileExists(path),
    readFile: (path) => files.get(path) ?? disk.readFile(path),
    directoryExists: (path) => folders.has(path) || ts.sys.directoryExists(path),
    getSourceFile(path, language) {
      const parsed = path.endsWith(".d.ts") && !files.has(path) ? declarations : own;
      if (!parsed.has(path)) parsed.set(path, read(path, language));
      return parsed.get(path);
    },
  };
  const read = (path: string, language: ts.ScriptTarget | ts.CreateSourceFileOptions) => {
    const text = files.get(path);
    return text === undefined
      ? disk.getSourceFile(path, language)
      : ts.createSourceFile(path, text, language, true);
  };
  return host;
}

/** What the compiler says, as problems of the given rule. */
export function toProblem(diagnostic: ts.Diagnostic, rule: string): Problem {
  const { file, start } = diagnostic;
  const message = `${ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n  ")} (TS${diagnostic.code})`;
  if (file === undefined || start === undefined) return { file: "tsconfig.json", rule, message };
  const line = file.getLineAndCharacterOfPosition(start).line + 1;
  return { file: relative(ROOT, file.fileName), line, rule, message };
}

function foldersAbove(path: string): string[] {
  const folder = dirname(path);
  return folder === ROOT ? [] : [folder, ...foldersAbove(folder)];
}
