import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The two compilers that the types are promised for, by the folder of their package. */
export const COMPILERS = [
  { compiler: "TypeScript 5.9", folder: "typescript-5.9", flags: [] },
  // Several checkers would count shared types several times.
  { compiler: "TypeScript 7", folder: "typescript", flags: ["--singleThreaded"] },
] as const;

export type Compiler = (typeof COMPILERS)[number];

export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export interface Compilation {
  /** What it says of the program's own files; errors in our sources are found by `npm run check`. */
  readonly diagnostics: readonly Diagnostic[];
  readonly instantiations: number;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Checks a program as a user would, with the compiler's command line. */
export async function compile({ folder, flags }: Compiler, project: string): Promise<Compilation> {
  const path = `${ROOT}node_modules/${folder}/bin/tsc`;
  const output = await run(path, ["-p", project, "--pretty", "false", "--extendedDiagnostics", ...flags]);
  const instantiations = Number(/^Instantiations:\s+(\d+)/m.exec(output)?.[1]);
  if (Number.isNaN(instantiations))
    throw new Error(`the compiler did not finish:\n${output.slice(0, 2_000)}`);
  const diagnostics = parse(output).filter(({ file }) => file.startsWith("test/typing/"));
  return { diagnostics, instantiations };
}

/** The output, whatever the exit code: errors of types are what the tests are about. */
function run(compiler: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, ...args], { cwd: ROOT, maxBuffer: 1e8 }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

function parse(output: string): Diagnostic[] {
  const found: { file: string; line: number; text: string }[] = [];
  for (const text of output.split("\n")) {
    const [, file, line] = /^([^\s(][^(]*)\((\d+),\d+\): error /.exec(text) ?? [];
    const last = found.at(-1);
    if (file !== undefined) found.push({ file, line: Number(line), text });
    else if (last !== undefined && text.startsWith("  ")) last.text += `\n${text}`;
  }
  return found;
}
